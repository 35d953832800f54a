"""Who joins and leaves: the premium by day, by month, or not at all."""

from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.domain.endorsement import (
    NewEndorsement,
    Removal,
    RemovalReason,
    charge_fen,
    endorsement_faults,
    kept_fen,
)
from app.domain.policy import PremiumBy
from app.domain.roster import LINES_MAX, Member, Period

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
SOMEBODY = UUID(int=1)


def new(**changed: object) -> NewEndorsement:
    fields: dict[str, object] = {
        "effective_on": date(2026, 7, 1),
        "reason_zh": "七月增减",
        "removals": (Removal(SOMEBODY, RemovalReason.DIED),),
    }
    return NewEndorsement(**(fields | changed))  # type: ignore[arg-type]


def test_who_joins_in_july_owes_half_a_year_by_month_and_184_days_by_day() -> None:
    spell = Period(date(2026, 7, 1), date(2026, 12, 31))
    assert charge_fen(15_000, YEAR, spell, PremiumBy.MONTH) == 7_500
    assert charge_fen(15_000, YEAR, spell, PremiumBy.DAY) == 7_562  # 15000 * 184 / 365 = 7561.64
    assert charge_fen(15_000, YEAR, spell, PremiumBy.NONE) == 15_000


def test_a_month_that_is_begun_counts_whole() -> None:
    spell = Period(date(2026, 7, 31), date(2026, 12, 31))
    assert charge_fen(12_000, YEAR, spell, PremiumBy.MONTH) == 6_000
    assert kept_fen(12_000, YEAR, date(2026, 7, 1), PremiumBy.MONTH) == 7_000


def test_who_leaves_keeps_the_premium_of_the_days_covered() -> None:
    assert kept_fen(36_500, YEAR, date(2026, 1, 31), PremiumBy.DAY) == 3_100
    assert kept_fen(36_500, YEAR, date(2026, 1, 31), PremiumBy.NONE) == 36_500


def test_a_spell_that_never_began_costs_nothing_however_premium_is_counted() -> None:
    assert [kept_fen(15_000, YEAR, None, by) for by in PremiumBy] == [0, 0, 0]


def test_a_leap_year_has_366_days() -> None:
    leap = Period(date(2028, 1, 1), date(2028, 12, 31))
    first_two_months = Period(date(2028, 1, 1), date(2028, 2, 29))
    assert charge_fen(36_600, leap, first_two_months, PremiumBy.DAY) == 6_000


@given(
    premium=st.integers(0, 10**9),
    last=st.integers(0, 364),
    by=st.sampled_from(list(PremiumBy)),
)
def test_what_is_kept_is_never_negative_nor_more_than_was_charged(
    premium: int, last: int, by: PremiumBy
) -> None:
    kept = kept_fen(premium, YEAR, YEAR.first + timedelta(days=last), by)
    assert 0 <= kept <= premium


@given(premium=st.integers(0, 10**9), first=st.integers(0, 364), days=st.integers(0, 364))
def test_a_longer_spell_never_costs_less(premium: int, first: int, days: int) -> None:
    begin = YEAR.first + timedelta(days=first)
    short = Period(begin, min(YEAR.last, begin + timedelta(days=days)))
    for by in PremiumBy:
        assert charge_fen(premium, YEAR, short, by) <= charge_fen(premium, YEAR, YEAR, by)


def test_an_endorsement_has_lines_and_a_day_within_the_period() -> None:
    assert endorsement_faults(new(), YEAR) == ()
    empty = endorsement_faults(new(removals=()), YEAR)
    assert [fault.pointer for fault in empty] == ["/additions"]
    many = endorsement_faults(new(additions=(Member("dibao"),) * LINES_MAX), YEAR)
    assert [fault.pointer for fault in many] == ["/additions"]
    for on in (date(2025, 12, 31), date(2027, 1, 1)):
        outside = endorsement_faults(new(effective_on=on), YEAR)
        assert [fault.pointer for fault in outside] == ["/effective_on"]


def test_nobody_is_removed_twice_by_one_endorsement() -> None:
    twice = (Removal(SOMEBODY, RemovalReason.DIED), Removal(SOMEBODY, RemovalReason.OTHER))
    found = endorsement_faults(new(removals=twice), YEAR)
    assert [fault.pointer for fault in found] == ["/removals/1/person_id"]
