"""The loop of jobs with lanes, limits and turns, against the same loop over one plain queue."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import asyncpg
import uvloop
from sqlalchemy import text

from app.db.jobs import Job, claim, finish, open_lane
from app.db.rows import record
from app.db.session import Database, Tx
from app.domain.caller import worker
from benchmarks.house import House
from benchmarks.measure import Effort, Line, alternate, middle, pairwise, tell

LANES = tuple(f"bench:{place}" for place in range(8))
JOBS_OF_A_SUBMIT = 2  # jobs in one round, per submission of the effort
BATCH = 8
LEASE = timedelta(seconds=60)
CALLER = worker("clock")
GOAL = 0.8
_FILL = """
    INSERT INTO job (kind, lane, subject)
    SELECT 'bench', $1::text, $1::text || '/' || n FROM generate_series(1, $2::int) AS n
"""
_PLAIN = text(
    """
    WITH due AS (
        SELECT j.id FROM job AS j
        WHERE (j.state = 'ready' AND j.run_at <= now())
           OR (j.state = 'running' AND j.lease_until < now())
        ORDER BY j.run_at, j.id LIMIT :batch FOR UPDATE OF j SKIP LOCKED
    )
    UPDATE job AS j SET state = 'running', attempts = j.attempts + 1, fence = j.fence + 1,
        worker = :worker, lease_until = now() + :lease
    FROM due WHERE j.id = due.id
    RETURNING j.id, j.kind, j.lane, j.subject, j.payload, j.attempts, j.max_attempts, j.fence
    """
)
Take = Callable[[Tx], Awaitable[Sequence[Job]]]


def measure(house: House, effort: Effort, *_server: int) -> list[Line]:
    """Measure jobs a second that are taken, under lease and fence, and marked done."""
    jobs = effort.submits * JOBS_OF_A_SUBMIT // len(LANES) * len(LANES)

    def rate(take: Take) -> float:
        return uvloop.run(_rate(house, take, jobs))

    tell("doing jobs ...")
    rows = alternate(effort.rounds, [lambda: rate(_plainly), lambda: rate(_by_lane)])
    return [
        Line(
            "job_loop",
            "jobs/s",
            middle(rows, 1),
            middle(rows, 0),
            "the same loop over one queue without lanes",
            pairwise(rows, 1, 0),
            GOAL,
        )
    ]


async def _by_lane(tx: Tx) -> Sequence[Job]:
    return await claim(tx, "bench", LEASE, BATCH)


async def _plainly(tx: Tx) -> Sequence[Job]:
    wanted = {"worker": "bench", "lease": LEASE, "batch": BATCH}
    return [record(Job, row) for row in await tx.sql.execute(_PLAIN, wanted)]


async def _rate(house: House, take: Take, jobs: int) -> float:
    await _fill(house.url, jobs)
    database = Database(house.url, house.keyring, pool_size=BATCH)
    try:
        async with database.transaction(CALLER) as tx:
            for lane in LANES:
                await open_lane(tx, lane, BATCH)
        began, done = time.perf_counter(), 0
        while True:
            async with database.transaction(CALLER) as tx:
                taken = await take(tx)
            if not taken:
                break
            await asyncio.gather(*(_do(database, job) for job in taken))
            done += len(taken)
        seconds = time.perf_counter() - began
    finally:
        await database.close()
    if done != jobs:
        raise AssertionError(f"{done} of {jobs} jobs were done")
    return done / seconds


async def _do(database: Database, job: Job) -> None:
    async with database.transaction(CALLER) as tx:
        await finish(tx, job)


async def _fill(url: str, jobs: int) -> None:
    """Leave these jobs and no others to be done."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("DELETE FROM job")
        for lane in LANES:
            await connection.execute(_FILL, lane, jobs // len(LANES))
        await connection.execute("VACUUM ANALYZE job")
    finally:
        await connection.close()
