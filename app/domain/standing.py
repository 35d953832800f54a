"""What stands for an insured person on a day before anything happens: covers and their limits."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from app.domain.figures import Figure, Selector, Sourced, Table
from app.domain.limits import LASTING, Limit, LimitKey, Scope, policy_year
from app.domain.terms import Cover, Terms


@dataclass(frozen=True, slots=True)
class StandingLimit:
    """A limit that accumulates, its counter on the day, and its bound in fen or days.

    `cover_code` is empty where several covers share the limit.
    """

    limit: Limit
    cover_code: str
    key: LimitKey
    bound: int


def standing_covers(terms: Terms, category: str) -> tuple[Cover, ...]:
    """Give the covers that are open to a category."""
    return tuple(
        cover for cover in terms.covers if not cover.categories or category in cover.categories
    )


def standing_limits(
    terms: Terms, category: str, policy_from: date, on: date
) -> tuple[StandingLimit, ...]:
    """Give the limits of a person in a category on a day (Asia/Shanghai), own ones then shared.

    Left out: limits that every claim, stay, month, accident or disaster begins anew, and those
    whose bound depends on what happens (on a cause, or on the level of a hospital).
    """
    covers = standing_covers(terms, category)
    period = policy_year(policy_from, on)
    return tuple(
        StandingLimit(limit, cover_code, key, bound)
        for limit, cover_code, code in _limits(terms, covers)
        if limit.scope in LASTING and (bound := _bound(limit.amount, category)) is not None
        for key in [LimitKey(limit.scope, code, _period(limit.scope, period))]
    )


def _limits(terms: Terms, covers: tuple[Cover, ...]) -> Iterator[tuple[Limit, str, str]]:
    for cover in covers:
        for limit in cover.limits:
            yield limit, cover.code, f"{cover.code}.{limit.code}"
    codes = {cover.code for cover in covers}
    for limit in terms.limits:
        if codes & set(limit.covers):
            yield limit, "", limit.code


def _period(scope: Scope, policy_year_from: str) -> str:
    return "all" if scope is Scope.PERSON_LIFE else policy_year_from


def _bound(amount: Figure, category: str) -> int | None:
    if isinstance(amount, Sourced):
        return amount.value
    if not isinstance(amount, Table) or amount.by is not Selector.CATEGORY:
        return None
    found = amount.rows.get(category, amount.otherwise)
    return found.value if isinstance(found, Sourced) else None
