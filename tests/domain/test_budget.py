"""What a policy will cost: premium by month, expected claims, and a range that is worked out."""

from dataclasses import replace
from datetime import date
from statistics import pvariance

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.budget import FEW, Budget, Past, budget, premium_per_head_fen, price_fen
from app.domain.clauses.premiums import Basis
from app.domain.figures import Selector, Table
from tests.domain.facts_made import fen, make_terms
from tests.domain.test_properties import FEW as SOME

YEAR = 365


def past(*amounts: int, days: int = YEAR) -> Past:
    """People insured for a year each, with these amounts."""
    squares = sum(one * one for one in amounts)
    return Past(len(amounts), len(amounts) * days, sum(amounts), squares)


def one_class(was: Past, heads: int, months: int = 12, price: int = 15_000) -> Budget:
    return budget({"dibao": was}, {"dibao": heads}, {"dibao": price}, months)


def test_the_past_rate_is_expected_of_the_heads_to_come() -> None:
    found = one_class(past(0, 0, 0, 100_000), 400)
    assert found.expected_fen == 400 * 25_000
    assert found.premium_fen == 400 * 15_000
    assert found.few


def test_half_a_year_costs_and_brings_half() -> None:
    found = one_class(past(*[0, 20_000] * 50), 100, months=6)
    assert (found.premium_fen, found.expected_fen) == (750_000, 500_000)
    assert not found.few


def test_half_a_year_of_history_counts_half() -> None:
    assert one_class(past(0, 10_000, days=73), 10).expected_fen == 10 * 5_000 * 5


@pytest.mark.parametrize(
    ("basis", "months", "expected"),
    [
        (Basis.HEAD_YEAR, 12, 1_200_000),
        (Basis.HEAD_YEAR, 18, 1_800_000),
        (Basis.HEAD_YEAR, 1, 100_000),
        (Basis.HEAD_MONTH, 7, 8_400_000),
        (Basis.HOUSEHOLD_YEAR, 7, 1_200_000),
        (Basis.POPULATION, 13, 2_400_000),
    ],
)
def test_the_premium_is_counted_as_the_terms_say(basis: Basis, months: int, expected: int) -> None:
    assert price_fen(basis, 12_000, 100, months) == expected


def test_the_range_is_that_of_the_heads_and_of_the_mean() -> None:
    amounts = [0] * 90 + [100_000] * 10
    found = one_class(past(*amounts), 200)
    deviation = (pvariance(amounts) * 200 * (1 + 200 / 100)) ** 0.5
    assert found.expected_fen == 2_000_000
    assert found.high_fen == pytest.approx(2_000_000 + 1.2816 * deviation, abs=5)
    assert found.low_fen == pytest.approx(2_000_000 - 1.2816 * deviation, abs=5)


def test_a_category_without_a_past_takes_that_of_all_and_says_so() -> None:
    found = budget({"dibao": past(*[10_000] * FEW)}, {"tekun": 10}, {}, 12)
    (one,) = found.categories
    assert (one.own, one.people, one.expected_fen) == (False, FEW, 100_000)
    assert not one.few


def test_without_any_past_only_the_premium_is_known() -> None:
    found = budget({}, {"dibao": 10}, {"dibao": 15_000}, 12)
    assert (found.premium_fen, found.expected_fen, found.low_fen, found.high_fen) == (
        150_000,
        None,
        None,
        None,
    )
    assert found.few


def test_the_price_of_a_head_may_depend_on_the_category() -> None:
    table = Table(Selector.CATEGORY, "", {"dibao": fen(15_000)}, None)
    terms = replace(make_terms(), premium=table)
    on = date(2026, 1, 1)
    assert premium_per_head_fen(terms, "dibao", on) == 15_000
    assert premium_per_head_fen(terms, "tekun", on) == 0
    assert premium_per_head_fen(make_terms(), "dibao", on) == 0


@SOME
@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=50), st.integers(0, 10**6))
def test_what_is_expected_lies_in_its_range(amounts: list[int], heads: int) -> None:
    found = one_class(past(*amounts), heads)
    assert found.low_fen is not None
    assert found.expected_fen is not None
    assert found.high_fen is not None
    assert 0 <= found.low_fen <= found.expected_fen <= found.high_fen
    if len(set(amounts)) == 1:
        assert found.low_fen == found.high_fen
