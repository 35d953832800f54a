"""A job of the desk: its act and its end are one, and only the holder of the lease does it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.db.jobs import Job, claim
from app.db.session import Database
from app.worker.desk_work import LeaseLost, do_desk_work
from tests.cases import CHUNAN, claim_view, county_with, file, notice
from tests.contracts import SYSTEM


async def assess_job(database: Database) -> tuple[Job, str]:
    """The job that a submission leaves, taken, and the number of its claim."""
    await county_with(database, CHUNAN)
    filed = await file(database, notice())
    async with database.transaction(SYSTEM) as tx:
        (job,) = await claim(tx, "test", timedelta(seconds=60))
    return job, filed.claims[0].claim_no


async def state_of(database: Database, job: Job) -> str:
    async with database.transaction(SYSTEM) as tx:
        row = await tx.sql.execute(text("SELECT state FROM job WHERE id = :id"), {"id": job.id})
        return str(row.scalar_one())


async def test_an_act_and_the_end_of_its_job_are_one(database: Database) -> None:
    job, claim_no = await assess_job(database)
    await do_desk_work(database, job)
    assert await state_of(database, job) == "done"
    assert (await claim_view(database, claim_no)).claim.assessed_fen == 200_000


async def test_who_lost_the_lease_does_nothing(database: Database) -> None:
    job, claim_no = await assess_job(database)
    with pytest.raises(LeaseLost):
        await do_desk_work(database, replace(job, fence=job.fence - 1))
    assert await state_of(database, job) == "running"
    assert (await claim_view(database, claim_no)).claim.assessed_fen is None


async def test_a_job_whose_act_fails_is_not_done(database: Database) -> None:
    job, claim_no = await assess_job(database)
    async with database.transaction(SYSTEM) as tx:
        await tx.sql.execute(text("UPDATE notice SET content = '{}' "))
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever a broken row does
        await do_desk_work(database, job)
    assert await state_of(database, job) == "running"
    assert (await claim_view(database, claim_no)).claim.assessed_fen is None
