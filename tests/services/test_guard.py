"""The guard: what breaks is found by itself, and stops the payouts that we order, no others."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from app.db.guard import CheckRow, looking, measure, read_checks, read_gauges
from app.db.holds import HoldRow, list_holds
from app.db.invariants import INVARIANTS
from app.db.session import Database
from app.domain.errors import IllegalMove, PayoutsHeld
from app.domain.lifecycle import ClaimStatus, PayoutStatus
from app.services.batches.export_batch import export_batch
from app.services.batches.make_batch import make_batch
from app.services.claims.approve_claim import approve_claim
from app.services.holds.release_hold import release_hold
from app.services.payouts.correct_account import correct_account
from app.services.payouts.view import list_payouts
from app.worker.guard import GUARD, guard_round
from app.worker.loop import Rounds, Worker
from tests.cases import (
    CHUNAN,
    FUND,
    Wire,
    claim_view,
    county_with,
    decided,
    deliver,
    file,
    notice,
    payout,
    work,
)
from tests.contracts import COUNTY, INSURER, OTHER_COUNTY, SYSTEM, TOWNSHIP
from tests.services.test_funds import PAPERS, POLICY, delegate, fund, pending
from tests.services.test_invariants import bend
from tests.services.test_reconciling import line, take

BOOKS = 4
BENT = "UPDATE claim SET paid_fen = paid_fen + 1 WHERE claim_no = :claim_no"
MENDED = "UPDATE claim SET paid_fen = paid_fen - 1 WHERE claim_no = :claim_no"


async def bent(database: Database, bending: str, claim_no: str) -> None:
    async with database.transaction(SYSTEM) as tx:
        await bend(tx, bending, claim_no)


async def holds(database: Database) -> list[HoldRow]:
    async with database.transaction(COUNTY) as tx:
        return await list_holds(tx, state=None, before=None, limit=10)


async def check_of(database: Database, number: int) -> CheckRow:
    async with database.transaction(SYSTEM) as tx:
        (found,) = [one for one in await read_checks(tx) if one.number == number]
    return found


async def decided_of_fund(database: Database) -> str:
    """A fund's claim that waits for its batch."""
    await fund(database)
    claim = await pending(database, 1, *PAPERS)
    assert claim.assessed_fen
    await delegate(database, claim.assessed_fen)
    async with database.transaction(TOWNSHIP) as tx:
        await approve_claim(tx, claim.claim_no, claim.version)
    return claim.claim_no


async def test_a_round_asks_everything_and_finds_nothing(database: Database) -> None:
    claim_no = await decided_of_fund(database)
    assert await guard_round(database, 30) == len(INVARIANTS)
    async with database.transaction(SYSTEM) as tx:
        checks, gauges = await read_checks(tx), await read_gauges(tx)
    assert {one.number for one in checks} == {one.number for one in INVARIANTS}
    assert all(one.broken == 0 and one.fault is None and one.checked_at for one in checks)
    taken = {one.name: one.samples for one in gauges}
    assert taken["relief_claims_total"] == [({"status": "decided", "scheme": FUND}, 1.0)]
    assert await holds(database) == []
    assert (await claim_view(database, claim_no)).held_zh is None


async def test_a_red_invariant_stops_the_payouts_we_order_and_says_so(database: Database) -> None:
    claim_no = await decided_of_fund(database)
    async with database.transaction(COUNTY) as tx:
        made = await make_batch(tx, POLICY)
    await bent(database, BENT, claim_no)
    await guard_round(database, 30)
    (hold,) = await holds(database)
    assert (hold.policy_no, hold.number, hold.state) == (POLICY, BOOKS, "open")
    assert hold.places == [claim_no]
    with pytest.raises(PayoutsHeld) as refused:
        async with database.transaction(COUNTY) as tx:
            await export_batch(tx, made.batch_no)
    assert refused.value.number == BOOKS
    with pytest.raises(PayoutsHeld):
        async with database.transaction(COUNTY) as tx:
            await make_batch(tx, POLICY)
    assert (await claim_view(database, claim_no)).held_zh == hold.reason_zh
    async with database.transaction(TOWNSHIP) as tx:
        (shown,) = await list_payouts(tx, claim_no)
    assert shown.held_zh == hold.reason_zh
    red = await check_of(database, BOOKS)
    assert (red.broken, red.red_since is None) == (1, False)


async def test_what_holds_again_frees_the_payouts_by_itself(database: Database) -> None:
    claim_no = await decided_of_fund(database)
    await bent(database, BENT, claim_no)
    await guard_round(database, 30)
    await bent(database, MENDED, claim_no)
    await guard_round(database, 30)
    (hold,) = await holds(database)
    assert (hold.state, hold.ended_by) == ("over", f"worker:{GUARD}")
    assert (await check_of(database, BOOKS)).red_since is None
    async with database.transaction(COUNTY) as tx:
        assert (await make_batch(tx, POLICY)).count == 1
    await bent(database, BENT, claim_no)
    await guard_round(database, 30)
    assert [one.state for one in await holds(database)] == ["open", "over"]


