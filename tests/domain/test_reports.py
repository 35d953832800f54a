"""Figures that tell what they are made of: the scorecard, the year's end, periods, tables."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.clauses.premiums import OverrunBand, RiskSharing, Surplus
from app.domain.clocks import Clock, ClockKind
from app.domain.errors import Invalid
from app.domain.figures import Sourced
from app.domain.figures import Unit as FigureUnit
from app.domain.lifecycle import Outcome
from app.domain.report_tables import plain_text, table_of_figures
from app.domain.reports import Figure, Unit, read_period
from app.domain.risk_sharing import settle_year
from app.domain.scorecard import Booked, ScoredClaim, rank_of, score
from app.domain.year_end import YearFacts, sentence_zh, tell_year

PERIOD = read_period("2026-06")
LAST = PERIOD.to_on
NOTHING = Booked(0, 0, 0)


def claim(decide: int | None = 5, pay: int | None = 3, **changed: object) -> ScoredClaim:
    """Received on the first of June, decided and paid so many days later."""
    day = 1 + (decide or 0)
    fields: dict[str, object] = {
        "received_on": date(2026, 6, 1),
        "decided_on": None if decide is None else date(2026, 6, day),
        "paid_on": None if decide is None or pay is None else date(2026, 6, day + pay),
        "outcome": None if decide is None else Outcome.FULL,
        "amount_fen": 100,
        "appealed": False,
        "refused_before": False,
        "raised": False,
        "difference": None,
        "difference_fen": 0,
        "clocks": (),
    }
    return ScoredClaim(**(fields | changed))  # type: ignore[arg-type]


def values(figures: tuple[Figure, ...]) -> dict[str, int | None]:
    return {one.code: one.value for one in figures}


def test_what_is_undecided_is_told_as_of_the_day_it_was_counted() -> None:
    scored = score([claim(None)], NOTHING, PERIOD, date(2026, 6, 20))
    (undecided,) = [one for one in scored if one.code == "undecided"]
    assert undecided.value == 1
    assert "2026 年 6 月 20 日" in undecided.sentence_zh


def test_days_are_told_by_their_median_and_by_nine_of_ten() -> None:
    scored = score([claim(days) for days in (1, 2, 3, 4, 20)], NOTHING, PERIOD, LAST)
    found = values(scored)
    assert (found["decide_days_median"], found["decide_days_p90"]) == (3, 20)
    assert (found["pay_days_median"], found["decided"], found["undecided"]) == (3, 5, 0)
    (median,) = [one for one in scored if one.code == "decide_days_median"]
    assert (median.claims, median.unit) == (5, Unit.DAYS)
    assert "5 件由短到长排列，第 3 件为 3 天" in median.sentence_zh


def test_refusals_appeals_and_differences_are_counted_with_what_they_are_counted_of() -> None:
    refused = claim(outcome=Outcome.DECLINED, pay=None, amount_fen=0)
    reversed_ = claim(appealed=True, refused_before=True, raised=True)
    upheld = claim(appealed=True, outcome=Outcome.DECLINED, refused_before=True, pay=None)
    less = claim(difference="open", difference_fen=-250)
    more = claim(difference="accepted", difference_fen=100)
    scored = score([refused, reversed_, upheld, less, more], Booked(1_000, 900, 4), PERIOD, LAST)
    found = values(scored)
    assert (found["outcome_declined"], found["refusal_rate"]) == (2, 4_000)
    assert (found["overturned_rate"], found["refusals_reversed"]) == (5_000, 1)
    assert (found["difference_rate"], found["difference_less"]) == (4_000, 250)
    assert found["difference_more"] == 100
    assert (found["incurred"], found["paid"]) == (1_000, 900)
    (rate,) = [one for one in scored if one.code == "refusal_rate"]
    assert rate.sentence_zh == "不予赔付：2 ÷ 5 = 40%"
    assert rate.text == "40.00"


def test_overdue_days_count_also_where_nothing_is_decided() -> None:
    late = Clock(ClockKind.DECIDE, date(2026, 6, 30), None, True, False, "保险公司", "x")
    scored = score([claim(None, clocks=(late,)), claim()], NOTHING, PERIOD, LAST)
    found = values(scored)
    assert (found["undecided"], found["overdue_decide"], found["overdue_pay"]) == (1, 1, 0)


def test_of_nothing_no_rate_and_no_days_are_told() -> None:
    found = values(score([], NOTHING, PERIOD, LAST))
    assert found["refusal_rate"] is None
    assert found["decide_days_median"] is None
    assert all(
        "没有" in one.sentence_zh for one in score([], NOTHING, PERIOD, LAST) if one.value is None
    )


@given(st.lists(st.integers(0, 400), min_size=1, max_size=50))
def test_a_quantile_is_one_of_the_values_with_enough_below_it(days: list[int]) -> None:
    for part in ((1, 2), (9, 10)):
        ranked = rank_of(days, part)
        assert ranked is not None
        assert ranked[1] in days
        assert sum(one <= ranked[1] for one in days) * part[1] >= len(days) * part[0]


def bp(value: int, unconfirmed: str = "") -> Sourced:
    return Sourced(value, FigureUnit.BP, "条款", unconfirmed)


BAND = OverrunBand(bp(10_000), bp(12_000), bp(5_000))


def year(premium: int, incurred: int, **changed: object) -> YearFacts:
    fields: dict[str, object] = {
        "premium_fen": premium,
        "premium_paid_fen": premium,
        "payers": 2,
        "incurred_fen": incurred,
        "paid_fen": incurred,
        "recovered_fen": 0,
        "claims": 3,
        "open_claims": 0,
        "expected_fen": 0,
        "over": True,
    }
    return YearFacts(**(fields | changed))  # type: ignore[arg-type]


def test_a_surplus_is_told_in_the_steps_that_lead_to_it() -> None:
    sharing = RiskSharing(bp(1_500, "演示"), Surplus.RETURNED, bp(8_000))
    told = {one.code: one for one in tell_year(year(1_000_000, 350_000), sharing)}
    assert told["surplus"].value == 500_000
    assert told["surplus_shared"].value == 400_000
    assert told["surplus_shared"].label_zh == "余额返还出资方"
    assert told["expenses"].sentence_zh == "10,000.00 元 × 15% = 1,500.00 元（未经证实：演示）"
    assert told["surplus_shared"].sentence_zh == "5,000.00 元 × 80% = 4,000.00 元"
    assert told["loss_ratio"].text == "35.00"
    assert told["surplus"].claims == 3


def test_an_overrun_is_told_band_by_band() -> None:
    sharing = RiskSharing(bp(0), Surplus.KEPT, bp(0), (BAND,))
    told = {one.code: one for one in tell_year(year(1_000_000, 1_300_000), sharing)}
    assert (told["overrun_1"].value, told["overrun_2"].value) == (200_000, 100_000)
    assert (told["insurer_bears"].value, told["bureau_bears"].value) == (1_100_000, 200_000)
    assert "保险公司承担 50% 即 1,000.00 元" in told["overrun_1"].sentence_zh
    assert told["surplus_shared"].sentence_zh == "条款约定余额归保险公司，不返还、不结转"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.integers(0, 10**10), st.integers(0, 10_000))
def test_what_is_told_is_what_is_settled(premium: int, claims: int, share: int) -> None:
    bands = (OverrunBand(bp(10_000), bp(15_000), bp(share)), OverrunBand(bp(15_000), None, bp(1)))
    sharing = RiskSharing(bp(1_234), Surplus.CARRIED, bp(share), bands)
    settled = settle_year(sharing, premium, claims)
    told = values(tell_year(year(premium, claims), sharing))
    assert told["expenses"] == settled.expenses_fen
    assert told["surplus_shared"] == settled.carried_fen
    assert told["insurer_bears"] == settled.insurer_fen
    assert told["bureau_bears"] == settled.bureau_fen
    assert settled.insurer_fen + settled.bureau_fen == claims


def test_a_year_says_what_it_is_worth() -> None:
    sharing = RiskSharing(bp(0), Surplus.KEPT, bp(0))
    assert "终值" in sentence_zh(year(1, 1), sharing)
    early = year(1, 1, over=False, open_claims=2)
    assert sentence_zh(early, sharing) == (
        "保险期间尚未结束，还有 2 件赔案没有结论，以下为截至目前的暂算值。"
    )
    assert not early.final
    assert "没有约定" in sentence_zh(early, None)
    assert "surplus" not in values(tell_year(early, None))
    assert values(tell_year(year(0, 5), None))["loss_ratio"] is None


@pytest.mark.parametrize(
    ("text", "last"),
    [("2026", date(2026, 12, 31)), ("2026-02", date(2026, 2, 28)), ("2024-12", date(2024, 12, 31))],
)
def test_a_period_is_a_year_or_a_month(text: str, last: date) -> None:
    assert read_period(text).to_on == last


@pytest.mark.parametrize(
    "text", ["", "26", "2026-13", "2026-00", "2026-1", "２０２６", "0000", "x"]
)
def test_anything_else_is_no_period(text: str) -> None:
    with pytest.raises(Invalid):
        read_period(text)


def test_figures_of_several_units_keep_them_in_one_column() -> None:
    figures = [
        Figure("x", "=1+1", Unit.YUAN, -5, 0, "@SUM(A1)"),
        Figure("y", "率", Unit.PERCENT, 1_250, 8, "八件"),
        Figure("z", "天", Unit.DAYS, None, 0, "无"),
    ]
    table = table_of_figures("t", "标题", "2026", date(2026, 6, 30), figures)
    told = [
        tuple(
            plain_text(cell, column.kind) for cell, column in zip(row, table.columns, strict=True)
        )
        for row in table.rows
    ]
    assert told == [
        ("x", "'=1+1", "-0.05", "元", "0", "'@SUM(A1)"),
        ("y", "率", "12.50", "%", "8", "八件"),
        ("z", "天", "", "天", "0", "无"),
    ]
