"""Where a policy stands on a day."""

from datetime import date

import pytest

from app.domain.policy import PolicyState, PolicyStatus, states_of

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


@pytest.mark.parametrize(
    ("status", "today", "states"),
    [
        ("active", date(2025, 12, 31), ["pending_start"]),
        ("active", FIRST, ["active"]),
        ("active", LAST, ["active"]),
        ("active", date(2027, 1, 1), ["expired"]),
        ("cancelled", LAST, ["cancelled"]),
        ("cancelled", date(2027, 1, 1), ["cancelled", "expired"]),
        ("quoted", date(2025, 12, 31), ["quoted"]),
    ],
)
def test_states_follow_status_and_days(status: str, today: date, states: list[str]) -> None:
    found = states_of(PolicyStatus(status), FIRST, LAST, today)
    assert found == tuple(PolicyState(state) for state in states)
