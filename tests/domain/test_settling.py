"""What a claim holds of limits and bills once it is decided."""

from hypothesis import given
from hypothesis import strategies as st

from app.domain.assess import FirstCover
from app.domain.limits import LimitKey, LimitUnit, Scope, bill_key
from app.domain.settling import (
    beyond,
    beyond_bills,
    out_of_bills,
    settled_usage,
    unforeseen_usage,
)

CAP = LimitKey(Scope.PERSON_YEAR, "medical.year", "2026-01-01")
EATEN = LimitKey(Scope.PERSON_YEAR, "medical.deductible", "2026-01-01")
DAYS = LimitKey(Scope.PERSON_YEAR, "care.days", "2026-01-01")
TIMES = LimitKey(Scope.PERSON_YEAR, "care.times", "2026-01-01")
ONE, TWO = bill_key("bill-1"), bill_key("bill-2")
UNITS = {DAYS: LimitUnit.DAYS}


def settled(
    used: dict[LimitKey, int], assessed: int, decided: int, room: dict[LimitKey, int] | None = None
) -> dict[LimitKey, int]:
    return dict(settled_usage(tuple(used.items()), UNITS, assessed, decided, room or {}))


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


def test_a_bill_holds_no_more_than_it_has_room_for_and_the_others_take_the_rest() -> None:
    used = {CAP: 1_000, ONE: 600, TWO: 400}
    room = {ONE: 700, TWO: 1_000}
    assert settled(used, 1_000, 1_500, room) == {CAP: 1_500, ONE: 700, TWO: 800}
    assert settled(used, 1_000, 9_000, room) == {CAP: 9_000, ONE: 700, TWO: 1_000}


def test_what_was_assessed_at_nothing_is_booked_on_the_first_cover() -> None:
    first = FirstCover(((CAP, LimitUnit.FEN), (TIMES, LimitUnit.COUNT), (DAYS, LimitUnit.DAYS)), ())
    assert dict(unforeseen_usage(first, 700, {})) == {CAP: 700, TIMES: 1}
    assert unforeseen_usage(first, 0, {}) == ()
    over_bills = FirstCover(((CAP, LimitUnit.FEN),), (ONE, TWO))
    assert dict(unforeseen_usage(over_bills, 700, {ONE: 100, TWO: 300})) == {
        CAP: 700,
        ONE: 100,
        TWO: 300,
    }
    assert dict(unforeseen_usage(over_bills, 700, {})) == {CAP: 700}


def test_what_goes_beyond_a_limit_is_told_as_far_as_it_is_this_claims() -> None:
    mine = ((CAP, 500), (ONE, 900))
    assert beyond({CAP: 1_000, ONE: 1}, {CAP: 700}, (), mine) == ((CAP, 200),)
    assert beyond({CAP: 1_000}, {CAP: 500}, (), mine) == ()
    # Others went beyond it since this claim reserved 300: only what it adds is its own.
    assert beyond({CAP: 1_000}, {CAP: 1_900}, ((CAP, 300),), mine) == ((CAP, 200),)
    assert beyond({CAP: 1_000}, {CAP: 1_900}, ((CAP, 600),), mine) == ()
    assert beyond_bills(mine, 1_000) == 100
    assert out_of_bills(((ONE, 10), (CAP, 10)), 10)
    assert not out_of_bills((), 0)


@given(st.lists(st.integers(1, 10**7), min_size=1, max_size=4), st.integers(0, 10**8))
def test_over_bills_the_parts_sum_to_the_decided_amount(bills: list[int], decided: int) -> None:
    used = {bill_key(f"bill-{at}"): fen for at, fen in enumerate(bills, start=1)}
    after = settled(used, sum(bills), decided)
    assert sum(after.values()) == decided
    assert all(part > 0 for part in after.values())
