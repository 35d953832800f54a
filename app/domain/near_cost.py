"""How much dearer a bill must be to reach the next edge of the terms: threshold, deductible, tier.

Plain ratios have no edge: that another yuan is paid at the same rate is no news. Read from the
lines of an assessment, so nothing is computed a second way; whether the edge alters the amount is
for `assess` to say.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.domain.assessment import Assessment, CoverAssessment, Line, Rule
from app.domain.clauses.bills import Bills, Part, TierMode, Tiers, UpperBound
from app.domain.facts import Bill, Facts
from app.domain.figures import Sourced
from app.domain.measures.bases import chosen
from app.domain.money import BP, yuan_zh
from app.domain.terms import Terms

ONE_YUAN = 100
_OUTSIDE = frozenset({"fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt"})
_WITHIN = frozenset({"self_borne", "left", "total", "psn_part_amt", "inscp_scp_amt"})
_ALWAYS = frozenset({"medfee_sumamt", "psn_part_amt", "psn_cash_pay"})
_STATED = {"self_borne": "psn_part_amt", "left": "", "total": ""}  # what a bill must state to rise


@dataclass(frozen=True, slots=True)
class Edge:
    """A bill that is `more_fen` short of an edge, in one of its parts."""

    bill: str
    field: str
    part_zh: str
    more_fen: int
    edge_zh: str


def edges(terms: Terms, facts: Facts, answer: Assessment) -> list[Edge]:
    """Give the edges ahead of the bills of the responding covers, the nearest first."""
    measures = {cover.code: cover.measure for cover in terms.covers}
    found = [
        edge
        for cover in answer.covers
        for measure in [measures[cover.cover]]
        if isinstance(measure, Bills)
        for edge in _of_cover(measure, facts, cover)
    ]
    return sorted(found, key=lambda edge: edge.more_fen)


def dearer(facts: Facts, edge: Edge) -> Facts:
    """Raise a part of a bill, with the sums it belongs to, so that the bill still adds up."""
    return replace(
        facts,
        bills=tuple(
            _raised(bill, edge.field, edge.more_fen) if bill.ref == edge.bill else bill
            for bill in facts.bills
        ),
    )


def _raised(bill: Bill, field: str, more_fen: int) -> Bill:
    touched = _ALWAYS | ({field} if field in _OUTSIDE else {"inscp_scp_amt"})
    amounts = {
        name: fen + more_fen if name in touched else fen for name, fen in bill.amounts.items()
    }
    stated = _STATED.get(field, field)
    if stated and stated not in amounts:
        amounts[stated] = more_fen
    return replace(bill, total_fen=bill.total_fen + more_fen, amounts=amounts)


def _of_cover(measure: Bills, facts: Facts, cover: CoverAssessment) -> Iterator[Edge]:
    bills = {bill.ref for bill in chosen(measure, facts)}
    part = _heaviest(measure.parts)
    if part is None or not bills:
        return
    weight = _weight(part)
    for line in cover.lines:
        for gap, edge_zh in _ahead(measure, line, cover.lines):
            ref = line.about if line.about in bills else min(bills)
            more = -(-gap * BP // weight)  # rounded up: the weighed part must reach the edge
            yield Edge(ref, part.field, part.label_zh, more, edge_zh)


def _heaviest(parts: tuple[Part, ...]) -> Part | None:
    """Give the part that a dearer bill raises most directly; None where all are other payers'."""
    usable = [part for part in parts if part.field in _OUTSIDE | _WITHIN and _weight(part)]
    if not usable:
        return None
    return max(usable, key=_weight)


def _weight(part: Part) -> int:
    """Give a part's weight in basis points; one that depends on the facts is left aside."""
    if part.weight is None:
        return BP
    return part.weight.value if isinstance(part.weight, Sourced) else 0


def _ahead(measure: Bills, line: Line, lines: tuple[Line, ...]) -> Iterator[tuple[int, str]]:
    """Give how far, in fen of the base, the edge of a line is, and the edge in words."""
    inputs, params = dict(line.inputs), dict(line.params)
    if line.rule is Rule.THRESHOLD and line.output_fen == 0:
        reached = bool(params["reached_at"])
        gap = params["threshold_fen"] - inputs["base_fen"] + (0 if reached else 1)
        yield gap, f"达到起付线 {yuan_zh(params['threshold_fen'])}"
    elif line.rule is Rule.DEDUCTIBLE and line.output_fen == 0:
        left = max(0, params["deductible_fen"] - inputs.get("used_fen", 0))
        gap = left - inputs["base_fen"] + ONE_YUAN
        yield gap, f"超过起付额 {yuan_zh(left)}"
    elif line.rule in {Rule.TIER, Rule.SLAB} and "to_fen" in params:
        assert isinstance(measure.pay, Tiers)
        gap = params["to_fen"] - _measured(line, lines, measure.pay) + _inside(measure.pay)
        if gap > 0:
            yield gap, f"进入 {yuan_zh(params['to_fen'])} 以上一档"


def _inside(pay: Tiers) -> int:
    """Give how far beyond its lower bound the next tier is felt: a slab at once or by one fen."""
    if pay.mode is TierMode.MARGINAL:
        return ONE_YUAN
    return 1 if pay.upper is UpperBound.INCLUDED else 0


def _measured(line: Line, lines: tuple[Line, ...], pay: Tiers) -> int:
    """Give the amount that the tiers are looked up by: net, or with what a deductible has eaten."""
    mine = [other for other in lines if other.about == line.about]
    net = sum(
        dict(other.inputs)["base_fen"] for other in mine if other.rule in {Rule.TIER, Rule.SLAB}
    )
    if pay.bounds.value == "net":
        return net
    eaten = sum(
        dict(other.inputs)["base_fen"] - other.output_fen
        for other in mine
        if other.rule is Rule.DEDUCTIBLE
    )
    return net + eaten
