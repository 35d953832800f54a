"""Counting days: by the calendar, or working days with a year's days off as data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

SATURDAY = 5
LAST_LEAP_DAY = 28


class DayCount(StrEnum):
    """How a contract counts days. The law says 日: calendar days."""

    CALENDAR = "calendar"
    WORKING = "working"


DAY_COUNT_ZH: dict[DayCount, str] = {
    DayCount.CALENDAR: "自然日",
    DayCount.WORKING: "工作日",
}


@dataclass(frozen=True, slots=True)
class YearOff:
    """One year's days: weekdays that are off, and weekend days that are worked instead."""

    days_off: frozenset[date]
    working_days: frozenset[date]


@dataclass(frozen=True, slots=True)
class DaysOff:
    """The years that are known; in any other year only Saturdays and Sundays are off."""

    years: Mapping[int, YearOff] = field(default_factory=dict)

    def works_on(self, day: date) -> bool:
        """Tell whether a day is worked."""
        year = self.years.get(day.year)
        if year is not None:
            if day in year.working_days:
                return True
            if day in year.days_off:
                return False
        return day.weekday() < SATURDAY


def days_after(day: date, days: int, count: DayCount, off: DaysOff) -> date:
    """Give the last day of a term of `days` that begins the day after `day` (Civil Code art. 201).

    A term of calendar days runs through holidays, as the law's own terms are read here; a term of
    working days counts only days that are worked.
    """
    if count is DayCount.CALENDAR:
        return day + timedelta(days=days)
    while days > 0:
        day += timedelta(days=1)
        days -= off.works_on(day)
    return day


def days_between(first: date, last: date, count: DayCount, off: DaysOff) -> int:
    """Count the days after `first` up to and with `last`; zero when `last` is not later."""
    if count is DayCount.CALENDAR:
        return max(0, (last - first).days)
    return sum(off.works_on(day) for day in _each(first, last))


def unknown_years(first: date, last: date, off: DaysOff) -> tuple[int, ...]:
    """Give the years between two days whose days off nobody has told."""
    return tuple(year for year in range(first.year, last.year + 1) if year not in off.years)


def years_after(day: date, years: int) -> date:
    """Give the same day years later; 29 February falls on the month's last day (art. 202)."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=LAST_LEAP_DAY)


def _each(first: date, last: date) -> Iterator[date]:
    while first < last:
        first += timedelta(days=1)
        yield first
