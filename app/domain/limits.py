"""Limits: what is capped, over which person and period, and how much of it is used."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from app.domain.figures import Figure
from app.domain.words import Level

FEBRUARY_29 = (2, 29)


class Scope(StrEnum):
    """Over what a limit counts; the order of this list is the order of locking.

    `event` counts all people whom one disaster struck, `accident` all notices of one person's
    accident or illness, `person_month` the services of one calendar month, never carried over.
    """

    POLICY_YEAR = "policy_year"
    EVENT = "event"
    HOUSEHOLD_YEAR = "household_year"
    PERSON_YEAR = "person_year"
    PERSON_LIFE = "person_life"
    ACCIDENT = "accident"
    PERSON_MONTH = "person_month"
    BILL = "bill"
    CLAIM = "claim"
    STAY = "stay"


LOCK_ORDER: dict[Scope, int] = {scope: place for place, scope in enumerate(Scope)}
DEDUCTIBLE = "deductible"  # counter of a yearly deductible; no limit may be called so
BASE = "base"  # counter of a base that accumulates over the year; no limit may be called so
WITHIN_ONE_CLAIM = frozenset({Scope.CLAIM, Scope.STAY})  # these leave no usage behind


# Scopes whose counters stand by themselves, whatever happens: those of a year or a life.
LASTING = frozenset({Scope.POLICY_YEAR, Scope.HOUSEHOLD_YEAR, Scope.PERSON_YEAR, Scope.PERSON_LIFE})


class LimitUnit(StrEnum):
    FEN = "fen"
    DAYS = "days"
    COUNT = "count"
    MINUTES = "minutes"


class Exceeded(StrEnum):
    """What the terms say for claims that come to more than a limit which many people share.

    `first_come`: limits are consumed in the order of assessment. `scaled_back`: the same, until
    two persons have the undecided claims of one disaster (or year) share it in proportion.
    """

    FIRST_COME = "first_come"
    SCALED_BACK = "scaled_back"


@dataclass(frozen=True, slots=True)
class Limit:
    """A cap on fen, days, times paid or minutes of service.

    `levels` narrows a cap on days to stays at these levels (empty: all).

    `covers` names the covers that share it and is empty for a limit of one cover alone.
    """

    code: str
    name_zh: str
    scope: Scope
    unit: LimitUnit
    amount: Figure
    levels: tuple[Level, ...] = ()
    covers: tuple[str, ...] = ()
    exceeded: Exceeded = Exceeded.FIRST_COME


@dataclass(frozen=True, slots=True)
class LimitKey:
    """Names one counter; the desk adds whose it is (policy, household, person or bill).

    `code` is `cover.limit`, the code of a shared limit, or a bill's ref; `period` is the first day
    of the policy year or month as an ISO date, the word of the event or accident, or `all`.
    """

    scope: Scope
    code: str
    period: str


def bill_key(ref: str) -> LimitKey:
    """Name the counter of what this service's claims hold on one bill."""
    return LimitKey(Scope.BILL, ref, "all")


def eaten(code: str) -> bool:
    """Tell whether a counter keeps what the family bore, which a refusal does not give back."""
    return code.endswith((f".{DEDUCTIBLE}", f".{BASE}"))


def in_lock_order(key: LimitKey) -> tuple[int, str, str]:
    """Sort key: policy, household, person, bill; then code and period."""
    return LOCK_ORDER[key.scope], key.code, key.period


@lru_cache(maxsize=4096)
def policy_year(policy_from: date, on: date) -> str:
    """Give the first day of the policy year that holds `on`, as an ISO date.

    Years begin on the anniversary of the policy's first day; one that began on 29 February counts
    from 28 February.
    """
    start = _anniversary(policy_from, on.year)
    if start > on:
        start = _anniversary(policy_from, on.year - 1)
    return start.isoformat()


def _anniversary(day: date, year: int) -> date:
    if (day.month, day.day) == FEBRUARY_29:
        return date(year, 2, 28)
    return day.replace(year=year)
