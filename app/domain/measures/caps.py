"""Caps in fen: each claim's, and those that accumulate over a year and leave usage behind."""

from app.domain.assessment import ReasonCode, Rule
from app.domain.limits import WITHIN_ONE_CLAIM, LimitUnit
from app.domain.measures.sheet import Sheet


def cap(amount_fen: int, sheet: Sheet) -> int:
    """Cut an amount to every limit in fen of the cover, and take what remains from its counters.

    A cut writes a line; one by a limit that accumulates also gives the reason limit_exhausted.
    """
    counters = []
    for limit in sheet.limits():
        if limit.unit is not LimitUnit.FEN:
            continue
        bound = sheet.bound(limit)
        if bound is None:
            continue
        key = sheet.counter(limit)
        assert key is not None  # terms_checks: a limit per stay counts days
        counters.append(key)
        used = sheet.books.used(key)
        left = max(0, bound.value - used)
        if amount_fen <= left:
            continue
        sheet.write(
            Rule.CAP,
            limit.name_zh,
            (("due_fen", amount_fen), ("used_fen", used)),
            left,
            params=(("limit_fen", bound.value),),
            amount_fen=left - amount_fen,
            origin=bound,
        )
        if key.scope not in WITHIN_ONE_CLAIM:
            sheet.because(ReasonCode.LIMIT_EXHAUSTED, limit.name_zh)
        amount_fen = left
    for key in counters:
        sheet.books.take(key, amount_fen)
    return amount_fen
