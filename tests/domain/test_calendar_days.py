from datetime import date

import pytest

from app.domain.calendar_days import months_later, working_days

NONE: frozenset[date] = frozenset()


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 5, 1), 0, date(2026, 5, 1)),
    ],
)
def test_months_end_on_the_same_day_or_the_last_of_a_short_month(
    day: date, months: int, later: date
) -> None:
    assert months_later(day, months) == later


def test_the_first_day_does_not_count_and_the_last_does() -> None:
    friday, monday = date(2026, 6, 12), date(2026, 6, 15)

    assert working_days(friday, monday, NONE, NONE) == 1
    assert working_days(monday, friday, NONE, NONE) == 0


def test_holidays_and_weekends_worked_are_data() -> None:
    friday, monday = date(2026, 6, 12), date(2026, 6, 15)

    assert working_days(friday, monday, frozenset({monday}), NONE) == 0
    assert working_days(friday, monday, NONE, frozenset({date(2026, 6, 14)})) == 2
