"""Totals of dashboards: what they count, and that they stay right whoever writes, reads or dies."""

import asyncio
import os
import random
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy import text

from app.db.session import SESSION, Database, context_of
from app.db.summaries import SUMMARIES, count_differences, mend
from app.services.summaries.fold_summaries import fold_summaries
from app.worker.desk_work import ACTS, FOLD
from tests.cases import CHUNAN, county_with, decided, deliver, file, notice, payout, work
from tests.contracts import COUNTY, OTHER_COUNTY, SYSTEM
from tests.services.test_invariants import lives

SECONDS = float(os.environ.get("RELIEF_SUMMARY_SECONDS", "4"))
WRITERS, FOLDERS, READERS = 16, 2, 2
COUNTED = "SELECT sum(claims)::bigint, sum(decided_fen)::bigint, sum(paid_fen)::bigint FROM {}"


async def differing(database: Database) -> list[int]:
    async with database.transaction(SYSTEM) as tx:
        return [await count_differences(tx, summary) for summary in SUMMARIES]


async def counted(database: Database, view: str = "claim_count") -> tuple[int, ...]:
    async with database.transaction(COUNTY) as tx:
        return tuple((await tx.sql.execute(text(COUNTED.format(view)))).one())


async def test_totals_follow_whole_lives_of_claims_folded_or_not(database: Database) -> None:
    await lives(database)
    assert await differing(database) == [0, 0]
    before = await counted(database)
    assert before[0] == 4
    async with database.transaction(SYSTEM) as tx:
        assert await fold_summaries(tx, 1)
        assert not await fold_summaries(tx)
    assert await counted(database) == before == await counted(database, "claim_summary")
    assert await differing(database) == [0, 0]
    async with database.transaction(OTHER_COUNTY) as tx:
        assert (await tx.sql.execute(text("SELECT count(*) FROM claim_count"))).scalar_one() == 0


async def test_a_claim_counts_where_it_stands_and_nowhere_else(database: Database) -> None:
    await county_with(database, CHUNAN)
    claim_no = (await file(database, notice())).claims[0].claim_no
    await work(database)
    await deliver(database, claim_no, "claim.decided", **decided(amount="1500.00"))
    await deliver(database, claim_no, "payout.paid", **payout("1500.00", settlement_no="N-1"))
    await work(database)
    async with database.transaction(COUNTY) as tx:
        rows = await tx.sql.execute(
            text(
                "SELECT status, outcome, event_month::text, sum(claims)::int AS claims, "
                "sum(paid_fen)::int AS paid FROM claim_count GROUP BY 1, 2, 3 "
                "HAVING sum(claims) <> 0"
            )
        )
        assert [tuple(row) for row in rows] == [("closed", "full", "2026-06-01", 1, 150_000)]
        booked = await tx.sql.execute(
            text(
                "SELECT account, sum(amount_fen)::int FROM ledger_count "
                "WHERE event_month IS NOT NULL GROUP BY 1"
            )
        )
        assert {str(account): fen for account, fen in booked if fen} == {
            "incurred": 150_000,
            "paid": -150_000,
        }


async def test_a_bent_total_is_found_and_mended(database: Database) -> None:
    await lives(database)
    async with database.transaction(SYSTEM) as tx:
        await fold_summaries(tx)
        await tx.sql.execute(text("UPDATE claim_summary SET claims = claims + 1"))
        await tx.sql.execute(text("UPDATE ledger_summary SET amount_fen = amount_fen - 7"))
    found = await differing(database)
    assert min(found) > 0
    async with database.transaction(SYSTEM) as tx:
        assert [await mend(tx, summary) for summary in SUMMARIES] == found
    assert await differing(database) == [0, 0]


async def test_folding_is_a_round_of_the_clock(database: Database) -> None:
    await lives(database)
    async with database.transaction(SYSTEM) as tx:
        await ACTS[FOLD](tx, "summaries")
        left = await tx.sql.execute(text("SELECT count(*) FROM claim_delta"))
        following = await tx.sql.execute(text("SELECT count(*) FROM job WHERE kind = 'fold'"))
        assert (left.scalar_one(), following.scalar_one()) == (0, 1)


