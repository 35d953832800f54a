from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.clauses.premiums import (
    Basis,
    Funding,
    Money,
    OverrunBand,
    RiskSharing,
    Source,
    Surplus,
)
from app.domain.premium import (
    months_begun,
    premium_fen,
    premium_shares,
    premium_warnings,
    pro_rata_fen,
)
from app.domain.risk_sharing import YearSettled, loss_ratio_bp, settle_year
from tests.domain.facts_made import bp

FEW = settings(max_examples=40, deadline=None)
ANQING = Funding(
    Basis.HEAD_YEAR,
    (
        Source("city", "市福彩公益金", Money.LOTTERY, bp(7_000)),
        Source("district", "区财政", Money.BUDGET, bp(3_000)),
    ),
)


def test_d37_the_premium_of_anqing_is_shared_as_published() -> None:
    total = premium_fen(ANQING.basis, 18_000, 1_909)

    assert total == 34_362_000
    assert premium_shares(ANQING, total) == (("city", 24_053_400), ("district", 10_308_600))


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        (date(2026, 1, 1), date(2026, 12, 31), 12),
        (date(2026, 3, 31), date(2026, 4, 1), 2),
        (date(2026, 11, 15), date(2027, 1, 15), 3),
        (date(2026, 5, 1), date(2026, 4, 30), 0),
    ],
)
def test_every_month_that_is_touched_counts(first: date, last: date, months: int) -> None:
    assert months_begun(first, last) == months


def test_a_head_month_charges_months_and_a_head_year_does_not() -> None:
    assert premium_fen(Basis.HEAD_MONTH, 1_000, 3, months=7) == 21_000
    assert premium_fen(Basis.HEAD_YEAR, 12_000, 3, months=7) == 36_000
    assert premium_fen(Basis.HOUSEHOLD_YEAR, 1_000, 5) == 5_000
    assert premium_fen(Basis.POPULATION, 300, 350_000) == 105_000_000


def test_a_part_of_the_year_is_rounded_half_up_and_never_above_the_year() -> None:
    assert pro_rata_fen(10_000, 1) == 833
    assert pro_rata_fen(18_250, 6) == 9_125
    assert pro_rata_fen(10_000, 15) == 10_000


@FEW
@given(st.integers(0, 10**10), st.integers(0, 10_000))
def test_the_shares_of_a_premium_make_the_whole(total: int, city: int) -> None:
    funding = Funding(
        Basis.HEAD_YEAR,
        (
            Source("city", "市", Money.BUDGET, bp(city)),
            Source("county", "县", Money.BUDGET, bp(10_000 - city)),
        ),
    )

    assert sum(fen for _, fen in premium_shares(funding, total)) == total


def test_a_premium_without_sources_is_not_split() -> None:
    assert premium_shares(Funding(Basis.HEAD_YEAR), 100) == ()


def test_relief_money_that_may_not_buy_insurance_is_warned_of() -> None:
    barred = Funding(
        Basis.HEAD_YEAR,
        (Source("relief", "救助资金", Money.RELIEF_FUND, bp(10_000)),),
        (Money.RELIEF_FUND,),
        "吉林 2024-06：救助资金不得用于购买保险",
    )

    (warning,) = premium_warnings(barred)

    assert warning.pointer == "/funding/sources/0/money"
    assert "不得用于购买保险" in warning.message_zh
    assert premium_warnings(ANQING) == ()


# The year's result


def sharing(
    surplus: Surplus = Surplus.RETURNED, shared: int = 8_000, *bands: OverrunBand
) -> RiskSharing:
    return RiskSharing(bp(1_500), surplus, bp(shared), bands)


TO_TWICE = OverrunBand(bp(10_000), bp(20_000), bp(10_000))
TO_THRICE = OverrunBand(bp(20_000), bp(30_000), bp(5_000))


def test_a_surplus_goes_back_after_expenses() -> None:
    settled = settle_year(sharing(), 1_000_000, 350_000)

    assert settled == YearSettled(150_000, 500_000, 400_000, 0, 350_000, 0)


def test_a_surplus_is_carried_forward_or_kept_as_the_terms_say() -> None:
    carried = settle_year(sharing(Surplus.CARRIED, 10_000), 1_000_000, 350_000)
    kept = settle_year(sharing(Surplus.KEPT), 1_000_000, 350_000)

    assert (carried.carried_fen, carried.returned_fen) == (500_000, 0)
    assert (kept.carried_fen, kept.returned_fen) == (0, 0)


@pytest.mark.parametrize(
    ("claims", "insurer", "bureau"),
    [
        (900_000, 900_000, 0),
        (2_000_000, 2_000_000, 0),
        (2_500_000, 2_250_000, 250_000),
        (3_000_000, 2_500_000, 500_000),
        (3_500_000, 2_500_000, 1_000_000),
    ],
)
def test_the_insurer_pays_to_twice_the_premium_half_to_three_times_then_stops(
    claims: int, insurer: int, bureau: int
) -> None:
    settled = settle_year(sharing(Surplus.KEPT, 0, TO_TWICE, TO_THRICE), 1_000_000, claims)

    assert (settled.insurer_fen, settled.bureau_fen) == (insurer, bureau)


@FEW
@given(st.integers(0, 10**9), st.integers(0, 10**10), st.integers(0, 10_000))
def test_what_insurer_and_bureau_bear_makes_the_claims(
    premium: int, claims: int, share: int
) -> None:
    open_end = OverrunBand(bp(9_000), None, bp(share))
    settled = settle_year(sharing(Surplus.RETURNED, 8_000, open_end), premium, claims)

    assert settled.insurer_fen + settled.bureau_fen == claims
    assert min(settled.insurer_fen, settled.bureau_fen, settled.returned_fen) >= 0


def test_a_loss_ratio_needs_a_premium() -> None:
    assert loss_ratio_bp(1_000, 900) == 9_000
    assert loss_ratio_bp(0, 900) is None
