"""Paying a part at once and the difference later."""

from dataclasses import dataclass

from app.domain.assessment import Assessment
from app.domain.conditions import holds
from app.domain.facts import Facts
from app.domain.figures import pick
from app.domain.limits import LimitUnit
from app.domain.money import share_fen
from app.domain.terms import Cover, Terms


@dataclass(frozen=True, slots=True)
class AdvanceDue:
    """What may be paid at once for a cover, in fen, under the label that the terms give it."""

    cover: str
    label_zh: str
    amount_fen: int


def advances(terms: Terms, facts: Facts, answer: Assessment) -> tuple[AdvanceDue, ...]:
    """Give what may be paid at once for each cover of `answer`, which is assessed on `facts`.

    A sum is due at once whatever is known of the bills yet, within the cover's limits on a claim
    and a year; a share is a share of what is due so far; where both are named, the lower. A cover
    whose preconditions do not hold advances nothing.
    """
    covers = {cover.code: cover for cover in terms.covers}
    found = []
    for assessed in answer.covers:
        cover = covers[assessed.cover]
        open_to = all(holds(each, facts) for each in (*terms.conditions, *cover.conditions))
        if cover.advance is None or not open_to:
            continue
        fen = _advance_fen(cover, facts, assessed.amount_fen)
        if fen > 0:
            found.append(AdvanceDue(cover.code, cover.advance.label_zh, fen))
    return tuple(found)


def _advance_fen(cover: Cover, facts: Facts, due_fen: int) -> int:
    advance = cover.advance
    assert advance is not None
    bounds = [
        bound.value
        for limit in cover.limits
        if limit.unit is LimitUnit.FEN and (bound := pick(limit.amount, facts)) is not None
    ]
    if advance.amount is not None:
        amount = pick(advance.amount, facts)
        bounds.append(0 if amount is None else amount.value)
    if advance.of_due is not None:
        rate = pick(advance.of_due, facts)
        bounds.append(0 if rate is None else share_fen(due_fen, rate.value))
    return min(bounds)


def balance_fen(decided_fen: int, advanced_fen: int) -> tuple[int, int]:
    """Give (still to pay, advanced too much) in fen once an amount is decided.

    What was advanced too much is reported and never clawed back by itself.
    """
    return max(0, decided_fen - advanced_fen), max(0, advanced_fen - decided_fen)
