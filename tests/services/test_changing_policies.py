"""What of a policy may change after it was issued, and what of it may not."""

import asyncio
from datetime import date

import pytest
from sqlalchemy import text

from app.db.session import Database
from app.domain.errors import IllegalMove, Invalid, OutOfArea, VersionStale
from app.domain.policy_change import PolicyTuning
from app.services.policies.change_policy import change_policy
from tests.cases import CHUNAN, county_with, draft, file, notice, submit
from tests.contracts import COUNTY, SYSTEM, TOWNSHIP

POLICY = f"P-{CHUNAN}"


async def test_days_tolerance_and_order_change_with_one_event(database: Database) -> None:
    await county_with(database, CHUNAN)
    tuning = PolicyTuning(
        waiting_days=9,
        tolerance_fen=100,
        premium_due_on=date(2026, 3, 1),
        payer_rank=1,  # as it was
        exclusive_group="medical",
    )
    async with database.transaction(COUNTY) as tx:
        before = await tx.sql.execute(text("SELECT version, waiting_days FROM policy"))
        version, was = before.one()
        seen = (await change_policy(tx, POLICY, version, tuning)).policy
    assert (seen.waiting_days, seen.tolerance_fen, seen.exclusive_group) == (9, 100, "medical")
    assert seen.version == version + 1
    async with database.transaction(COUNTY) as tx:
        again = (await change_policy(tx, POLICY, version + 1, tuning)).policy
    assert again.version == version + 1  # nothing was changed
    async with database.transaction(COUNTY) as tx:
        out = await change_policy(tx, POLICY, again.version, PolicyTuning(exclusive_group=""))
    assert out.policy.exclusive_group is None
    async with database.transaction(SYSTEM) as tx:
        rows = await tx.sql.execute(
            text("SELECT detail FROM event WHERE type = 'policy.change' ORDER BY seq")
        )
        first, second = rows.scalars()
    assert first["waiting_days"] == [was, 9]
    assert first["premium_due_on"] == ["2026-01-01", "2026-03-01"]
    assert "payer_rank" not in first
    assert second == {"exclusive_group": ["medical", None]}


async def test_the_payer_order_stands_once_there_is_a_claim(database: Database) -> None:
    await county_with(database, CHUNAN)
    await file(database, notice())
    version = await version_of(database)
    for tuning in (PolicyTuning(payer_rank=7), PolicyTuning(exclusive_group="medical")):
        with pytest.raises(IllegalMove) as refused:
            async with database.transaction(COUNTY) as tx:
                await change_policy(tx, POLICY, version, tuning)
        assert refused.value.allowed == ("renew",)
    async with database.transaction(COUNTY) as tx:
        await change_policy(tx, POLICY, version, PolicyTuning(check_days=3))


async def version_of(database: Database) -> int:
    async with database.transaction(SYSTEM) as tx:
        found: int = (await tx.sql.execute(text("SELECT version FROM policy"))).scalar_one()
    return found


async def test_a_claim_being_opened_and_a_change_of_order_do_not_pass_each_other(
    fresh_database: Database,
) -> None:
    await county_with(fresh_database, CHUNAN)
    number = await draft(fresh_database, notice(), "settlement")
    version = await version_of(fresh_database)

    async def change() -> str:
        try:
            async with fresh_database.transaction(COUNTY) as tx:
                await change_policy(tx, POLICY, version, PolicyTuning(payer_rank=7))
        except IllegalMove:
            return "refused"
        return "changed"

    _, done = await asyncio.gather(submit(fresh_database, number), change())
    async with fresh_database.transaction(SYSTEM) as tx:
        rows = await tx.sql.execute(
            text(
                "SELECT p.payer_rank, c.created_at > p.updated_at AS after "
                "FROM claim AS c JOIN policy AS p ON p.id = c.policy_id"
            )
        )
        rank, _ = rows.one()
    assert rank == (7 if done == "changed" else 1)


async def test_a_stale_a_foreign_and_an_impossible_change_are_refused(database: Database) -> None:
    await county_with(database, CHUNAN)
    version = await version_of(database)
    for caller, at, tuning, error in (
        (COUNTY, version + 1, PolicyTuning(waiting_days=1), VersionStale),
        (COUNTY, version, PolicyTuning(waiting_days=999), Invalid),
        (COUNTY, version, PolicyTuning(tolerance_fen=10**12), Invalid),
        (COUNTY, version, PolicyTuning(payer_rank=-1), Invalid),
        (TOWNSHIP, version, PolicyTuning(waiting_days=1), OutOfArea),
    ):
        with pytest.raises(error):
            async with database.transaction(caller) as tx:
                await change_policy(tx, POLICY, at, tuning)
