"""The test databases themselves: what one test writes, no other test sees."""

import asyncio

import pytest
from sqlalchemy import text

from app.db.session import Database
from app.domain.caller import Caller, Role

SYSTEM = Caller(Role.SYSTEM, 0, 10**12, "test")
INSERT = text("INSERT INTO area (code, name_zh, level) VALUES (330127000000, '淳安县', 'county')")
COUNT = text("SELECT count(*) FROM area")


@pytest.mark.parametrize("time", ["first", "second"])
async def test_what_a_test_commits_is_gone_in_the_next_test(database: Database, time: str) -> None:
    async with database.transaction(SYSTEM) as tx:
        await tx.sql.execute(INSERT)
    async with database.transaction(SYSTEM) as tx:
        assert (await tx.sql.execute(COUNT)).scalar_one() == 1


async def test_a_failed_transaction_leaves_the_earlier_ones_standing(database: Database) -> None:
    async with database.transaction(SYSTEM) as tx:
        await tx.sql.execute(INSERT)

    async def fail() -> None:
        async with database.transaction(SYSTEM) as tx:
            await tx.sql.execute(text("UPDATE area SET name_zh = '错'"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with database.transaction(SYSTEM) as tx:
        names = (await tx.sql.execute(text("SELECT name_zh FROM area"))).scalars().all()
    assert names == ["淳安县"]


async def test_a_fresh_database_commits_for_every_connection(fresh_database: Database) -> None:
    async def seen() -> int:
        async with fresh_database.transaction(SYSTEM) as tx:
            return (await tx.sql.execute(COUNT)).scalar_one()

    async with fresh_database.transaction(SYSTEM) as tx:
        await tx.sql.execute(INSERT)
    assert await asyncio.gather(seen(), seen()) == [1, 1]
