"""What a claim holds of limits and bills once it is decided."""

from hypothesis import given
from hypothesis import strategies as st

from app.domain.limits import LimitKey, LimitUnit, Scope, bill_key
from app.domain.settling import settled_usage

CAP = LimitKey(Scope.PERSON_YEAR, "medical.year", "2026-01-01")
EATEN = LimitKey(Scope.PERSON_YEAR, "medical.deductible", "2026-01-01")
DAYS = LimitKey(Scope.PERSON_YEAR, "care.days", "2026-01-01")
ONE, TWO = bill_key("bill-1"), bill_key("bill-2")
UNITS = {DAYS: LimitUnit.DAYS}


def settled(used: dict[LimitKey, int], assessed: int, decided: int) -> dict[LimitKey, int]:
    return dict(settled_usage(tuple(used.items()), UNITS, assessed, decided))


def test_a_decision_above_the_assessment_leaves_less_of_the_bill_for_later_payers() -> None:
    assert settled({CAP: 1_000, ONE: 1_000}, 1_000, 1_500) == {CAP: 1_500, ONE: 1_500}


def test_a_decision_below_the_assessment_gives_the_rest_back() -> None:
    used = {CAP: 1_000, EATEN: 300, ONE: 600, TWO: 400}
    assert settled(used, 1_000, 500) == {CAP: 500, EATEN: 300, ONE: 300, TWO: 200}


def test_a_refusal_keeps_only_what_the_family_bore() -> None:
    assert settled({CAP: 1_000, EATEN: 300, DAYS: 4, ONE: 1_000}, 1_000, 0) == {EATEN: 300}


def test_where_a_fixed_sum_is_paid_too_bills_hold_at_most_what_was_assessed_on_them() -> None:
    assert settled({DAYS: 5, ONE: 400}, 900, 1_200) == {DAYS: 5, ONE: 400}
    assert settled({DAYS: 5, ONE: 400}, 900, 300) == {DAYS: 5, ONE: 300}


@given(st.lists(st.integers(1, 10**7), min_size=1, max_size=4), st.integers(0, 10**8))
def test_over_bills_the_parts_sum_to_the_decided_amount(bills: list[int], decided: int) -> None:
    used = {bill_key(f"bill-{at}"): fen for at, fen in enumerate(bills, start=1)}
    after = settled(used, sum(bills), decided)
    assert sum(after.values()) == decided
    assert all(part > 0 for part in after.values())
