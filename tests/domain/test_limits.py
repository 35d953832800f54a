from datetime import date

import pytest

from app.domain.limits import LimitKey, Scope, in_lock_order, policy_year


@pytest.mark.parametrize(
    ("policy_from", "on", "period"),
    [
        (date(2026, 1, 1), date(2026, 12, 31), "2026-01-01"),
        (date(2026, 1, 1), date(2027, 1, 1), "2027-01-01"),
        (date(2025, 11, 1), date(2026, 10, 31), "2025-11-01"),
        (date(2025, 11, 1), date(2026, 11, 1), "2026-11-01"),
        (date(2024, 2, 29), date(2025, 2, 27), "2024-02-28"),
        (date(2024, 2, 29), date(2025, 2, 28), "2025-02-28"),
    ],
)
def test_a_policy_year_begins_on_the_anniversary(policy_from: date, on: date, period: str) -> None:
    assert policy_year(policy_from, on) == period


def test_counters_are_locked_policy_household_person_bill() -> None:
    keys = [
        LimitKey(scope, "a", "all")
        for scope in (Scope.BILL, Scope.PERSON_YEAR, Scope.POLICY_YEAR, Scope.HOUSEHOLD_YEAR)
    ]

    assert [key.scope for key in sorted(keys, key=in_lock_order)] == [
        Scope.POLICY_YEAR,
        Scope.HOUSEHOLD_YEAR,
        Scope.PERSON_YEAR,
        Scope.BILL,
    ]
