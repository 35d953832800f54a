"""Callbacks that repeat, cross, come late or from the wrong side; each fault by its number."""

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from sqlalchemy import text
from standardwebhooks import Webhook

from app.db.inbox import Filed, store_callback
from app.db.session import Database
from app.domain.caller import AREA_END, Caller, Role
from app.domain.errors import TimestampSkew
from app.domain.lifecycle import ClaimStatus
from app.services.callbacks.receive_callback import receive_callback
from app.services.notices.withdraw_notice import withdraw_notice
from app.worker.desk_work import ACTS, LEFT
from tests.cases import (
    CHUNAN,
    INSURER,
    callback_states,
    claim_view,
    county_with,
    decided,
    deliver,
    file,
    notice,
    payout,
    work,
)
from tests.contracts import SECRET_IN, SYSTEM, TOWNSHIP, take_on

PAIRS = 60


async def referred(database: Database) -> str:
    """A claim that its insurer has."""
    await county_with(database, CHUNAN)
    claim_no = (await file(database, notice())).claims[0].claim_no
    await work(database)
    return claim_no


async def closed(database: Database) -> str:
    """A claim that was paid and closed."""
    claim_no = await referred(database)
    await deliver(database, claim_no, "claim.decided", **decided())
    await deliver(database, claim_no, "payout.paid", **payout(settlement_no="N-1"))
    await work(database)
    return claim_no


