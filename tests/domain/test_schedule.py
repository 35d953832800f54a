"""Benefits by the month, to the fen; and what a decision still leaves to be opened."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.assess import assess
from app.domain.assessment import Assessment
from app.domain.canonical import from_json, to_json
from app.domain.errors import TermsInvalid
from app.domain.figures import Sourced, Unit
from app.domain.lifecycle import PayoutStatus
from app.domain.payout import PayoutKind, Standing, sample_size, still_to_open_fen
from app.domain.recurring import Ended, Recurring
from app.domain.schedule import Part, ends_by_itself, less_advanced, schedule
from app.domain.terms import Terms
from app.domain.terms_checks import check_terms, read_terms
from app.domain.terms_zh import terms_lines
from tests.domain.facts_made import make_bill, make_cover, make_facts, make_terms

ON = date(2026, 1, 31)


def monthly(count: int, *ends: Ended, code: str = "medical") -> Terms:
    times = Sourced(count, Unit.COUNT, "第五条")
    return make_terms(make_cover(code, recurring=Recurring("生活补助", times, ends)))


def answer(terms: Terms) -> Assessment:
    return assess(terms, make_facts(make_bill(borne=1_000_000)), {})


def test_parts_fall_on_the_decisions_day_of_each_month_or_on_its_last() -> None:
    at_once, parts = schedule(monthly(3), answer(monthly(3)), 100, ON)
    assert at_once == 0
    assert parts == (
        Part(date(2026, 1, 31), 34),
        Part(date(2026, 2, 28), 33),
        Part(date(2026, 3, 31), 33),
    )


def test_a_cover_without_months_is_paid_at_once_beside_one_with_them() -> None:
    plain, paid_monthly = make_cover("plain"), monthly(2).covers[0]
    terms = make_terms(plain, replace(paid_monthly, code="monthly"))
    at_once, parts = schedule(terms, answer(terms), 1_001, ON)
    assert (at_once, [part.amount_fen for part in parts]) == (501, [250, 250])


def test_a_decision_where_nothing_was_assessed_is_paid_at_once() -> None:
    terms = monthly(3)
    nothing = assess(terms, make_facts(), {})
    assert schedule(terms, nothing, 500, ON) == (500, ())
    assert schedule(terms, answer(terms), 1, ON) == (0, (Part(ON, 1),))


@given(st.integers(2, 36), st.integers(0, 10**7), st.integers(0, 10**7))
def test_parts_always_sum_to_what_is_left_of_the_decision(
    count: int, decided: int, advanced: int
) -> None:
    at_once, parts = schedule(monthly(count), answer(monthly(count)), decided, ON)
    assert at_once + sum(part.amount_fen for part in parts) == decided
    left = less_advanced(parts, min(advanced, decided))
    assert sum(part.amount_fen for part in left) == max(0, decided - advanced)
    assert all(part.amount_fen > 0 for part in left)
    assert [part.due_on for part in parts] == sorted(part.due_on for part in parts)


def test_terms_say_what_ends_a_benefit_and_keep_it_in_their_canonical_form() -> None:
    terms = monthly(12, Ended.DIED)
    assert ends_by_itself(terms) == {Ended.DIED}
    assert ends_by_itself(make_terms()) == frozenset()
    assert from_json(Terms, to_json(terms)) == terms
    assert "recurring" not in to_json(make_terms())  # what was stored before keeps its digest
    assert any("按月分期发放" in line for line in terms_lines(terms))


@pytest.mark.parametrize(
    ("recurring", "pointer"),
    [
        (Recurring("x", Sourced(1, Unit.COUNT, "一"), ()), "/covers/0/recurring/instalments/value"),
        (
            Recurring("x", Sourced(121, Unit.COUNT, "一"), ()),
            "/covers/0/recurring/instalments/value",
        ),
        (Recurring("x", Sourced(12, Unit.MONTHS, "一"), ()), "/covers/0/recurring/instalments"),
        (Recurring("x", Sourced(12, Unit.COUNT), ()), "/covers/0/recurring/instalments"),
        (
            Recurring("x", Sourced(12, Unit.COUNT, "一"), (Ended.DIED, Ended.DIED)),
            "/covers/0/recurring/ends",
        ),
    ],
    ids=["one part", "too many", "unit", "no origin", "twice the same end"],
)
def test_a_monthly_benefit_that_makes_no_sense_is_named(recurring: Recurring, pointer: str) -> None:
    faults = check_terms(make_terms(make_cover(recurring=recurring)))
    assert [fault.pointer for fault in faults if fault.pointer.startswith(pointer)]
    with pytest.raises(TermsInvalid):
        read_terms({"scheme_code": ""})


PAID, CANCELLED = PayoutStatus.PAID, PayoutStatus.CANCELLED


@pytest.mark.parametrize(
    ("payouts", "planned", "left"),
    [
        ((), 0, (1_000, 0)),
        ((Standing(PAID, PayoutKind.ADVANCE, 300),), 0, (700, 0)),
        ((Standing(PAID, PayoutKind.ADVANCE, 1_200),), 0, (0, 200)),
        ((Standing(CANCELLED, PayoutKind.ADVANCE, 300),), 0, (1_000, 0)),
        ((Standing(PAID, PayoutKind.BENEFIT, 600, 100),), 0, (500, 0)),
        ((Standing(PAID, PayoutKind.INSTALMENT, 300),), 700, (0, 0)),
    ],
    ids=["nothing", "advance", "too much", "cancelled", "reversed in part", "by the month"],
)
def test_only_what_is_not_on_its_way_is_opened(
    payouts: tuple[Standing, ...], planned: int, left: tuple[int, int]
) -> None:
    assert still_to_open_fen(1_000, payouts, planned) == left


@pytest.mark.parametrize(("count", "share", "size"), [(0, 500, 0), (1, 1, 1), (100, 500, 5)])
def test_a_sample_is_rounded_up(count: int, share: int, size: int) -> None:
    assert sample_size(count, share) == size
