"""Counting on the calendar: months that end, and working days around official exceptions."""

from calendar import monthrange
from datetime import date, timedelta

FRIDAY = 5  # isoweekday


def months_later(day: date, months: int) -> date:
    """Give the same day so many months later, or the last day of a month that is too short."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def working_days(
    since: date,
    until: date,
    holidays: frozenset[date],
    workdays: frozenset[date],
    *,
    enough: int | None = None,
) -> int:
    """Count the working days after `since` up to and including `until`; 0 when it is not later.

    Monday to Friday, less the official holidays, plus the weekend days worked in their stead. With
    `enough` the count ends there: two days that somebody tells may lie a thousand years apart.
    """
    count = 0
    day = since
    while day < until and count != enough:
        day += timedelta(days=1)
        count += is_worked(day, holidays, workdays)
    return count


def is_worked(day: date, holidays: frozenset[date], workdays: frozenset[date]) -> bool:
    """Tell whether a day is a working day: Monday to Friday, but for the exceptions."""
    return day in workdays or (day.isoweekday() <= FRIDAY and day not in holidays)
