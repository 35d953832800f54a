"""A gateway's notifications go the way of every callback: verified, stored once, applied."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from app.db.insurers import add_secret
from app.db.session import Database
from app.domain.errors import CallbackConflict, CallbackUnreadable, SignatureInvalid
from app.domain.lifecycle import ClaimStatus
from app.services.callbacks.receive_callback import Receipt, receive_callback
from app.services.insurers import rotate_secret
from tests.cases import CHUNAN, callback_states, claim_view, county_with, file, notice, work
from tests.contracts import SYSTEM
from tests.outside.test_form_dialect import (
    OWN,
    PEER,
    SETTLED,
    STRANGER,
    THEIRS,
    notification,
    public,
)
from tests.services.test_insurers import SECURITY

SETTLED_BY = "relief.claim.settled.notify"
PAID_BY = "relief.claim.payment.notify"


async def behind_a_gateway(database: Database) -> str:
    """A referred claim whose insurer speaks through a gateway; gives its number."""
    await county_with(database, CHUNAN)
    async with database.transaction(SYSTEM) as tx:
        await tx.sql.execute(text("UPDATE insurer SET dialect = 'form'"))
        await tx.sql.execute(text("UPDATE insurer_secret SET active_to = business_now()"))
        await add_secret(tx, "demo-insurer", "in", PEER)
        await add_secret(tx, "demo-insurer", "out", OWN)
    claim_no = (await file(database, notice())).claims[0].claim_no
    await work(database)
    return claim_no


async def notify(database: Database, raw: bytes) -> Receipt:
    return await receive_callback(database, "demo-insurer", {}, raw)


async def test_a_claim_is_decided_and_paid_by_notifications(database: Database) -> None:
    claim_no = await behind_a_gateway(database)
    told = SETTLED | {"out_case_no": claim_no, "result": "PASS", "claim_fee": 200_000}
    raw = notification(SETTLED_BY, told)
    assert (await notify(database, raw)).duplicate is False
    assert (await notify(database, raw)).duplicate is True
    paid = {
        "out_case_no": claim_no,
        "pay_status": "PAID",
        "pay_no": "P1",
        "settle_no": "S1",
        "amount": 200_000,
        "account_tail": "1234",
        "pay_time": "2026-06-21 10:00:00",
    }
    await notify(database, notification(PAID_BY, paid, notify_id="N-2"))
    await work(database)
    claim = (await claim_view(database, claim_no)).claim
    assert (claim.status, claim.paid_fen) == (ClaimStatus.CLOSED, 200_000)
    assert await callback_states(database, claim_no) == [
        ("claim.decided", "applied"),
        ("payout.paid", "applied"),
    ]


async def test_what_a_notification_does_not_say_rightly_waits_for_a_person(
    database: Database,
) -> None:
    """F33, F40: an amount in yuan where fen are meant; then the same id with another body."""
    claim_no = await behind_a_gateway(database)
    told = SETTLED | {"out_case_no": claim_no, "claim_fee": "1600.00"}
    await notify(database, notification(SETTLED_BY, told))
    with pytest.raises(CallbackUnreadable):
        await notify(database, notification(SETTLED_BY, [], notify_id="N-3"))
    with pytest.raises(CallbackConflict):
        await notify(database, notification(SETTLED_BY, SETTLED | {"out_case_no": claim_no}))
    await work(database)
    assert (await claim_view(database, claim_no)).claim.status is ClaimStatus.UNDER_REVIEW
    async with database.transaction(SYSTEM) as tx:
        kept = await tx.sql.execute(text("SELECT state, reason FROM callback_event ORDER BY id"))
        assert [tuple(row) for row in kept] == [
            ("parked", "amount_malformed"),
            ("failed", "not_json"),
        ]


async def test_f46_a_gateways_key_is_rotated_with_an_overlap(database: Database) -> None:
    await behind_a_gateway(database)
    renewed = notification("x", {}, STRANGER)
    with pytest.raises(SignatureInvalid):
        await notify(database, renewed)
    async with database.transaction(SECURITY) as tx:
        await rotate_secret(tx, "demo-insurer", "in", public(STRANGER), timedelta(hours=1))
    for number, key in enumerate((STRANGER, THEIRS)):
        raw = notification(SETTLED_BY, SETTLED, key, notify_id=f"R-{number}")
        assert (await notify(database, raw)).duplicate is False
