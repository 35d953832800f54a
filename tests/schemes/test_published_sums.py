"""Published sums that are no cover of a scheme: how a bill comes apart, premiums, whole groups."""

from app.catalogue import load_all
from app.domain.clauses.bills import Part
from app.domain.facts import Bill
from app.domain.measures.bases import part_fen
from app.domain.measures.sheet import Books
from app.domain.money import share_fen
from app.domain.premium import premium_fen, premium_shares
from app.domain.words import BillKind
from tests.domain.facts_made import make_facts

A_OWN, B_FIRST, EXAM_FIRST, IMPLANT_FIRST = 1_120, 1_000, 3_000, 5_000


def test_p11_a_knee_comes_apart_into_three_kinds_of_own_cost() -> None:
    """自费, 自理 and 自付 of the published example; 自负 is what our base takes it for."""
    outside = 580_000
    first = {
        "B": share_fen(1_820_000, B_FIRST),
        "exam": share_fen(200_000, EXAM_FIRST),
        "implant": share_fen(5_000_000, IMPLANT_FIRST),
    }
    within = share_fen(3_400_000, A_OWN)
    within += share_fen(1_820_000 - first["B"], A_OWN) + share_fen(200_000 - first["exam"], A_OWN)
    own = outside + sum(first.values()) + within
    total = 580_000 + 3_400_000 + 1_820_000 + 200_000 + 5_000_000
    amounts = {
        "fulamt_ownpay_amt": outside,
        "preselfpay_amt": sum(first.values()),
        "psn_part_amt": own,
    }
    bill = Bill("b0", BillKind.INPATIENT, total, amounts)

    assert own == 3_901_936
    assert total - own == 7_098_064
    assert part_fen(Part("self_borne", "自负"), bill, Books(make_facts(bill), {})) == within


def test_d37_a_premium_is_shared_as_published() -> None:
    terms = load_all()["anqing-wubao-accident"]
    funding, premium = terms.funding, terms.premium
    assert funding is not None

    total = premium_fen(funding.basis, premium.value, 1_909)  # type: ignore[union-attr]

    assert total == 34_362_000
    assert premium_shares(funding, total) == (("city", 24_053_400), ("district", 10_308_600))


def test_n18_the_published_mix_of_students_sums_to_88_000() -> None:
    covers = {cover.code: cover for cover in load_all()["chongqing-minzheng-jikunbao"].covers}
    rows = covers["school_entry"].measure.amount.rows  # type: ignore[union-attr]

    assert 23 * rows["college"].value + 14 * rows["bachelor"].value == 8_800_000


def test_n15_six_accidents_are_360_000() -> None:
    measure = load_all()["longyan-disaster"].covers[0].measure

    assert 6 * measure.amount.value == 36_000_000  # type: ignore[union-attr]
