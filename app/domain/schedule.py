"""The schedule of a benefit that is paid month by month, to the fen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.assessment import Assessment
from app.domain.calendar_days import months_later
from app.domain.money import split_fen
from app.domain.recurring import Ended
from app.domain.terms import Terms


@dataclass(frozen=True, slots=True)
class Part:
    """One instalment: its day (Asia/Shanghai) and its amount in fen."""

    due_on: date
    amount_fen: int


def schedule(
    terms: Terms, answer: Assessment, decided_fen: int, decided_on: date
) -> tuple[int, tuple[Part, ...]]:
    """Give (what is paid at once, the monthly parts) of a decision; together `decided_fen`.

    What was decided is spread over the covers as they were assessed; a decision where nothing was
    assessed is paid at once. Parts of covers that fall on one day are one instalment.
    """
    covers = [cover for cover in answer.covers if cover.amount_fen > 0]
    if not covers:
        return decided_fen, ()
    recurring = {cover.code: cover.recurring for cover in terms.covers}
    shares = split_fen(decided_fen, [cover.amount_fen for cover in covers])
    at_once, monthly = 0, dict[date, int]()
    for cover, share_fen in zip(covers, shares, strict=True):
        plan = recurring.get(cover.cover)
        if plan is None:
            at_once += share_fen
            continue
        for month, fen in enumerate(split_fen(share_fen, [1] * plan.instalments.value)):
            due_on = months_later(decided_on, month)
            monthly[due_on] = monthly.get(due_on, 0) + fen
    parts = tuple(Part(due_on, fen) for due_on, fen in sorted(monthly.items()) if fen)
    return at_once, parts


def less_advanced(parts: Sequence[Part], advanced_fen: int) -> tuple[Part, ...]:
    """Take what was advanced already off the first parts; parts of nothing are left out."""
    left, kept = advanced_fen, []
    for part in parts:
        taken = min(left, part.amount_fen)
        left -= taken
        if part.amount_fen > taken:
            kept.append(Part(part.due_on, part.amount_fen - taken))
    return tuple(kept)


def ends_by_itself(terms: Terms) -> frozenset[Ended]:
    """Give what stops the monthly benefits of a policy without anybody's act."""
    return frozenset(
        end for cover in terms.covers if cover.recurring for end in cover.recurring.ends
    )