async def counted(database: Database, table: str) -> int:
    async with database.transaction(SYSTEM) as tx:
        found: int = (await tx.sql.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()
        return found


async def test_f32_the_same_callback_twice_at_once_is_stored_and_applied_once(
    fresh_database: Database,
) -> None:
    claim_no = await referred(fresh_database)
    told = [("claim.accepted", f"evt_{n}", {}) for n in range(PAIRS)]
    told.append(("claim.decided", "evt_decided", decided()))
    for type_, event_id, data in told:
        receipts = await asyncio.gather(
            *(deliver(fresh_database, claim_no, type_, event_id=event_id, **data) for _ in "12")
        )
        assert sorted(one.duplicate for one in receipts) == [False, True]
    await asyncio.gather(*(work(fresh_database) for _ in range(3)))
    assert await counted(fresh_database, "callback_event") == PAIRS + 1
    assert await counted(fresh_database, "decision") == 1
    assert await counted(fresh_database, "payout") == 1


@pytest.mark.parametrize("seconds", [301, 86_400])
async def test_f34_an_old_callback_played_again_is_refused_and_a_young_one_is_a_duplicate(
    database: Database, seconds: int
) -> None:
    await take_on(database)
    raw = json.dumps({"type": "claim.accepted", "data": {"claim_no": "990127-2026-000001-1"}})

    def signed(at: datetime) -> dict[str, str]:
        return {
            "webhook-id": "evt_1",
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(SECRET_IN).sign("evt_1", at, raw),
        }

    now = datetime.fromtimestamp(time.time(), UTC)
    young = signed(now - timedelta(seconds=200))
    assert (await receive_callback(database, INSURER, young, raw.encode())).duplicate is False
    assert (await receive_callback(database, INSURER, young, raw.encode())).duplicate is True
    with pytest.raises(TimestampSkew):
        await receive_callback(
            database, INSURER, signed(now - timedelta(seconds=seconds)), raw.encode()
        )


async def test_f35_an_insurers_own_repetition_under_new_ids_pays_once(database: Database) -> None:
    """New event ids, the same (insurer, reference, settlement number); then a new number too."""
    claim_no = await closed(database)
    await deliver(database, claim_no, "payout.paid", **payout(settlement_no="N-1"))
    await deliver(database, claim_no, "claim.decided", **decided())
    await deliver(database, claim_no, "payout.paid", **payout(settlement_no="N-2"))
    await work(database)
    assert (await callback_states(database, claim_no))[2:] == [
        ("payout.paid", "ignored_stale"),
        ("claim.decided", "ignored_stale"),
        ("payout.paid", "parked"),
    ]
    claim = (await claim_view(database, claim_no)).claim
    assert (claim.status, claim.paid_fen) == (ClaimStatus.CLOSED, 200_000)
    assert await counted(database, "payout_attempt") == 1


async def test_f38_news_of_an_unknown_claim_and_of_anothers_look_alike_and_open_nothing(
    database: Database,
) -> None:
    await county_with(database, CHUNAN)
    claim_no = (await file(database, notice())).claims[0].claim_no
    await work(database)
    await take_on(database, "rival")
    receipts = []
    for number in ("990127-2026-999999-1", claim_no):
        raw = json.dumps({"type": "claim.decided", "data": {"claim_no": number, **decided()}})
        now = datetime.now(UTC)
        event_id = f"evt_{len(receipts)}"
        headers = {
            "webhook-id": event_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(SECRET_IN).sign(event_id, now, raw),
        }
        receipts.append(await receive_callback(database, "rival", headers, raw.encode()))
    assert [one.duplicate for one in receipts] == [False, False]  # nothing tells which exists
    await work(database)
    async with database.transaction(SYSTEM) as tx:
        rows = await tx.sql.execute(text("SELECT state, reason FROM callback_event ORDER BY id"))
        assert [tuple(row) for row in rows] == [
            ("parked", "claim_unknown"),
            ("parked", "claim_of_another"),
        ]
    assert (await claim_view(database, claim_no)).claim.status is ClaimStatus.UNDER_REVIEW
    assert await counted(database, "claim") == 1


LATE: dict[str, tuple[str, dict[str, object], str]] = {
    "the same decision": ("claim.decided", decided(), "ignored_stale"),
    "another decision": ("claim.decided", decided(amount="1999.99", outcome="partial"), "parked"),
    "a refusal": ("claim.decided", decided(amount="0.00", outcome="declined"), "parked"),
    "papers": (
        "claim.evidence_requested",
        {"items": [{"code": "invoice", "label_zh": "发票"}]},
        "ignored_stale",
    ),
    "accepted": ("claim.accepted", {}, "ignored_stale"),
}


@pytest.mark.parametrize(("type_", "data", "state"), LATE.values(), ids=LATE)
async def test_f39_news_after_closing_change_nothing_in_silence(
    database: Database, type_: str, data: dict[str, object], state: str
) -> None:
    """What says nothing new is noted as such; what differs waits for a person."""
    claim_no = await closed(database)
    before = (await claim_view(database, claim_no)).claim
    await deliver(database, claim_no, type_, **data)
    await work(database)
    assert (await callback_states(database, claim_no))[-1] == (type_, state)
    after = (await claim_view(database, claim_no)).claim
    assert (after.status, after.outcome, after.decided_fen, after.paid_fen) == (
        before.status,
        before.outcome,
        before.decided_fen,
        before.paid_fen,
    )


async def test_f39_news_after_a_withdrawal_wait_for_a_person(database: Database) -> None:
    claim_no = await referred(database)
    async with database.transaction(TOWNSHIP) as tx:
        await withdraw_notice(tx, claim_no.rpartition("-")[0], "重复报案")
    await work(database)
    for type_, data in (("claim.decided", decided()), ("payout.paid", payout(settlement_no="N"))):
        await deliver(database, claim_no, type_, **data)
        await work(database)
        assert (await callback_states(database, claim_no))[-1] == (type_, "parked")
    claim = (await claim_view(database, claim_no)).claim
    assert (claim.status, claim.paid_fen) == (ClaimStatus.WITHDRAWN, 0)


async def test_f37_news_stored_while_the_job_for_earlier_news_is_taken_is_not_forgotten(
    fresh_database: Database,
) -> None:
    """Found by the storm: the waiting job was done before the second callback was committed."""
    claim_no = await referred(fresh_database)
    await deliver(fresh_database, claim_no, "claim.decided", **decided())
    caller = Caller(Role.INSURER, 0, AREA_END, "insurer:demo-insurer", "demo-insurer")
    body = {"type": "payout.sent", "data": {"claim_no": claim_no, **payout()}}
    raw = json.dumps(body).encode()
    async with fresh_database.transaction(caller) as tx:
        filed = Filed("payout.sent", claim_no)
        await store_callback(tx, "demo-insurer", "evt_late", raw, sha256(raw).digest(), filed)
        await work(fresh_database)  # before the commit
    await work(fresh_database)
    assert [state for _, state in await callback_states(fresh_database, claim_no)] == [
        "applied",
        "applied",
    ]


async def test_a_callback_whose_job_is_gone_is_found_by_the_next_round(database: Database) -> None:
    """Whatever became of the job: a hand in the table, a restore, a fault of ours."""
    claim_no = await referred(database)
    await deliver(database, claim_no, "claim.decided", **decided())
    async with database.transaction(SYSTEM) as tx:
        await tx.sql.execute(text("DELETE FROM job WHERE kind = 'apply'"))
        await tx.sql.execute(
            text("UPDATE callback_event SET received_at = received_at - interval '61 s'")
        )
        await ACTS[LEFT](tx, "jobs")
    await work(database)
    assert [state for _, state in await callback_states(database, claim_no)] == ["applied"]
