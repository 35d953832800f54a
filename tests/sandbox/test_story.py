"""The stand-in's choices, pure."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sandbox.story import Payee, Story, choose, decision, fen, split, yuan

TABLE = [
    ("901", "01", Story.FULL),
    ("902", "02", Story.PARTIAL),
    ("903", "03", Story.DECLINED),
    ("904", "04", Story.PAPERS),
    ("905", "05", Story.BELOW_DEDUCTIBLE),
    ("906", "06", Story.BANK_FAILURE),
    ("907", "07", Story.BANK_RETURN),
    ("908", "08", Story.SILENT),
]


@pytest.mark.parametrize(("digits", "cents", "story"), TABLE, ids=[row[0] for row in TABLE])
def test_the_table_of_magic_numbers_is_kept(digits: str, cents: str, story: Story) -> None:
    assert choose(f"99012719540506{digits}X", "1.99") == story
    assert choose("990127195405060010", f"50000.{cents}") == story
    assert choose(None, f"50000.{cents}") == story


@pytest.mark.parametrize("total", [None, "", "1.00", "1.09", "1.10", "1"])
def test_anything_else_is_paid_in_full(total: str | None) -> None:
    assert choose(None, total) == Story.FULL


def test_slow_is_told_by_digits_only() -> None:
    assert choose("99012719540506909X", None) == Story.SLOW


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10_000), min_size=1, max_size=6))
def test_parts_sum_to_the_whole(total: int, shares: list[int]) -> None:
    parts = split(total, [Payee("1234", share) for share in [*shares, 1]])
    assert sum(parts) == total
    assert min(parts) >= 0


@given(st.integers(0, 10**12))
def test_amounts_are_written_and_read_to_the_fen(amount: int) -> None:
    assert fen(yuan(amount)) == amount


@pytest.mark.parametrize("text", ["1", "1.0", "1.000", "-1.00", "1e2.00", "１.00", ".00x", ""])
def test_an_amount_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="two decimals"):
        fen(text)


@given(st.sampled_from(Story), st.integers(0, 10**9), st.booleans())
def test_no_decision_is_over_what_was_assessed(story: Story, assessed: int, told: bool) -> None:
    data = decision(story, assessed, date(2026, 11, 22), deductible=told).data
    amount = fen(str(data["amount"]))
    assert 0 <= amount <= assessed
    assert (amount > 0) == (data["outcome"] in {"full", "partial"})
