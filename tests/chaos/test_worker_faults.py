"""What befalls workers, F07, F12 and F22: two at one job, lost races, clocks that are wrong."""

import asyncio
import time
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.db.jobs import Job, claim, enqueue, finish, open_lane
from app.db.session import Database, Tx
from app.domain.caller import worker
from app.domain.errors import TimestampSkew
from app.domain.lifecycle import ClaimStatus
from app.outside.insurers import Unknown
from app.worker import desk_work
from app.worker.loop import Worker
from tests.cases import (
    CHUNAN,
    Wire,
    claim_view,
    county_with,
    decided,
    deliver,
    file,
    notice,
    work,
)
from tests.contracts import SYSTEM
from tests.services.test_sending import capable, states

JOBS, WORKERS = 400, 8
LOSE = "DO $$ BEGIN RAISE EXCEPTION 'injected' USING ERRCODE = '40P01'; END $$"


async def test_f07_eight_workers_take_every_job_once(fresh_database: Database) -> None:
    async with fresh_database.transaction(SYSTEM) as tx:
        for lane in ("left", "right"):
            await open_lane(tx, lane, JOBS)
        for number in range(JOBS):
            await enqueue(tx, "send", str(number), lane="left" if number % 2 else "right")
    taken: Counter[str] = Counter()

    async def take(name: str) -> None:
        idle = 0
        while idle < 3:
            async with fresh_database.transaction(worker("clock")) as tx:
                jobs = await claim(tx, name, timedelta(seconds=60))
            idle = 0 if jobs else idle + 1
            for job in jobs:
                taken[job.subject] += 1
                async with fresh_database.transaction(worker("clock")) as tx:
                    assert await finish(tx, job)

    await asyncio.gather(*(take(f"w{number}") for number in range(WORKERS)))
    assert len(taken) == JOBS
    assert set(taken.values()) == {1}


async def test_f12_a_desk_job_that_lost_a_race_is_done_again_later(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await county_with(database, CHUNAN)
    claim_no = (await file(database, notice())).claims[0].claim_no
    assess = desk_work.ACTS["assess"]
    begun = 0

    async def lose_once(tx: Tx, subject: str) -> None:
        nonlocal begun
        begun += 1
        if begun == 1:
            await tx.sql.execute(text(LOSE))
        await assess(tx, subject)

    monkeypatch.setitem(desk_work.ACTS, "assess", lose_once)
    await work(database)
    assert (await claim_view(database, claim_no)).claim.assessed_fen is None
    async with database.transaction(SYSTEM) as tx:
        row = (await tx.sql.execute(text("SELECT attempts, state FROM job"))).one()
        assert tuple(row) == (1, "ready")
        await tx.sql.execute(text("UPDATE job SET run_at = now()"))
    await work(database)
    assert begun == 2
    assert (await claim_view(database, claim_no)).claim.assessed_fen == 200_000


@pytest.mark.parametrize("minutes", [-10, 10])
async def test_f22_callbacks_are_dated_by_the_database_and_not_by_the_machine_that_serves(
    database: Database, monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    await county_with(database, CHUNAN)
    claim_no = (await file(database, notice())).claims[0].claim_no
    await work(database)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + minutes * 60)
    await deliver(database, claim_no, "claim.decided", **decided())
    await work(database)
    assert (await claim_view(database, claim_no)).claim.status is ClaimStatus.PAYING


async def test_f22_what_is_old_by_the_database_is_refused_whatever_this_machine_thinks(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await county_with(database, CHUNAN)
    claim_no = (await file(database, notice())).claims[0].claim_no
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() - 600)
    with pytest.raises(TimestampSkew):
        await deliver(database, claim_no, "claim.decided", seconds_ago=600, **decided())


async def test_f22_a_worker_400_days_ahead_leases_and_dates_as_any_other(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await county_with(database, CHUNAN)
    claim_no = (await file(database, notice())).claims[0].claim_no
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 400 * 86_400)
    async with database.transaction(SYSTEM) as tx:
        await enqueue(tx, "assess", "somebody else's")
        jobs = await claim(tx, "fast", timedelta(seconds=60), batch=1)
        lease = await tx.sql.scalar(
            text("SELECT max(lease_until) - now() FROM job WHERE state = 'running'")
        )
    assert len(jobs) == 1
    assert lease == timedelta(seconds=60)
    async with database.transaction(SYSTEM) as tx:
        await tx.sql.execute(text("UPDATE job SET state = 'ready', lease_until = NULL"))
        await tx.sql.execute(text("DELETE FROM job WHERE subject = 'somebody else''s'"))
    await work(database)
    seen = await claim_view(database, claim_no)
    assert seen.claim.status is ClaimStatus.UNDER_REVIEW
    async with database.transaction(SYSTEM) as tx:
        ahead = "SELECT count(*) FROM event WHERE at > now() + interval '1 hour'"
        assert await tx.sql.scalar(text(ahead)) == 0


async def test_f06_a_worker_that_slept_past_its_lease_says_nothing_to_the_insurer(
    database: Database,
) -> None:
    await county_with(database, CHUNAN)
    await capable(database, honours_key=False, can_be_asked=True)
    await file(database, notice())
    wire = Wire()
    sleeper = Worker(
        database,
        wire,
        name="sleeper",
        concurrency=4,
        lease=timedelta(seconds=wire.deadline_seconds),  # gone by when it comes to speak
        poll_seconds=0.01,
    )
    await sleeper.drain()
    assert wire.sent == []
    assert await states(database) == [("unknown", 1)]


async def test_f25_an_insurer_that_can_only_be_asked_is_asked_after_it_may_have_finished(
    database: Database,
) -> None:
    """Found by the storm: asked at once it knew nothing yet, and got the same claim twice."""
    await county_with(database, CHUNAN)
    await capable(database, honours_key=False, can_be_asked=True)
    await file(database, notice())
    wire = Wire()
    wire.answers = [Unknown("connection_broken")]
    await work(database, wire)
    async with database.transaction(SYSTEM) as tx:
        pause = await tx.sql.scalar(
            text("SELECT run_at - now() FROM job WHERE kind = 'send' AND state = 'ready'")
        )
    assert pause >= timedelta(seconds=wire.deadline_seconds)


async def test_f26_an_insurer_that_hangs_leaves_half_of_a_worker_to_the_others(
    fresh_database: Database,
) -> None:
    """Found while measuring: four hanging calls took every place of a worker, the desk's too."""
    async with fresh_database.transaction(SYSTEM) as tx:
        for lane, jobs in (("insurer:hangs", 12), ("insurer:works", 3)):
            await open_lane(tx, lane, 4)
            for place in range(jobs):
                await enqueue(tx, "send", f"{lane}/{place}", lane=lane)
    busy: asyncio.Queue[str] = asyncio.Queue()

    class Held(Worker):
        async def _do(self, job: Job, held_until: float) -> None:
            busy.put_nowait(job.lane)
            if job.lane == "insurer:hangs":
                await asyncio.sleep(60)

    hold = Held(
        fresh_database,
        Wire(),
        name="w",
        concurrency=4,
        lease=timedelta(seconds=60),
        poll_seconds=0.01,
    )
    running = asyncio.create_task(hold.run())
    async with asyncio.timeout(20):
        seen = Counter([await busy.get() for _ in range(5)])
    running.cancel()
    for task in hold._running:
        task.cancel()
    await asyncio.gather(running, *hold._running, return_exceptions=True)
    assert seen == {"insurer:hangs": 2, "insurer:works": 3}
