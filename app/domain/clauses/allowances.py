"""Clauses that pay by time: days of a stay, days by a table of injuries, services of a month."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from app.domain.clauses.bills import TierMode
from app.domain.figures import Figure, Sourced
from app.domain.words import Carer


class LastDay(StrEnum):
    """Whether the day of discharge counts as a day of the stay."""

    COUNTED = "counted"
    NOT_COUNTED = "not_counted"


class SeveralInjuries(StrEnum):
    """Days of several injuries: of the one with the most days alone, or of all together."""

    MOST = "most"
    ALL = "all"


class Time(StrEnum):
    """In what a service is counted."""

    HOUR = "hour"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class FirstDays:
    """A flat sum for a stay of up to `days` days.

    A longer stay is paid by the day for all its days (slab), or for those above `days` on top of
    the flat sum (marginal).
    """

    days: Sourced
    amount: Figure
    beyond: TierMode


@dataclass(frozen=True, slots=True)
class Days:
    """A sum for each day of a stay, less the days off each time; `days_off` null: none.

    `after_end` bounds the days of a stay that lie after the person's last covered day; the days
    are then booked to the policy year of admission. Null: all days of the stay count.
    """

    TAG: ClassVar[str] = "days"
    label_zh: str
    rate: Figure
    days_off: Figure | None
    last_day: LastDay
    first: FirstDays | None = None
    after_end: Sourced | None = None


@dataclass(frozen=True, slots=True)
class TableDays:
    """A sum for each day that a table gives to a kind of injury, whatever the stay was."""

    TAG: ClassVar[str] = "table_days"
    label_zh: str
    rate: Figure
    days: Mapping[str, Sourced]
    several: SeveralInjuries


@dataclass(frozen=True, slots=True)
class ServiceRate:
    """What an hour or a day of one kind of care costs the scheme; `shares` by who gave it.

    A carer that `shares` does not name is paid nothing; empty shares pay everybody in full.
    """

    kind: str
    name_zh: str
    per: Time
    rate: Figure
    shares: Mapping[Carer, Sourced] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Services:
    """Hours of service and bed-days, month by month; limits per month are never carried over."""

    TAG: ClassVar[str] = "services"
    label_zh: str
    rates: tuple[ServiceRate, ...]
