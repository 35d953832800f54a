from app.domain.bill_checks import mismatches, warnings
from app.domain.facts import Bill
from app.domain.words import BillKind

RIGHT = {
    "medfee_sumamt": 1_000_000,
    "fund_pay_sumamt": 600_000,
    "hifp_pay": 500_000,
    "hifmi_pay": 100_000,
    "psn_part_amt": 400_000,
    "psn_cash_pay": 300_000,
    "acct_pay": 100_000,
    "fulamt_ownpay_amt": 150_000,
    "preselfpay_amt": 50_000,
    "inscp_scp_amt": 800_000,
}
BORNE = ("self_borne", "preselfpay_amt", "fulamt_ownpay_amt")


def bill(total: int = 1_000_000, paid: int = 0, **changes: int) -> Bill:
    later = (("慈善总会", paid),) if paid else ()
    return Bill("b1", BillKind.INPATIENT, total, {**RIGHT, **changes}, later)


def told(faults: tuple[object, ...]) -> str:
    return " ".join(str(getattr(fault, "message_en", "")) for fault in faults)


def test_a_right_settlement_has_no_warning_and_may_be_submitted() -> None:
    assert warnings(bill()) == ()
    assert mismatches(bill(), BORNE) == ()


def test_a_bill_that_states_only_its_total_breaks_nothing() -> None:
    bare = Bill("b1", BillKind.INPATIENT, 1_000, {})

    assert warnings(bare) == mismatches(bare, ("psn_part_amt",)) == ()


def test_funds_that_do_not_add_up_are_a_warning_only() -> None:
    wrong = bill(hifp_pay=499_999)

    assert "hifp_pay" in told(warnings(wrong, "/bills/0"))
    assert mismatches(wrong, BORNE) == ()


def test_a_total_that_differs_from_the_settlement_is_a_warning() -> None:
    assert "medfee_sumamt" in told(warnings(bill(medfee_sumamt=999_999)))


def test_used_parts_that_break_the_total_stop_a_submission() -> None:
    (fault, *_) = mismatches(bill(psn_part_amt=450_000), BORNE, "/bills/0")

    assert (fault.pointer, fault.code) == ("/bills/0", "money.sum_mismatch")


def test_payers_that_exceed_the_total_stop_a_submission() -> None:
    assert "exceeds" in told(mismatches(bill(paid=400_001), ()))
    assert mismatches(bill(paid=400_000), ()) == ()


def test_a_negative_self_borne_part_is_told_and_stops_where_it_is_used() -> None:
    wrong = Bill(
        "b1",
        BillKind.INPATIENT,
        1_000,
        {"psn_part_amt": 100, "fulamt_ownpay_amt": 90, "preselfpay_amt": 20},
    )

    assert "psn_part_amt" in told(warnings(wrong))
    assert mismatches(wrong, ("self_borne",)) != ()
    assert mismatches(wrong, ("fulamt_ownpay_amt",)) == ()


def test_used_parts_above_the_total_stop_a_submission() -> None:
    outside = Bill("b1", BillKind.INPATIENT, 1_000, {"fulamt_ownpay_amt": 1_001})
    borne = Bill("b1", BillKind.INPATIENT, 1_000, {"psn_part_amt": 1_001})

    assert mismatches(outside, ("fulamt_ownpay_amt",)) != ()
    assert mismatches(outside, ("psn_part_amt",)) == ()
    assert mismatches(borne, ("psn_part_amt",)) != ()
