"""The base of a cover over bills: which bills, which of their parts, and in which groups."""

from dataclasses import dataclass

from app.domain.assessment import Rule
from app.domain.clauses.bills import Bills, OtherPayers, Part, Per
from app.domain.facts import Bill, Facts
from app.domain.figures import Sourced, pick
from app.domain.limits import bill_key
from app.domain.measures.sheet import Books, Sheet
from app.domain.money import BP, half_up

_BASE, _AFTER = Rule.BASE, OtherPayers.BASE_AFTER
_OUTSIDE = ("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt")


@dataclass(slots=True)
class Group:
    """Bills that go through the steps together; `value` is the base as it shrinks, x 10^4."""

    bills: tuple[Bill, ...]
    bases: tuple[int, ...]
    whole: int
    value: int

    @property
    def about(self) -> str:
        return self.bills[0].ref if len(self.bills) == 1 else ""

    @property
    def at(self) -> Bill | None:
        """The bill at hand, where there is just one."""
        return self.bills[0] if len(self.bills) == 1 else None

    @property
    def total_fen(self) -> int:
        return sum([bill.total_fen for bill in self.bills])


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


def grouped(measure: Bills, facts: Facts) -> list[tuple[Bill, ...]]:
    """Give the bills in the groups that go through the steps together."""
    bills = chosen(measure, facts)
    if len(bills) == 1 or measure.per is Per.CLAIM:
        return [bills]
    if measure.per is Per.VISIT:
        return [(bill,) for bill in bills]
    stays: dict[tuple[str, str], list[Bill]] = {}
    for bill in bills:
        place = (bill.stay_ref, "" if bill.stay_ref else bill.ref)
        stays.setdefault(place, []).append(bill)
    return [tuple(members) for members in stays.values()]


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


def base_of(measure: Bills, bills: tuple[Bill, ...], sheet: Sheet) -> Group:
    """Add up the base of a group of bills and write a line for each."""
    bases = []
    for bill in bills:
        inputs: list[tuple[str, int]] = []
        base = 0
        weighed: Sourced | None = None
        for part in measure.parts:
            fen = part_fen(part, bill, sheet.books)
            if part.weight is None:
                inputs.append((part.label_zh, fen))
                base += fen * BP
                continue
            weight = pick(part.weight, sheet.facts, bill)
            if weight is not None:
                weighed = weight
                base += fen * weight.value
                inputs += ((part.label_zh, fen), (f"{part.label_zh}×", weight.value))
        sheet.write(
            _BASE,
            measure.label_zh,
            tuple(inputs),
            half_up(base, BP),
            about=bill.ref,
            origin=weighed,
        )
        if measure.other_payers is _AFTER:
            base = _less_payers(measure, bill, base, sheet)
        bases.append(base)
    whole = sum(bases)
    return Group(bills, tuple(bases), whole, whole)


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
