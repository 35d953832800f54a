"""Conditions that terms set: for a cover to pay, for a paper or an extra field to be needed."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from app.domain.figures import Figure, Sourced
from app.domain.words import BillKind, Cause, EventKind


class Newcomers(StrEnum):
    """Whom a waiting period binds.

    A newcomer joined after the policy's first day; one who lapsed was covered before, with a gap.
    """

    EVERYONE = "everyone"
    NEWCOMERS_ONLY = "newcomers_only"
    AFTER_LAPSE = "after_lapse"


class LiabilityClause(StrEnum):
    """`nobody_liable`: a third party's liability is excluded. `nobody_able`: it is not, unless the
    liable party is known and can pay."""

    NOBODY_LIABLE = "nobody_liable"
    NOBODY_ABLE = "nobody_able"


@dataclass(frozen=True, slots=True)
class EventIs:
    TAG: ClassVar[str] = "event_is"
    kinds: tuple[EventKind, ...]


@dataclass(frozen=True, slots=True)
class CauseIs:
    TAG: ClassVar[str] = "cause_is"
    causes: tuple[Cause, ...]


@dataclass(frozen=True, slots=True)
class CategoryIs:
    TAG: ClassVar[str] = "category_is"
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HasBill:
    TAG: ClassVar[str] = "has_bill"
    kinds: tuple[BillKind, ...]


@dataclass(frozen=True, slots=True)
class ExtraIs:
    """The notice's extra field is one of these words."""

    TAG: ClassVar[str] = "extra_is"
    field: str
    label_zh: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExtraAtLeast:
    """The notice's extra field is a number that reaches this one."""

    TAG: ClassVar[str] = "extra_at_least"
    field: str
    label_zh: str
    least: Sourced


@dataclass(frozen=True, slots=True)
class ExtraAtMost:
    """The notice's extra field is a number (or a yuan amount) not above this one: a means test.

    `most` may be so many times a local standard, as in 1.5 times the poverty line.
    """

    TAG: ClassVar[str] = "extra_at_most"
    field: str
    label_zh: str
    most: Figure


@dataclass(frozen=True, slots=True)
class NotUnder:
    """No other of these schemes covers the person on the event day (mutually exclusive)."""

    TAG: ClassVar[str] = "not_under"
    schemes: tuple[str, ...]
    label_zh: str


@dataclass(frozen=True, slots=True)
class DiedWithin:
    """The person died at most this many days after the day of the event, which is day 0."""

    TAG: ClassVar[str] = "died_within"
    label_zh: str
    days: Sourced


@dataclass(frozen=True, slots=True)
class WorkingDaysPassed:
    """At least so many working days lie between two days that extra fields tell.

    The first day does not count, the last does. A theft that the police reported unsolved.
    """

    TAG: ClassVar[str] = "working_days_passed"
    since: str
    until: str
    label_zh: str
    least: Sourced


@dataclass(frozen=True, slots=True)
class Liability:
    """How a third party's liability bars the cover; where none is known, none does."""

    TAG: ClassVar[str] = "liability"
    clause: LiabilityClause


Condition = (
    EventIs
    | CauseIs
    | CategoryIs
    | HasBill
    | ExtraIs
    | ExtraAtLeast
    | ExtraAtMost
    | NotUnder
    | DiedWithin
    | WorkingDaysPassed
    | Liability
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """No cover before this many whole days (or months) since the person's first covered day."""

    days: Sourced
    binds: Newcomers
