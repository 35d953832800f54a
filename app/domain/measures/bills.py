"""Ratios and tiers over named parts of medical bills.

Bases are kept in fen x 10^4 and payables in fen x 10^8, so weights and rates stay exact and there
is one rounding per cover: each payable line is the growth of the rounded running sum.
"""

from app.domain.assessment import ReasonCode, Rule
from app.domain.clauses.bills import Accrual, Bills, Tiers
from app.domain.facts import Facts
from app.domain.figures import pick
from app.domain.limits import bill_key
from app.domain.measures.bases import Group, base_of, grouped
from app.domain.measures.sheet import Sheet
from app.domain.measures.steps import base_key, shrink
from app.domain.measures.tiers import Portion, portions
from app.domain.money import BP, half_up, split_fen
from app.domain.terms import Nature

_EXACT = BP * BP
_EACH, _INDEMNITY = Accrual.EACH, Nature.INDEMNITY


def measure_bills(measure: Bills, sheet: Sheet) -> tuple[tuple[str, int], ...]:
    """Work out a cover over bills: gives (bill ref, fen) before caps, and writes the lines."""
    exact = 0
    pieces: list[tuple[str, int]] = []
    for members in grouped(measure, sheet.facts):
        group = base_of(measure, members, sheet)
        if measure.accumulates is _EACH:
            paid, exact = _due(measure, group, sheet, exact)
        else:
            paid = _due_this_time(measure, group, sheet)
        pieces += _within_left(group, paid, sheet)
    return tuple(pieces)


def _due(measure: Bills, group: Group, sheet: Sheet, exact: int) -> tuple[int, int]:
    """Give what a group is due in fen and the exact running sum, which was `exact` before it."""
    for step in measure.steps:
        shrink(step, measure, group, sheet)
    start = rounded = half_up(exact, _EXACT)
    for portion in portions(measure.pay, group.value, group.whole, sheet.facts, group.at):
        exact += portion.value * portion.rate.value
        paid = half_up(exact, _EXACT) - rounded
        rounded += paid
        _write_portion(measure, portion, paid, group, sheet)
    if rounded == start and group.value > 0 and not _rated(measure, group, sheet.facts):
        sheet.not_due(measure.label_zh, group.about)
    return rounded - start, exact


def _due_this_time(measure: Bills, group: Group, sheet: Sheet) -> int:
    """Give f(year to date with this) - f(year to date before), never below zero."""
    key = base_key(measure, sheet)
    before, this = sheet.books.used(key), group.value
    sheet.books.take(key, half_up(this, BP))
    if this == 0:
        return 0
    group.value = group.whole = this + before * BP
    sheet.write(
        Rule.YEAR_TO_DATE,
        measure.label_zh,
        (("base_fen", half_up(this, BP)), ("used_fen", before)),
        half_up(group.value, BP),
        about=group.about,
    )
    due, _ = _due(measure, group, sheet, 0)
    unseen = Sheet(sheet.terms, sheet.cover, sheet.facts, sheet.books)
    earlier = Group(group.bills, group.bases, before * BP, before * BP)
    due_before = min(due, _due(measure, earlier, unseen, 0)[0])
    if due_before:
        sheet.write(
            Rule.DUE_BEFORE,
            measure.label_zh,
            (("due_fen", due), ("before_fen", due_before)),
            due - due_before,
            about=group.about,
            amount_fen=-due_before,
        )
    return due - due_before


def _rated(measure: Bills, group: Group, facts: Facts) -> bool:
    """Tell whether the terms have a rate for these facts, be it zero."""
    pay = measure.pay
    if isinstance(pay, Tiers):
        return any(pick(tier.rate, facts, group.at) is not None for tier in pay.tiers)
    return pick(pay.rate, facts, group.at) is not None


def _write_portion(measure: Bills, portion: Portion, paid: int, group: Group, sheet: Sheet) -> None:
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


def _within_left(group: Group, paid: int, sheet: Sheet) -> list[tuple[str, int]]:
    """Split what a group pays over its bills and cut each part to what is left of the bill."""
    parts = split_fen(paid, group.bases) if len(group.bills) > 1 else (paid,)
    if sheet.cover.nature is not _INDEMNITY:
        return [(bill.ref, part) for bill, part in zip(group.bills, parts, strict=True)]
    pieces = []
    for bill, part in zip(group.bills, parts, strict=True):
        pieces.append((bill.ref, cut_to_left(sheet, bill.ref, part, sheet.books.left_of(bill))))
    return pieces


def cut_to_left(sheet: Sheet, ref: str, due: int, left: int) -> int:
    """Cut what an indemnity would pay on a bill to what is left of it, and say so."""
    if due <= left:
        return due
    sheet.write(
        Rule.LEFT,
        "",
        (("due_fen", due), ("left_fen", left)),
        left,
        about=ref,
        amount_fen=left - due,
    )
    sheet.because(ReasonCode.NOTHING_LEFT, ref)
    return left


def book_bills(pieces: tuple[tuple[str, int], ...], sheet: Sheet) -> None:
    """Take what an indemnity pays on each bill from the bill's counter."""
    for ref, fen in pieces:
        sheet.books.take(bill_key(ref), fen)
