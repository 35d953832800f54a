"""Acts on a case lock the notice, then its claims: whoever waits for a claim has the notice."""

import asyncio

import asyncpg

from app.db.held_claims import hold_with_claims
from app.db.session import Database
from tests import cases
from tests.contracts import TOWNSHIP

AS_SYSTEM = "SELECT set_context(0, 1000000000000, NULL, 'system', 'test', NULL)"
WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


async def test_whoever_waits_for_a_claim_holds_its_notice(
    fresh_database: Database, fresh_database_url: str
) -> None:
    await cases.county_with(fresh_database, cases.CHUNAN)
    view = await cases.file(fresh_database, cases.notice())
    number = view.notice.notice_no
    owner, other = [await asyncpg.connect(fresh_database_url) for _ in range(2)]

    async def hold() -> None:
        async with fresh_database.transaction(TOWNSHIP) as tx:
            assert await hold_with_claims(tx, number) is not None

    try:
        async with owner.transaction():
            await owner.execute(AS_SYSTEM)
            locked = await owner.execute("SELECT 1 FROM claim FOR UPDATE")
            assert locked == "SELECT 1"
            holding = asyncio.create_task(hold())
            async with asyncio.timeout(10):
                while not await other.fetchval(WAITING):  # noqa: ASYNC110 - the server's state
                    await asyncio.sleep(0.02)
            async with other.transaction():
                await other.execute(AS_SYSTEM)
                free = await other.fetch("SELECT 1 FROM notice FOR UPDATE SKIP LOCKED")
            assert free == []
        await holding
    finally:
        await owner.close()
        await other.close()
