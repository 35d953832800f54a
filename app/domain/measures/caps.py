"""Caps in fen and on the number of payments, and those that accumulate and leave usage behind."""

from app.domain.assessment import ReasonCode, Rule
from app.domain.facts import ScaleBack
from app.domain.figures import Sourced
from app.domain.limits import WITHIN_ONE_CLAIM, Limit, LimitKey, LimitUnit, Scope
from app.domain.measures.sheet import Sheet

# An enumeration's member costs more to look up than the comparison it serves.
_FEN, _COUNT, _MONTH = LimitUnit.FEN, LimitUnit.COUNT, Scope.PERSON_MONTH


def cap(amount_fen: int, sheet: Sheet) -> int:
    """Cut an amount to every limit in fen or times of the cover, and take it from its counters.

    A cut writes a line; one by a limit that accumulates also gives the reason limit_exhausted.
    Limits per month are applied where the services of each month are counted.
    """
    counters: list[tuple[LimitKey, bool]] = []
    for limit in sheet.limits():
        unit = limit.unit
        if (unit is not _FEN and unit is not _COUNT) or limit.scope is _MONTH:
            continue
        bound = sheet.bound(limit)
        if bound is None:
            continue
        key = sheet.counter(limit)
        assert key is not None  # terms_checks: a limit per stay counts days
        counters.append((key, unit is _FEN))
        if sheet.facts.scale_backs:
            amount_fen = _scaled_back(amount_fen, limit, key, sheet)
        used = sheet.books.used(key)
        left = max(0, bound.value - used)
        if unit is _COUNT:
            left = amount_fen if left else 0
        if amount_fen > left:
            cut(sheet, limit, bound, (amount_fen, used, left))
            amount_fen = left
    for key, in_fen in counters:
        sheet.books.take(key, amount_fen if in_fen else min(1, amount_fen))
    return amount_fen


def _scaled_back(amount_fen: int, limit: Limit, key: LimitKey, sheet: Sheet) -> int:
    """Cut an amount to what is left of the claim's share of a limit that many claims exceeded."""
    share = _share_of(key, sheet)
    if share is None:
        return amount_fen
    left = max(0, share.share_fen - sheet.books.taken_of(key))
    if amount_fen <= left:
        return amount_fen
    sheet.write(
        Rule.SCALED_BACK,
        f"{limit.name_zh}，{share.approval}",
        (("due_fen", amount_fen), ("all_due_fen", share.due_fen), ("left_fen", share.left_fen)),
        left,
        amount_fen=left - amount_fen,
    )
    sheet.because(ReasonCode.LIMIT_EXHAUSTED, limit.name_zh)
    return left


def _share_of(key: LimitKey, sheet: Sheet) -> ScaleBack | None:
    for one in sheet.facts.scale_backs:
        if (one.limit, one.period) == (key.code, key.period):
            return one
    return None


def cut(
    sheet: Sheet, limit: Limit, bound: Sourced, figures: tuple[int, int, int], about: str = ""
) -> None:
    """Write that a limit cuts what is due; `figures` are fen due, units used, fen left."""
    due, used, left = figures
    in_fen = limit.unit is LimitUnit.FEN
    sheet.write(
        Rule.CAP if in_fen else Rule.TIMES_USED,
        limit.name_zh,
        (("due_fen", due), ("used_fen" if in_fen else "used_count", used)),
        left,
        about=about,
        params=(("limit_fen" if in_fen else "limit_count", bound.value),),
        amount_fen=left - due,
        origin=bound,
    )
    if limit.scope not in WITHIN_ONE_CLAIM:
        sheet.because(ReasonCode.LIMIT_EXHAUSTED, limit.name_zh)