async def test_a_person_releases_payouts_until_something_else_breaks(database: Database) -> None:
    claim_no = await decided_of_fund(database)
    second = await pending(database, 2, *PAPERS)
    await bent(database, BENT, claim_no)
    await guard_round(database, 30)
    (hold,) = await holds(database)
    async with database.transaction(SYSTEM) as tx:
        await release_hold(tx, hold.id, "已人工核对，系展示差一分")
    await guard_round(database, 30)
    async with database.transaction(COUNTY) as tx:
        await make_batch(tx, POLICY)  # the same place does not hold again
    with pytest.raises(IllegalMove):
        async with database.transaction(SYSTEM) as tx:
            await release_hold(tx, hold.id, "再来一次")
    await bent(database, BENT, second.claim_no)
    await guard_round(database, 30)
    newest, released = await holds(database)
    assert (newest.state, released.state) == ("open", "released")
    assert set(newest.places) == {claim_no, second.claim_no}
    async with database.transaction(SYSTEM) as tx:
        rows = await tx.sql.execute(
            text("SELECT type, actor FROM event WHERE type LIKE 'policy.%_payouts' ORDER BY seq")
        )
        told = [(row.type, row.actor) for row in rows]
    assert told == [
        ("policy.hold_payouts", "worker:guard"),
        ("policy.release_payouts", "test"),
        ("policy.hold_payouts", "worker:guard"),
    ]


async def test_what_an_insurer_reports_paid_is_booked_whatever_is_held(database: Database) -> None:
    await county_with(database, CHUNAN)
    claim_no = (await file(database, notice())).claims[0].claim_no
    await work(database)
    await deliver(database, claim_no, "claim.decided", **decided())
    await work(database)
    await bent(database, BENT, claim_no)
    await guard_round(database, 30)
    assert (await claim_view(database, claim_no)).held_zh
    await deliver(database, claim_no, "payout.failed", **payout(failure_code="account_wrong"))
    await deliver(database, claim_no, "payout.sent", **payout())
    await work(database)
    async with database.transaction(COUNTY) as tx:
        (stopped,) = await list_payouts(tx, claim_no)
    assert (stopped.payout.status, bool(stopped.held_zh)) == (PayoutStatus.FAILED, True)
    right = ("张试1", "6200000000009999", "示范农商行")
    async with database.transaction(TOWNSHIP) as tx:
        await correct_account(tx, stopped.payout.id, *right)
    with pytest.raises(PayoutsHeld):  # the second entry would order the payout anew
        async with database.transaction(COUNTY) as tx:
            await correct_account(tx, stopped.payout.id, *right)
    await deliver(database, claim_no, "payout.paid", **payout(settlement_no="N-1"))
    await work(database)
    after = await claim_view(database, claim_no)
    assert (after.claim.status, after.held_zh) == (ClaimStatus.CLOSED, None)


async def test_a_hold_is_seen_by_its_own_county_and_insurer_only(database: Database) -> None:
    claim_no = await decided_of_fund(database)
    await bent(database, BENT, claim_no)
    await guard_round(database, 30)
    seen = {}
    for caller in (COUNTY, OTHER_COUNTY, INSURER, SYSTEM):
        async with database.transaction(caller) as tx:
            seen[caller.actor] = len(await list_holds(tx, state="open", before=None, limit=9))
    assert seen == {"key:county": 1, "key:other": 0, "key:insurer": 0, "test": 1}


async def test_a_round_without_time_asks_first_what_it_missed(database: Database) -> None:
    await county_with(database, CHUNAN)
    assert await guard_round(database, 0) == 0
    assert await guard_round(database, 0.001) < len(INVARIANTS)
    async with database.transaction(SYSTEM) as tx:
        before = {one.number for one in await read_checks(tx)}
    assert await guard_round(database, 30) == len(INVARIANTS)
    async with database.transaction(SYSTEM) as tx:
        rows = await tx.sql.execute(text("SELECT number FROM invariant_check ORDER BY tried_at"))
        order = list(rows.scalars())
    assert set(order[len(order) - len(before) :]) == before


async def test_a_question_that_takes_too_long_is_cut_off_and_told(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = type(INVARIANTS[0])(1, "慢", "slow", text("SELECT pg_sleep(5)::text AS place"))
    wrong = type(INVARIANTS[0])(2, "错", "wrong", text("SELECT 1 / 0 AS place"))
    monkeypatch.setattr("app.worker.guard.INVARIANTS", (slow, wrong))
    await guard_round(database, 0.3)
    await guard_round(database, 0.3)
    assert (await check_of(database, 1)).fault == "timeout"
    assert (await check_of(database, 2)).fault == "failed"


async def test_the_guard_writes_nothing_while_it_asks(database: Database) -> None:
    async with looking(database, SYSTEM, 5) as tx:
        read_only = await tx.sql.execute(text("SHOW transaction_read_only"))
        assert read_only.scalar_one() == "on"
        await measure(tx, "relief_outbox_lag_seconds")


async def test_what_is_not_reconciled_is_told_in_yuan(database: Database) -> None:
    await county_with(database, CHUNAN)
    claim_no = (await file(database, notice())).claims[0].claim_no
    await work(database)
    await deliver(database, claim_no, "claim.decided", **decided())
    await work(database)
    await take(database, line(claim_no))
    async with looking(database, SYSTEM, 5) as tx:
        told = await measure(tx, "relief_reconciliation_difference_yuan")
    labels = {"insurer": "demo-insurer", "kind": "only_theirs", "state": "open"}
    assert told == [(labels, 2000.0)]


async def test_the_worker_goes_round_by_itself(fresh_database: Database) -> None:
    worker = Worker(
        fresh_database,
        Wire(),
        name="test",
        concurrency=1,
        lease=timedelta(seconds=60),
        poll_seconds=0.01,
        rounds=Rounds(timedelta(0)),
    )
    await worker._open_rounds()
    await worker.drain(limit=3)
    async with fresh_database.transaction(SYSTEM) as tx:
        assert len(await read_checks(tx)) == len(INVARIANTS)
        rounds = await tx.sql.execute(
            text("SELECT state, count(*) AS n FROM job WHERE kind = 'guard' GROUP BY state")
        )
        assert {row.state: row.n for row in rounds}["ready"] == 1
