"""Ratios and tiers over named parts of medical bills.

Bases are kept in fen x 10^4 and payables in fen x 10^8, so weights and rates stay exact and there
is one rounding per cover: each payable line is the growth of the rounded running sum.
"""

from dataclasses import dataclass

from app.domain.assessment import ReasonCode, Rule
from app.domain.facts import Bill, Facts
from app.domain.figures import Figure, Sourced, pick
from app.domain.limits import DEDUCTIBLE, Scope, bill_key
from app.domain.measures.sheet import Books, Pairs, Sheet
from app.domain.measures.tiers import Portion, portions
from app.domain.money import BP, half_up, split_fen
from app.domain.terms import (
    Accrual,
    Bills,
    Deductible,
    Nature,
    OtherPayers,
    Part,
    Per,
    Reached,
    ShareCeiling,
    Step,
    Threshold,
    Tiers,
)
from app.domain.words import Level

_EXACT = BP * BP
_OUTSIDE = ("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt")


def chosen(measure: Bills, facts: Facts) -> tuple[Bill, ...]:
    """Give the bills that the measure responds to, sorted by ref: their order never matters."""
    kinds, categories = measure.kinds, measure.categories
    found = [
        bill
        for bill in facts.bills
        if bill.kind in kinds and (not categories or bill.category in categories)
    ]
    return tuple(sorted(found, key=_ref)) if len(found) > 1 else tuple(found)


def _ref(bill: Bill) -> str:
    return bill.ref


def looks_at_ledger(measure: Bills) -> bool:
    """Tell whether the base depends on what other claims of this service hold on the bills."""
    after = measure.other_payers is OtherPayers.BASE_AFTER
    return after or any(part.field == "left" for part in measure.parts)


def part_fen(part: Part, bill: Bill, books: Books) -> int:
    """Give one named part of a bill in fen; a part that the bill does not state is zero.

    Our reading of 自负: psn_part_amt less the parts outside the catalogue and borne first, floor 0.
    """
    match part.field:
        case "self_borne":
            amounts = bill.amounts
            outside = sum([amounts.get(name, 0) for name in _OUTSIDE])
            return max(0, amounts.get("psn_part_amt", 0) - outside)
        case "left":
            return books.left_of(bill)
        case "total":
            return bill.total_fen
    return bill.amounts.get(part.field, 0)


@dataclass(slots=True)
class _Group:
    """Bills that go through the steps together; `value` is the base as it shrinks, x 10^4."""

    bills: tuple[Bill, ...]
    bases: tuple[int, ...]
    whole: int
    value: int

    @property
    def about(self) -> str:
        return self.bills[0].ref if len(self.bills) == 1 else ""

    @property
    def level(self) -> Level | None:
        return self.bills[0].hospital_level if len(self.bills) == 1 else None


def measure_bills(measure: Bills, sheet: Sheet) -> tuple[tuple[str, int], ...]:
    """Work out a cover over bills: gives (bill ref, fen) before caps, and writes the lines."""
    bills = chosen(measure, sheet.facts)
    per_visit = measure.per is Per.VISIT
    groups = [(bill,) for bill in bills] if per_visit else [bills]
    exact = rounded = 0
    pieces: list[tuple[str, int]] = []
    for members in groups:
        group = _base(measure, members, sheet)
        for step in measure.steps:
            _shrink(step, measure, group, sheet)
        before = rounded
        for portion in portions(measure.pay, group.value, group.whole, sheet.facts, group.level):
            exact += portion.value * portion.rate.value
            paid = half_up(exact, _EXACT) - rounded
            rounded += paid
            _write_portion(measure, portion, paid, group, sheet)
        if rounded == before and group.value > 0 and not _rated(measure, group, sheet.facts):
            sheet.not_due(measure.label_zh, group.about)
        pieces += _within_left(group, rounded - before, sheet)
    return tuple(pieces)


def _base(measure: Bills, bills: tuple[Bill, ...], sheet: Sheet) -> _Group:
    bases = []
    for bill in bills:
        inputs: list[tuple[str, int]] = []
        base = 0
        weighed = None
        for part in measure.parts:
            fen = part_fen(part, bill, sheet.books)
            inputs.append((part.label_zh, fen))
            if part.weight is None:
                base += fen * BP
            else:
                weighed = part.weight
                base += fen * weighed.value
                inputs.append((f"{part.label_zh}×", weighed.value))
        sheet.write(
            Rule.BASE,
            measure.label_zh,
            tuple(inputs),
            half_up(base, BP),
            about=bill.ref,
            origin=weighed,
        )
        if measure.other_payers is OtherPayers.BASE_AFTER:
            base = _less_payers(measure, bill, base, sheet)
        bases.append(base)
    whole = sum(bases)
    return _Group(bills, tuple(bases), whole, whole)


def _less_payers(measure: Bills, bill: Bill, base: int, sheet: Sheet) -> int:
    """Take off who paid after the settlement, other claims of this service among them."""
    paid = bill.later_fen + sheet.books.used(bill_key(bill.ref))
    if paid == 0:
        return base
    after = max(0, base - paid * BP)
    sheet.write(
        Rule.OTHER_PAYERS,
        measure.label_zh,
        (("base_fen", half_up(base, BP)), ("paid_fen", paid)),
        half_up(after, BP),
        about=bill.ref,
    )
    return after