# A claim copied, many claims moved at once, money booked: what acts do, without their length.
_FILE = """
    WITH filed AS (
        INSERT INTO notice (id, notice_no, area_code, status, person_id, content, personal_sealed,
                            created_by)
        SELECT gen_random_uuid(), gen_random_uuid()::text, area_code, status, person_id, content,
            personal_sealed, created_by
        FROM (SELECT * FROM notice LIMIT 1) AS n RETURNING id
    )
    INSERT INTO claim (id, claim_no, notice_id, policy_id, insurer_code, area_code, status,
                       event_on)
    SELECT gen_random_uuid(), f.id::text, f.id, c.policy_id, c.insurer_code, c.area_code,
        'submitted', c.event_on - $1::integer
    FROM filed AS f, (SELECT * FROM claim LIMIT 1) AS c
"""
_MOVE = """
    UPDATE claim SET status = $1, outcome = $2, assessed_fen = $3, decided_fen = $3, paid_fen = $4,
        version = version + 1
    WHERE id IN (SELECT id FROM claim ORDER BY claim_no LIMIT 3 OFFSET $5 FOR UPDATE SKIP LOCKED)
"""
_BOOK = """
    WITH booked AS (SELECT gen_random_uuid() AS set_id)
    INSERT INTO ledger_entry (set_id, area_code, insurer_code, policy_id, claim_id, booking,
                              account, amount_fen, actor)
    SELECT b.set_id, c.area_code, c.insurer_code, c.policy_id, c.id, 'decided', l.account,
        l.way * $1::bigint, 'test'
    FROM booked AS b, (SELECT * FROM claim ORDER BY claim_no LIMIT 1 OFFSET $2) AS c,
        (VALUES ('incurred', 1), ('payable', -1)) AS l (account, way)
"""


class Died(Exception):
    """A process that is gone in the middle of what it did."""


@asynccontextmanager
async def a_transaction(url: str, chance: random.Random) -> AsyncGenerator[asyncpg.Connection]:
    """A transaction of a process of its own that dies, gives up or commits, as it happens."""
    connection = await asyncpg.connect(url, server_settings=SESSION)
    try:
        await connection.execute("BEGIN")
        context = tuple(context_of(SYSTEM, None).values())
        await connection.execute("SELECT set_context($1, $2, $3, $4, $5, $6)", *context)
        yield connection
        fate = chance.random()
        if fate < 0.15:
            return
        await connection.execute("ROLLBACK" if fate < 0.25 else "COMMIT")
    finally:
        connection.terminate()


async def _write(url: str, seed: int, until: float) -> int:
    chance, acts = random.Random(seed), 0
    while time.monotonic() < until:
        async with a_transaction(url, chance) as connection:
            for _ in range(chance.randint(1, 4)):
                match chance.randrange(3):
                    case 0:
                        await connection.execute(_FILE, chance.randrange(90))
                    case 1:
                        fen = chance.randrange(1, 9999)
                        moved = chance.choice(
                            [
                                ("decided", "full"),
                                ("paid", "partial"),
                                ("closed", "nil"),
                                ("submitted", None),
                            ]
                        )
                        await connection.execute(_MOVE, *moved, fen, fen // 2, chance.randrange(40))
                    case _:
                        await connection.execute(_BOOK, chance.randrange(1, 99), 0)
            acts += 1
    return acts


def _perhaps_die(chance: random.Random) -> None:
    if chance.random() < 0.3:
        raise Died


async def _fold(database: Database, seed: int, until: float) -> int:
    chance, folds = random.Random(seed), 0
    while time.monotonic() < until:
        try:
            async with database.transaction(SYSTEM) as tx:
                await fold_summaries(tx, chance.choice((1, 7, 100)))
                _perhaps_die(chance)
        except Died:
            continue
        folds += 1
    return folds


async def _read(database: Database, until: float) -> int:
    moments = 0
    while time.monotonic() < until:
        assert await differing(database) == [0, 0]
        moments += 1
        await asyncio.sleep(0.05)
    return moments


async def test_totals_are_right_at_every_moment_whoever_dies(fresh_database: Database) -> None:
    """16 writers, folders and readers; `make summaries` does the same for longer."""
    await lives(fresh_database)
    url = fresh_database.url.replace("+asyncpg", "")
    until = time.monotonic() + SECONDS
    done = await asyncio.gather(
        *(_write(url, seed, until) for seed in range(WRITERS)),
        *(_fold(fresh_database, 100 + seed, until) for seed in range(FOLDERS)),
        *(_read(fresh_database, until) for _ in range(READERS)),
    )
    assert min(done) > 0
    assert await differing(fresh_database) == [0, 0]
    async with fresh_database.transaction(SYSTEM) as tx:
        claims = (await tx.sql.execute(text("SELECT count(*) FROM claim"))).scalar_one()
        while await fold_summaries(tx, 500):
            pass
    assert claims > sum(done[:WRITERS]) / 4
    assert await differing(fresh_database) == [0, 0]
    assert (await counted(fresh_database, "claim_summary"))[0] == claims
