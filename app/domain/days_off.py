"""Counting the days of a term: by the calendar, or working days with a year's days off as data."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.domain.calendar_days import is_worked, working_days
from app.domain.errors import Fault

MOST_DAYS = 366


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

    year: int
    days_off: tuple[date, ...]
    working_days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class DaysOff:
    """What is known of some years; in any other year only Saturdays and Sundays are off."""

    years: frozenset[int] = frozenset()
    days_off: frozenset[date] = frozenset()
    working_days: frozenset[date] = frozenset()


def days_after(day: date, days: int, count: DayCount, off: DaysOff) -> date:
    """Give the last day of a term of `days` that begins the day after `day` (Civil Code art. 201).

    A term of calendar days may end on a holiday: a claim is not kept waiting for that.
    """
    if count is DayCount.CALENDAR:
        return day + timedelta(days=days)
    while days > 0:
        day += timedelta(days=1)
        days -= is_worked(day, off.days_off, off.working_days)
    return day


def days_between(first: date, last: date, count: DayCount, off: DaysOff) -> int:
    """Count the days after `first` up to and with `last`; zero when `last` is not later."""
    if count is DayCount.CALENDAR:
        return max(0, (last - first).days)
    return working_days(first, last, off.days_off, off.working_days)


def unknown_years(first: date, last: date, off: DaysOff) -> tuple[int, ...]:
    """Give the years between two days whose days off nobody has told."""
    return tuple(year for year in range(first.year, last.year + 1) if year not in off.years)


def year_faults(year: YearOff) -> Iterator[Fault]:
    """Tell what is wrong with a year's days off; empty when nothing is."""
    for field, days in (("days_off", year.days_off), ("working_days", year.working_days)):
        if len(days) > MOST_DAYS or len(set(days)) != len(days):
            yield _fault(f"/{field}", "同一天只能列一次", "a day is listed once")
        for place, day in enumerate(days):
            if day.year != year.year:
                yield _fault(f"/{field}/{place}", "不在该年度内", "the day is of another year")
    if both := set(year.days_off) & set(year.working_days):
        place = year.working_days.index(min(both))
        yield _fault(f"/working_days/{place}", "不能既放假又上班", "a day is both off and worked")


def _fault(pointer: str, message_zh: str, message_en: str) -> Fault:
    return Fault(pointer, "validation.failed", message_zh, message_en)