def _number(figure: Figure, measure: Bills, group: _Group, sheet: Sheet) -> Sourced | None:
    """Pick a step's number; a table without one for these facts leaves nothing to pay."""
    number = pick(figure, sheet.facts, group.level)
    if number is None:
        group.value = 0
        sheet.not_due(measure.label_zh, group.about)
    return number


def _shrink(step: Step, measure: Bills, group: _Group, sheet: Sheet) -> None:
    if group.value == 0:
        return
    match step:
        case ShareCeiling():
            _ceiling(step, measure, group, sheet)
        case Deductible():
            _deduct(step, measure, group, sheet)
        case Threshold():
            _reach(step, measure, group, sheet)


def _ceiling(step: ShareCeiling, measure: Bills, group: _Group, sheet: Sheet) -> None:
    rate = _number(step.rate, measure, group, sheet)
    if rate is None:
        return
    total = sum(bill.total_fen for bill in group.bills)
    was = group.value
    group.value = min(was, total * rate.value)
    group.whole = group.value
    sheet.write(
        Rule.SHARE_CEILING,
        measure.label_zh,
        (("base_fen", half_up(was, BP)), ("total_fen", total)),
        half_up(group.value, BP),
        about=group.about,
        params=(("rate_bp", rate.value),),
        origin=rate,
    )


def _deduct(step: Deductible, measure: Bills, group: _Group, sheet: Sheet) -> None:
    amount = _number(step.amount, measure, group, sheet)
    if amount is None:
        return
    was, left, inputs = group.value, amount.value, ()
    extra: Pairs = inputs
    if step.accrues is Accrual.PERSON_YEAR:
        key = sheet.books.key(Scope.PERSON_YEAR, f"{sheet.cover.code}.{DEDUCTIBLE}")
        used = sheet.books.used(key)
        left = max(0, left - used)
        extra = (("used_fen", used),)
        sheet.books.take(key, min(left, half_up(was, BP)))
    group.value = max(0, was - left * BP)
    sheet.write(
        Rule.DEDUCTIBLE,
        measure.label_zh,
        (("base_fen", half_up(was, BP)), *extra),
        half_up(group.value, BP),
        about=group.about,
        params=(("deductible_fen", amount.value),),
        origin=amount,
    )
    if group.value == 0:
        sheet.because(ReasonCode.BELOW_DEDUCTIBLE, measure.label_zh)


def _reach(step: Threshold, measure: Bills, group: _Group, sheet: Sheet) -> None:
    amount = _number(step.amount, measure, group, sheet)
    if amount is None:
        return
    was, line = group.value, amount.value * BP
    reached = was >= line if step.reached is Reached.AT else was > line
    group.value = was if reached else 0
    sheet.write(
        Rule.THRESHOLD,
        measure.label_zh,
        (("base_fen", half_up(was, BP)),),
        half_up(group.value, BP),
        about=group.about,
        params=(("threshold_fen", amount.value), ("reached_at", int(step.reached is Reached.AT))),
        origin=amount,
    )
    if not reached:
        sheet.because(ReasonCode.BELOW_DEDUCTIBLE, measure.label_zh)


def _rated(measure: Bills, group: _Group, facts: Facts) -> bool:
    """Tell whether the terms have a rate for these facts, be it zero."""
    pay = measure.pay
    if isinstance(pay, Tiers):
        return any(pick(tier.rate, facts, group.level) is not None for tier in pay.tiers)
    return pick(pay.rate, facts, group.level) is not None


def _write_portion(
    measure: Bills, portion: Portion, paid: int, group: _Group, sheet: Sheet
) -> None:
    sheet.write(
        portion.rule,
        measure.label_zh,
        (("base_fen", half_up(portion.value, BP)),),
        paid,
        about=group.about,
        params=(("rate_bp", portion.rate.value), *portion.bounds),
        amount_fen=paid,
        origin=portion.rate,
    )


def _within_left(group: _Group, paid: int, sheet: Sheet) -> list[tuple[str, int]]:
    """Split what a group pays over its bills and cut each part to what is left of the bill."""
    parts = split_fen(paid, group.bases) if len(group.bills) > 1 else (paid,)
    if sheet.cover.nature is not Nature.INDEMNITY:
        return [(bill.ref, part) for bill, part in zip(group.bills, parts, strict=True)]
    pieces = []
    for bill, part in zip(group.bills, parts, strict=True):
        left = sheet.books.left_of(bill)
        if part > left:
            sheet.write(
                Rule.LEFT,
                "",
                (("due_fen", part), ("left_fen", left)),
                left,
                about=bill.ref,
                amount_fen=left - part,
            )
            sheet.because(ReasonCode.NOTHING_LEFT, bill.ref)
        pieces.append((bill.ref, min(part, left)))
    return pieces


def book_bills(pieces: tuple[tuple[str, int], ...], sheet: Sheet) -> None:
    """Take what an indemnity pays on each bill from the bill's counter."""
    for ref, fen in pieces:
        sheet.books.take(bill_key(ref), fen)
