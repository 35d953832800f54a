"""Reversals, recoveries, receipts, advances and the ledger over the door."""

from typing import Any
from uuid import uuid4

import pytest

from app.db.session import Database
from app.domain.caller import Role
from tests.api.conftest import Caller_, Client
from tests.api.story import POLICY, Insurer, found_county, good, keyed, submitted, today
from tests.api.test_approvals import versioned
from tests.api.test_door import refused


@pytest.fixture
async def paid(
    database: Database, county: Client, township: Client, nobody: Client
) -> dict[str, Any]:
    """A payout of 1,600 yuan that has arrived."""
    await found_county(database, county)
    claim = await submitted(database, township)
    insurer = Insurer(nobody, database, claim["claim_no"])
    await insurer.tell("claim.accepted")
    await insurer.tell("claim.decided", outcome="full", amount="1600.00", decided_on="2026-01-01")
    told = {"payout_reference": "PAY-1", "amount": "1600.00", "account_last4": "2222"}
    await insurer.tell("payout.paid", settlement_no="N-1", **told)
    query = {"claim_no": claim["claim_no"]}
    (payout,) = good(await county.get("/v1/payouts", params=query))["items"]
    assert (payout["status"]["code"], payout["kind"]["code"]) == ("paid", "benefit")
    return payout  # type: ignore[no-any-return]


async def test_a_payment_is_reversed_once_and_a_repeated_request_gets_the_same_answer(
    paid: dict[str, Any], county: Client, township: Client
) -> None:
    path, form, headers = f"/v1/payouts/{paid['id']}:reverse", {"reason_zh": "银行冲正"}, keyed()
    first = await county.post(path, json=form, headers=headers)
    assert good(first)["status"]["code"] == "returned"
    assert first.json()["attempts"][0]["failure"] == {"code": "reversed", "label_zh": "冲正"}
    again = await county.post(path, json=form, headers=headers)
    assert (again.content, again.headers["Idempotency-Replayed"]) == (first.content, "true")
    other = await county.post(path, json=form, headers=keyed())
    refused(other, 409, "claim.invalid_transition")
    books = good(await county.get(f"/v1/policies/{POLICY}/ledger"))
    totals = {one["account"]["code"]: one["balance"] for one in books["totals"]}
    assert (totals["incurred"], totals["payable"], totals["paid"]) == (
        "1600.00",
        "-1600.00",
        "0.00",
    )
    assert books["sum"] == "0.00"
    timeline = good(await township.get(f"/v1/claims/{paid['claim_no']}/timeline"))
    assert "冲正" in {one["text_zh"] for one in timeline["items"]}


async def test_a_part_is_reversed_and_shown_beside_the_payout_that_repeats_it(
    paid: dict[str, Any], county: Client
) -> None:
    form = {"reason_zh": "部分冲正", "amount": "100.50"}
    path = f"/v1/payouts/{paid['id']}:reverse"
    assert good(await county.post(path, json=form, headers=keyed()))["reversed_amount"] == "100.50"
    query = {"claim_no": paid["claim_no"]}
    items = good(await county.get("/v1/payouts", params=query))["items"]
    assert [(one["kind"]["code"], one["amount"]) for one in items] == [
        ("benefit", "1600.00"),
        ("repeat", "100.50"),
    ]


async def test_money_owed_back_is_demanded_received_and_let_go(
    paid: dict[str, Any], county: Client, client_of: Caller_
) -> None:
    path = f"/v1/payouts/{paid['id']}/recoveries"
    form = {"amount": "600.00", "reason_zh": "付错了人"}
    demand = good(await county.post(path, json=form, headers=keyed()), 201)
    assert (demand["state"]["code"], demand["left"]) == ("demanded", "600.00")
    received = {"amount": "200.00", "received_on": today().isoformat(), "reference": "R-1"}
    receive = f"/v1/recoveries/{demand['id']}:receive"
    part = good(await county.post(receive, json=received, headers=keyed()))
    assert (part["received"], part["left"], len(part["receipts"])) == ("200.00", "400.00", 1)
    refused(await county.post(receive, json=received, headers=keyed()), 422, "validation.failed")
    waive = f"/v1/recoveries/{demand['id']}:waive"
    reason = {"reason_zh": "家庭困难"}
    refused(await county.post(waive, json=reason, headers=keyed()), 403, "auth.forbidden")
    second = await client_of(Role.COUNTY, 990127000000)
    assert good(await second.post(waive, json=reason, headers=keyed()))["state"]["code"] == "waived"
    (listed,) = good(await county.get(path))["items"]
    assert (listed["left"], listed["received"]) == ("0.00", "200.00")


async def test_a_receipt_is_confirmed_and_a_sample_drawn(
    paid: dict[str, Any], township: Client
) -> None:
    path = f"/v1/payouts/{paid['id']}:confirm-receipt"
    lost = {"receipt": "not_received", "way": "sample"}
    refused(await township.post(path, json=lost, headers=keyed()), 422, "validation.failed")
    seen = good(await township.post(path, json={"receipt": "received"}, headers=keyed()))
    assert seen["receipt"]["receipt"]["label_zh"] == "已确认收到"
    asked = {"from_on": "2020-01-01", "to_on": "2099-01-01", "seed": "2026", "share_bp": 10_000}
    sample = good(await township.get(f"/v1/policies/{POLICY}/payout-sample", params=asked))
    assert (sample["of"], [one["id"] for one in sample["items"]]) == (1, [paid["id"]])


async def test_an_advance_needs_a_ground_and_a_version(
    database: Database, county: Client, township: Client, nobody: Client
) -> None:
    await found_county(database, county)
    claim = await submitted(database, township)
    insurer = Insurer(nobody, database, claim["claim_no"])
    await insurer.tell("claim.accepted")
    path = f"/v1/claims/{claim['claim_no']}"
    asked = await county.post(f"{path}/advances", json={}, headers=keyed())
    refused(asked, 428, "version.required")
    claim = good(await county.get(path))
    groundless = await county.post(f"{path}/advances", json={}, headers=versioned(claim))
    assert refused(groundless, 422, "validation.failed")["errors"][0]["pointer"] == "/amount"
    assert good(await township.get(f"{path}/advances")) == {"items": []}
    assert good(await township.get(f"{path}/instalments"))["items"] == []
    stop = {"ended_by": "withdrawn", "from_on": today().isoformat(), "reason_zh": "放弃"}
    stopped = await county.post(f"{path}/instalments:stop", json=stop, headers=versioned(claim))
    refused(stopped, 409, "claim.invalid_transition")
    for act in ("confirm", "cancel"):
        form = {"reason_zh": "无"} if act == "cancel" else None
        missing = await county.post(f"{path}/advances/1:{act}", json=form, headers=versioned(claim))
        refused(missing, 404, "resource.not_found")


async def test_a_period_out_of_order_is_refused(database: Database, county: Client) -> None:
    await found_county(database, county)
    period = {"from_on": "2026-02-01", "to_on": "2026-01-01"}
    answer = await county.get(f"/v1/policies/{POLICY}/ledger", params=period)
    refused(answer, 422, "validation.failed")
    unknown = await county.get(f"/v1/policies/{uuid4()}/ledger")
    refused(unknown, 404, "resource.not_found")
