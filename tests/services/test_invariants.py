"""What must always hold: green over whole lives of claims, red and named where a row is bent."""

import pytest
from sqlalchemy import text

from app.db.invariants import INVARIANTS, check
from app.db.session import Database, Tx
from app.services.notices.withdraw_notice import withdraw_notice
from tests.cases import CHUNAN, JIKUNBAO, county_with, decided, deliver, file, notice, payout, work
from tests.contracts import SYSTEM, TOWNSHIP
from tests.services.test_coordination import big_bill


async def broken(database: Database) -> dict[int, tuple[str, ...]]:
    async with database.transaction(SYSTEM) as tx:
        findings = [await check(tx, invariant) for invariant in INVARIANTS]
    return {one.invariant.number: one.places for one in findings if one.broken}


async def lives(database: Database) -> str:
    """Claims paid, returned, declined, waiting and withdrawn."""
    await county_with(database, CHUNAN, JIKUNBAO)
    first = await file(database, notice(bills=(big_bill(),)))
    second = await file(database, notice(2))
    await work(database)
    claim_no = first.claims[0].claim_no
    await deliver(database, claim_no, "claim.decided", **decided(amount="5000.00"))
    for state in ("sent", "paid", "returned"):
        told = payout("5000.00", settlement_no="N-1", failure_code="account_closed")
        await deliver(database, claim_no, f"payout.{state}", **told)
    await work(database)
    async with database.transaction(TOWNSHIP) as tx:
        await withdraw_notice(tx, second.notice.notice_no, "填错")
    await work(database)
    return claim_no


async def test_whole_lives_of_claims_break_nothing(fresh_database: Database) -> None:
    await lives(fresh_database)
    assert await broken(fresh_database) == {}
    assert len(INVARIANTS) == 18


INSERTED = """
    INSERT INTO audit
    SELECT chain, seq + 999, at, actor, action, object, request_id, detail, prev, hash
    FROM audit LIMIT 1
"""
PAID_TWICE = """
    INSERT INTO payout_attempt (id, area_code, insurer_code, payout_id, seq, settlement_no,
                                amount_fen, status)
    SELECT gen_random_uuid(), area_code, insurer_code, payout_id, seq + 10 + n, 'N-1', amount_fen,
           'paid'
    FROM payout_attempt CROSS JOIN generate_series(1, 2) AS n WHERE settlement_no = 'N-1'
"""
KEPT = """
    INSERT INTO idempotency (principal, route, key, fingerprint, status, body_sealed, location,
                             expires_at)
    VALUES ('x', 'POST /v1/notices', 'k', sha256('x'), {status}, '', '/v1/notices/{notice_no}',
            now())
"""
NAMING_A_POLICY = {1, 2, 3, 4, 5, 6, 9, 16, 17}
INSERTED_PART = """
    INSERT INTO instalment (id, area_code, insurer_code, claim_id, seq, due_on, amount_fen, state)
    SELECT gen_random_uuid(), area_code, insurer_code, id, 1, '2026-12-01', 1, 'planned'
    FROM claim WHERE claim_no = :claim_no
"""
BENDINGS = (
    (1, "UPDATE usage_counter SET used = used + 1"),
    (2, "UPDATE usage_counter SET used = 99999999999 WHERE scope = 'bill'"),
    (3, PAID_TWICE),
    (4, "UPDATE claim SET paid_fen = paid_fen + 1 WHERE claim_no = :claim_no"),
    (4, "UPDATE ledger_entry SET amount_fen = amount_fen + 1 WHERE account = 'incurred'"),
    (5, "UPDATE claim SET version = version + 1 WHERE claim_no = :claim_no"),
    (6, "UPDATE claim SET status = 'closed' WHERE claim_no = :claim_no"),
    (7, "UPDATE instruction SET state = 'unknown' WHERE kind = 'refer_claim'"),
    (
        8,
        "UPDATE callback_event SET state = 'received', received_at = received_at - interval '61 s'",
    ),
    (9, "UPDATE claim SET area_code = 990128000001 WHERE claim_no = :claim_no"),
    (10, KEPT.format(status=500, notice_no="990127-2026-000001")),
    (11, "UPDATE audit SET actor = 'nobody' WHERE seq = 3"),
    (11, "DELETE FROM audit WHERE seq = 3"),
    (11, "DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)"),
    (11, INSERTED),
    (12, "UPDATE instruction SET last_error = '990127196005010011'"),
    (15, KEPT.format(status=201, notice_no="990127-2026-999999")),
    (16, "UPDATE payout SET amount_fen = amount_fen - 1"),
    (16, "UPDATE payout SET reversed_fen = 1"),
    (16, INSERTED_PART),
    (17, "UPDATE policy SET premium_due_fen = premium_due_fen + 1"),
    (17, "UPDATE policy SET premium_paid_fen = premium_paid_fen + 1"),
    (17, "UPDATE ledger_entry SET account = 'advance' WHERE account = 'payable'"),
    (14, "UPDATE event SET at = at - interval '1 day' WHERE version = 2 AND resource = 'claim'"),
)


class Unbend(Exception):
    """Rolls the bending back."""


async def test_every_bent_row_is_found_and_named(database: Database) -> None:
    claim_no = await lives(database)
    assert await broken(database) == {}
    for number, bending in BENDINGS:
        with pytest.raises(Unbend):  # noqa: PT012 - all of it is rolled back together
            async with database.transaction(SYSTEM) as tx:
                await bend(tx, bending, claim_no)
                (invariant,) = [one for one in INVARIANTS if one.number == number]
                found = await check(tx, invariant)
                assert found.places, bending
                assert bool(found.by_policy) is (number in NAMING_A_POLICY), bending
                raise Unbend
    assert await broken(database) == {}


async def bend(tx: Tx, bending: str, claim_no: str) -> None:
    """Do what somebody with the owner's rights could: no triggers, no row security."""
    await tx.sql.execute(text("SET LOCAL ROLE NONE"))
    await tx.sql.execute(text("SET LOCAL session_replication_role = replica"))
    named = {"claim_no": claim_no} if ":claim_no" in bending else {}
    for index in ("uq_payout_attempt_live", "uq_payout_attempt_settlement"):
        await tx.sql.execute(text(f"DROP INDEX IF EXISTS {index}"))  # and no index in the way
    changed = await tx.sql.execute(text(bending), named)
    assert changed.rowcount > 0
    await tx.sql.execute(text("SET LOCAL session_replication_role = origin"))
    await tx.sql.execute(text("SET LOCAL ROLE relief_app"))
