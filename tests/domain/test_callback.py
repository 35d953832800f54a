from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.callback import (
    Accepted,
    Decided,
    EvidenceAsked,
    PayoutTold,
    Unreadable,
    read_callback,
)
from app.domain.lifecycle import Outcome

TODAY = date(2026, 6, 15)
FEW = settings(max_examples=60, deadline=None)
DECIDED = {
    "claim_no": "330127-2026-000123-1",
    "insurer_case_no": "C-1",
    "outcome": "full",
    "amount": "1600.00",
    "currency": "CNY",
    "clause": "第五条",
    "decided_on": "2026-06-14",
}
PAID = {
    "insurer_case_no": "C-1",
    "payout_reference": "P-1",
    "settlement_no": "S-1",
    "amount": "1600.00",
    "paid_on": "2026-06-14",
    "account_last4": "1234",
}


def body(kind: str, data: object) -> dict[str, Any]:
    return {"type": kind, "timestamp": "2026-06-15T00:00:00Z", "data": data}


def test_an_acceptance_gives_the_insurer_s_number() -> None:
    assert read_callback(body("claim.accepted", {"insurer_case_no": "C-1"}), TODAY) == (
        Accepted("C-1")
    )


def test_a_decision_is_read_in_fen_and_our_words() -> None:
    told = read_callback(body("claim.decided", DECIDED), TODAY)

    assert told == Decided("C-1", Outcome.FULL, 160_000, "第五条", None, date(2026, 6, 14))


def test_a_decision_without_a_day_is_of_today() -> None:
    undated = {name: value for name, value in DECIDED.items() if name != "decided_on"}

    told = read_callback(body("claim.decided", undated), TODAY)

    assert isinstance(told, Decided)
    assert told.decided_on == TODAY


@pytest.mark.parametrize(
    ("outcome", "amount", "fits"),
    [
        ("full", "0.00", False),
        ("partial", "0.01", True),
        ("goodwill", "0.00", False),
        ("nil", "0.00", True),
        ("declined", "0.01", False),
        ("below_deductible", "0.00", True),
    ],
)
def test_an_outcome_must_agree_with_its_amount(outcome: str, amount: str, fits: bool) -> None:
    told = body("claim.decided", {**DECIDED, "outcome": outcome, "amount": amount})

    if fits:
        assert isinstance(read_callback(told, TODAY), Decided)
    else:
        with pytest.raises(Unreadable) as refused:
            read_callback(told, TODAY)
        assert refused.value.reason == "outcome_contradicts_amount"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"amount": 1600}, "amount_not_text"),
        ({"amount": "1600.001"}, "amount_malformed"),
        ({"amount": "-1.00"}, "amount_malformed"),
        ({"currency": "USD"}, "currency_unknown"),
        ({"outcome": "maybe"}, "outcome_unknown"),
        ({"outcome": None}, "outcome_unknown"),
        ({"clause": ""}, "clause_malformed"),
        ({"clause": "x" * 501}, "clause_malformed"),
        ({"reason_zh": "\x00"}, "reason_zh_malformed"),
        ({"insurer_case_no": 5}, "insurer_case_no_malformed"),
        ({"decided_on": "yesterday"}, "decided_on_malformed"),
    ],
)
def test_a_decision_that_cannot_be_taken_at_its_word_is_named(
    change: dict[str, object], reason: str
) -> None:
    with pytest.raises(Unreadable) as refused:
        read_callback(body("claim.decided", {**DECIDED, **change}), TODAY)

    assert refused.value.reason == reason


def test_papers_are_asked_for_by_code_with_a_day() -> None:
    asked = {
        "items": [{"code": "id_card", "label_zh": "身份证明"}, {"code": "invoice"}],
        "due_on": "2026-06-30",
        "reason_zh": "缺件",
    }

    assert read_callback(body("claim.evidence_requested", asked), TODAY) == EvidenceAsked(
        None, (("id_card", "身份证明"), ("invoice", "invoice")), date(2026, 6, 30), "缺件"
    )


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        (None, "items_missing"),
        ([], "items_missing"),
        ([{"code": "x"}] * 21, "items_missing"),
        (["id_card"], "items_malformed"),
        ([{"label_zh": "身份证明"}], "items_malformed"),
    ],
)
def test_a_request_without_proper_papers_is_named(items: object, reason: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_callback(body("claim.evidence_requested", {"items": items}), TODAY)

    assert refused.value.reason == reason


def test_a_payment_is_read_and_an_odd_account_ending_is_left_out() -> None:
    told = read_callback(body("payout.paid", {**PAID, "account_last4": "12345"}), TODAY)

    assert told == PayoutTold("paid", "P-1", "S-1", 160_000, None, None, None, date(2026, 6, 14))


@pytest.mark.parametrize(
    ("code", "known"), [("name_mismatch", "name_mismatch"), ("moon", "other"), (None, "other")]
)
def test_a_bounce_has_a_reason_of_ours(code: str | None, known: str) -> None:
    told = read_callback(body("payout.returned", {**PAID, "failure_code": code}), TODAY)

    assert isinstance(told, PayoutTold)
    assert (told.state, told.failure_code) == ("returned", known)


@pytest.mark.parametrize(
    ("kind", "change", "reason"),
    [
        ("payout.paid", {"payout_reference": None}, "payout_reference_missing"),
        ("payout.paid", {"settlement_no": None}, "settlement_no_missing"),
        ("payout.returned", {"settlement_no": None}, "settlement_no_missing"),
        ("payout.sent", {"amount": "0.00"}, "amount_zero"),
    ],
)
def test_a_payout_that_lacks_what_it_needs_is_named(
    kind: str, change: dict[str, object], reason: str
) -> None:
    with pytest.raises(Unreadable) as refused:
        read_callback(body(kind, {**PAID, **change}), TODAY)

    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ([], "not_an_object"),
        ({"type": "claim.accepted"}, "data_missing"),
        ({"type": "claim.sung", "data": {}}, "unknown_type"),
        ({"data": {}}, "unknown_type"),
    ],
)
def test_what_is_no_callback_is_named(told: object, reason: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_callback(told, TODAY)

    assert refused.value.reason == reason


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@FEW
@given(
    st.sampled_from(["claim.decided", "payout.paid", "claim.evidence_requested"]),
    st.dictionaries(st.sampled_from(sorted({*DECIDED, *PAID, "items"})), JSON),
)
def test_whatever_is_sent_is_read_or_refused_by_name(kind: str, data: dict[str, object]) -> None:
    reason = "read"
    try:
        read_callback(body(kind, data), TODAY)
    except Unreadable as refused:
        reason = refused.reason

    assert reason.isascii()
