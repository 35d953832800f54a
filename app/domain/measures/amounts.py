"""What a cover owes: its measure, then multiplier, approved override and caps."""

from app.domain.assessment import ReasonCode, Rule
from app.domain.clauses.allowances import Days, Services, TableDays
from app.domain.clauses.bills import Bills
from app.domain.clauses.sums import FixedSum, Grades
from app.domain.clauses.things import Things
from app.domain.conditions import condition_number, condition_zh, holds, in_waiting
from app.domain.facts import Override
from app.domain.measures.bills import book_bills, cut_to_left, measure_bills
from app.domain.measures.caps import cap
from app.domain.measures.days import measure_days, measure_table_days
from app.domain.measures.fixed import measure_fixed, measure_grades
from app.domain.measures.services import measure_services
from app.domain.measures.sheet import Sheet
from app.domain.measures.things import measure_things
from app.domain.money import share_fen, split_fen
from app.domain.terms import Nature

Pieces = tuple[tuple[str, int], ...]
_INDEMNITY = Nature.INDEMNITY
_NO_PIECES: Pieces = ()


def cover_fen(sheet: Sheet) -> tuple[int, Pieces]:
    """Give a cover's amount in fen and, for an indemnity over bills, its split over them."""
    if not _open(sheet):
        return 0, _NO_PIECES
    measure = sheet.cover.measure
    if isinstance(measure, Bills):
        return _over_bills(measure, sheet)
    due = _due_fen(measure, sheet)
    if sheet.cover.multiplier is not None:
        due = _multiplied(due, sheet)
    if sheet.facts.overrides:
        due = _overridden(due, sheet)
    return cap(due, sheet), _NO_PIECES


def _due_fen(
    measure: FixedSum | Grades | Days | TableDays | Services | Things, sheet: Sheet
) -> int:
    match measure:
        case FixedSum():
            return measure_fixed(measure, sheet)
        case Days():
            return measure_days(measure, sheet)
        case Things():
            return measure_things(measure, sheet)
        case Grades():
            return measure_grades(measure, sheet)
        case TableDays():
            return measure_table_days(measure, sheet)
        case Services():
            return measure_services(measure, sheet)


def _over_bills(measure: Bills, sheet: Sheet) -> tuple[int, Pieces]:
    pieces = measure_bills(measure, sheet)
    due = sum([fen for _, fen in pieces])
    if sheet.facts.overrides:
        pieces = _overridden_pieces(pieces, due, sheet)
        due = sum(fen for _, fen in pieces)
    amount = cap(due, sheet)
    if sheet.cover.nature is not _INDEMNITY:
        return amount, _NO_PIECES
    if amount == due:
        split = pieces
    else:
        parts = split_fen(amount, [fen for _, fen in pieces])
        split = tuple((ref, part) for (ref, _), part in zip(pieces, parts, strict=True))
    book_bills(split, sheet)
    return amount, split


def _multiplied(due: int, sheet: Sheet) -> int:
    """Multiply what is due where the facts call for it, rounded half up."""
    multiplier = sheet.cover.multiplier
    assert multiplier is not None
    if not due or not all(holds(condition, sheet.facts) for condition in multiplier.when):
        return due
    fen = share_fen(due, multiplier.times.value)
    sheet.write(
        Rule.MULTIPLIED,
        multiplier.label_zh,
        (("due_fen", due),),
        fen,
        params=(("times_bp", multiplier.times.value),),
        amount_fen=fen - due,
        origin=multiplier.times,
    )
    return fen


def _override_of(sheet: Sheet) -> Override | None:
    """Give the last approved override of the cover, if there is one."""
    mine = [each for each in sheet.facts.overrides if each.cover == sheet.cover.code]
    return max(mine, key=lambda each: (each.approved_on, each.approval)) if mine else None


def _overridden(due: int, sheet: Sheet) -> int:
    """Owe what an approved override says, before limits: it is logged, never a formula."""
    override = _override_of(sheet)
    if override is None:
        return due
    fen = override.amount_fen
    sheet.write(
        Rule.OVERRIDE,
        f"{override.reason_zh}，{override.approval}",
        (("due_fen", due),),
        fen,
        amount_fen=fen - due,
    )
    return fen


def _overridden_pieces(pieces: Pieces, due: int, sheet: Sheet) -> Pieces:
    """Split an overridden amount over the bills as what was due, within what is left of each."""
    if _override_of(sheet) is None:
        return pieces
    parts = split_fen(_overridden(due, sheet), [fen for _, fen in pieces])
    if sheet.cover.nature is not _INDEMNITY:
        return tuple((ref, part) for (ref, _), part in zip(pieces, parts, strict=True))
    left = {bill.ref: sheet.books.left_of(bill) for bill in sheet.facts.bills}
    return tuple(
        (ref, cut_to_left(sheet, ref, part, left[ref]))
        for (ref, _), part in zip(pieces, parts, strict=True)
    )


def _open(sheet: Sheet) -> bool:
    """Tell whether waiting period and preconditions let the cover pay; say so where they do not."""
    waiting = sheet.cover.waiting
    if waiting is not None and in_waiting(waiting, sheet.facts):
        length = waiting.days
        sheet.write(
            Rule.WAITING,
            sheet.cover.name_zh,
            ((f"waiting_{length.unit}", length.value),),
            0,
            origin=length,
        )
        sheet.because(ReasonCode.WAITING_PERIOD, sheet.cover.name_zh)
        return False
    for condition in (*sheet.terms.conditions, *sheet.cover.conditions):
        if not holds(condition, sheet.facts):
            label = condition_zh(condition)
            origin = condition_number(condition, sheet.facts)
            sheet.write(Rule.CONDITION, label, (), 0, origin=origin)
            sheet.because(ReasonCode.CONDITION_UNMET, label)
            return False
    return True
