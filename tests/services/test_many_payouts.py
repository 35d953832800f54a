"""Payouts in great numbers, each settled twice and reversed twice at the same moment.

RELIEF_PAYOUTS makes them more: `make payouts` takes 5,000.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import date

import asyncpg

from app.crypto import Keyring
from app.db.invariants import INVARIANTS, check
from app.db.session import Database
from app.domain.callback import PayoutTold
from app.domain.errors import IllegalMove
from app.services.claims.held import hold_claim
from app.services.payouts.apply_payout_news import apply_payout
from app.services.payouts.reverse_payout import reverse_payout
from app.services.payouts.view import list_payouts
from tests.cases import claim_view
from tests.contracts import SYSTEM
from tests.services.test_payouts import decided_claim

PAYOUTS = int(os.environ.get("RELIEF_PAYOUTS", "60"))
AT_ONCE = 4
OF_MONEY = {3, 4, 16, 17}

# Claims that wait for their money, each of a notice of its own; names and accounts are left out, as
# they are sealed to the row they stand in.
COPIES = (
    """
    INSERT INTO notice SELECT (jsonb_populate_record(n, jsonb_build_object(
        'id', md5('notice' || g)::uuid, 'notice_no', '990127-2025-' || lpad(g::text, 6, '0'),
        'personal_sealed', '\\x'))).*
    FROM notice AS n, generate_series(1, $1::integer) AS g
    """,
    """
    INSERT INTO claim SELECT (jsonb_populate_record(c, jsonb_build_object(
        'id', md5('claim' || g)::uuid, 'notice_id', md5('notice' || g)::uuid,
        'claim_no', '990127-2025-' || lpad(g::text, 6, '0') || '-1'))).*
    FROM claim AS c, generate_series(1, $1::integer) AS g
    """,
    """
    INSERT INTO payout SELECT (jsonb_populate_record(o, jsonb_build_object(
        'id', md5('payout' || g)::uuid, 'claim_id', md5('claim' || g)::uuid,
        'payee_sealed', NULL))).*
    FROM payout AS o, generate_series(1, $1::integer) AS g
    """,
    """
    INSERT INTO ledger_entry (set_id, area_code, insurer_code, policy_id, claim_id, booking,
                              account, amount_fen, actor)
    SELECT md5('set' || g)::uuid, area_code, insurer_code, policy_id, md5('claim' || g)::uuid,
           booking, account, amount_fen, actor
    FROM ledger_entry, generate_series(1, $1::integer) AS g WHERE claim_id IS NOT NULL
    """,
)


async def waiting(url: str, keyring: Keyring) -> list[str]:
    """So many claims that are paying, 2,000 yuan each; gives their numbers."""
    database = Database(url, keyring)
    try:
        await decided_claim(database)
    finally:
        await database.close()
    owner = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        await owner.execute("SET session_replication_role = replica")
        for copy in COPIES:
            await owner.execute(copy, PAYOUTS)
        await owner.execute("ANALYZE")
    finally:
        await owner.close()
    return [f"990127-2025-{number:06d}-1" for number in range(1, PAYOUTS + 1)]


async def twice(
    database: Database, claims: list[str], act: Callable[[Database, str], Awaitable[str]]
) -> Counter[str]:
    """Do an act twice at once on each claim; give how often it came to what."""
    came: Counter[str] = Counter()
    places = asyncio.Semaphore(AT_ONCE)

    async def both(claim_no: str) -> None:
        async with places:
            came.update(await asyncio.gather(act(database, claim_no), act(database, claim_no)))

    await asyncio.gather(*(both(claim_no) for claim_no in claims))
    return came


async def settle(database: Database, claim_no: str) -> str:
    news = PayoutTold(
        "paid",
        f"PAY-{claim_no}",
        f"N-{claim_no}",
        200_000,
        "1234",
        None,
        None,
        date(2026, 11, 1),
    )
    async with database.transaction(SYSTEM) as tx:
        notice, claim = await hold_claim(tx, claim_no)
        return (await apply_payout(tx, notice, claim, news)).state


async def undo(database: Database, claim_no: str) -> str:
    try:
        async with database.transaction(SYSTEM) as tx:
            (seen,) = await list_payouts(tx, claim_no)
            await reverse_payout(tx, seen.payout.id, "银行冲正")
    except IllegalMove:
        return "refused"
    return "reversed"


async def test_f58_each_payout_is_settled_once_and_reversed_once_however_often_it_is_tried(
    fresh_database_url: str, keyring: Keyring
) -> None:
    claims = await waiting(fresh_database_url, keyring)
    database = Database(fresh_database_url, keyring, pool_size=2 * AT_ONCE)
    try:
        settled = await twice(database, claims, settle)
        assert settled == {"applied": PAYOUTS, "ignored_stale": PAYOUTS}
        assert await paid(database) == -200_000 * PAYOUTS
        undone = await twice(database, claims, undo)
        assert undone == {"reversed": PAYOUTS, "refused": PAYOUTS}
        assert await paid(database) == 0
        async with database.transaction(SYSTEM) as tx:
            counted = await tx.row("SELECT count(*) AS n FROM payout_reversal")
            broken = {
                one.number: (await check(tx, one)).places
                for one in INVARIANTS
                if one.number in OF_MONEY
            }
        assert counted is not None
        assert counted["n"] == PAYOUTS
        assert broken == dict.fromkeys(OF_MONEY, ())
        assert (await claim_view(database, claims[0])).claim.paid_fen == 0
    finally:
        await database.close()


async def paid(database: Database) -> int:
    """What the books say was paid; all accounts together always come to nothing."""
    async with database.transaction(SYSTEM) as tx:
        row = await tx.row(
            "SELECT sum(amount_fen)::bigint AS whole, "
            "(sum(amount_fen) FILTER (WHERE account = 'paid'))::bigint AS paid FROM ledger_entry"
        )
    assert row is not None
    assert row["whole"] == 0
    return int(row["paid"])
