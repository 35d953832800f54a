"""What an assessment leaves open: limits used and left, and what stays with the family."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.assess import limits_of
from app.domain.assessment import Assessment
from app.domain.clauses.bills import Deductible
from app.domain.facts import Facts
from app.domain.limits import DEDUCTIBLE, LimitKey, LimitUnit, Scope, bill_key
from app.domain.terms import Terms


@dataclass(frozen=True, slots=True)
class LimitUse:
    """A counter with its bound, what others hold of it, and what this assessment takes.

    Counted by `unit`. A bill's bound is what was left of it when we first saw it.
    """

    key: LimitKey
    name_zh: str
    unit: LimitUnit
    bound: int
    used: int
    taken: int

    @property
    def left(self) -> int:
        """What is left afterwards, never below zero."""
        return max(0, self.bound - self.used - self.taken)


def limit_uses(
    terms: Terms, facts: Facts, usage: Mapping[LimitKey, int], answer: Assessment
) -> tuple[LimitUse, ...]:
    """Give every counter that the assessment reads, in lock order; `usage` is what others hold."""
    taken = dict(answer.used)
    named = _named(terms)
    found = []
    for key, bound in limits_of(terms, facts):
        name_zh, unit = named.get(key.code, (key.code, LimitUnit.FEN))
        if key.scope is Scope.BILL:
            name_zh = f"单据 {key.code} 余额"
        used = usage.get(key, 0)
        found.append(LimitUse(key, name_zh, unit, bound, used, taken.get(key, 0)))
    return tuple(found)


def name_of(terms: Terms, key: LimitKey) -> str:
    """Name a counter in Chinese as the explanation of a claim does."""
    if key.scope is Scope.BILL:
        return f"单据 {key.code} 余额"
    return _named(terms).get(key.code, (key.code, LimitUnit.FEN))[0]


def _named(terms: Terms) -> dict[str, tuple[str, LimitUnit]]:
    """Give name and unit by the codes that keys bear."""
    named = {limit.code: (limit.name_zh, limit.unit) for limit in terms.limits}
    for cover in terms.covers:
        named[f"{cover.code}.{DEDUCTIBLE}"] = (f"{cover.name_zh}年度起付额", LimitUnit.FEN)
        for step in getattr(cover.measure, "steps", ()):
            if isinstance(step, Deductible) and step.shared:
                named[f"{step.shared}.{DEDUCTIBLE}"] = ("共用年度起付额", LimitUnit.FEN)
        for limit in cover.limits:
            named[f"{cover.code}.{limit.code}"] = (limit.name_zh, limit.unit)
    return named


def left_with_family_fen(facts: Facts, held: Mapping[LimitKey, int]) -> int:
    """Give what of all bills no payer bears, in fen.

    `held` is what the claims of all our policies together hold of each bill's counter. Fixed sums
    are the family's own and lower nothing.
    """
    return sum(max(0, bill.left_fen - held.get(bill_key(bill.ref), 0)) for bill in facts.bills)
