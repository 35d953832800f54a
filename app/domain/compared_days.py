"""Which days the terms compare by counting working days, and the days off between them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from app.domain.clauses.conditions import WorkingDaysPassed
from app.domain.conditions import day_told
from app.domain.days_off import DaysOff, YearOff, unknown_years
from app.domain.facts import Facts
from app.domain.origins import children
from app.domain.terms import Terms


@dataclass(frozen=True, slots=True)
class Exceptions:
    """The official exceptions from the five-day week between the days compared, in their order.

    `unknown_years` are the years between them whose days off nobody has told: there only Saturdays
    and Sundays are off.
    """

    holidays: tuple[date, ...] = ()
    workdays: tuple[date, ...] = ()
    unknown_years: tuple[int, ...] = ()


def exceptions_between(terms: Terms, facts: Facts, years: Iterable[YearOff]) -> Exceptions:
    """Give the days off that the terms need for these facts, and no others.

    They travel in the facts, so that a decision comes out again after a calendar was corrected.
    """
    told = tuple(years)
    known = DaysOff(years=frozenset(year.year for year in told))
    holidays: set[date] = set()
    workdays: set[date] = set()
    missing: set[int] = set()
    for condition in _conditions(terms):
        since, until = day_told(condition.since, facts), day_told(condition.until, facts)
        if since is None or until is None or until <= since:
            continue
        missing.update(unknown_years(since, until, known))
        for year in told:
            holidays.update(day for day in year.days_off if since < day <= until)
            workdays.update(day for day in year.working_days if since < day <= until)
    return Exceptions(tuple(sorted(holidays)), tuple(sorted(workdays)), tuple(sorted(missing)))


def _conditions(value: object) -> Iterator[WorkingDaysPassed]:
    if isinstance(value, WorkingDaysPassed):
        yield value
        return
    for _, child in children(value):
        yield from _conditions(child)
