"""Plain connections: what is lent comes back clean, or not at all."""

import asyncio
from dataclasses import fields

import asyncpg
import pytest
from sqlalchemy import text

from app.db.claims import ClaimRow
from app.db.direct import CONNECTIONS, Direct
from app.db.session import SESSION, SET_CONTEXT, Database, context_of, plain_url
from tests.cases import CHUNAN, county_with, draft, notice
from tests.contracts import COUNTY, SYSTEM, TOWNSHIP

CONTEXT = "SELECT set_context($1, $2, $3, $4, $5, $6)"


async def test_a_connection_is_used_again_and_knows_nobody(database_url: str) -> None:
    direct = Direct(plain_url(database_url), {"server_settings": SESSION})
    async with direct.connection() as first:
        await first.fetchrow(CONTEXT, *context_of(COUNTY, None).values())
    async with direct.connection() as second:
        assert second is first
        assert await second.fetchval("SELECT ctx_lo()") is None
        assert await second.fetchval("SELECT current_user") == "relief_app"
    await direct.close()


async def test_a_refused_statement_costs_no_connection(database_url: str) -> None:
    direct = Direct(plain_url(database_url), {"server_settings": SESSION})
    with pytest.raises(asyncpg.DivisionByZeroError):
        async with direct.connection() as first:
            await first.fetchrow("SELECT 1 / 0")
    async with direct.connection() as second:
        assert second is first
    await direct.close()


async def test_a_connection_left_in_the_middle_is_thrown_away(database_url: str) -> None:
    direct = Direct(plain_url(database_url), {"server_settings": SESSION})
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1), direct.connection() as cancelled:
            await cancelled.fetchrow("SELECT pg_sleep(20)")
    async with direct.connection() as left:
        assert left is not cancelled
        await left.execute("BEGIN")
    async with direct.connection() as fresh:
        assert fresh is not left
        assert not fresh.is_in_transaction()
    await direct.close()


async def test_more_callers_than_connections_take_turns(database_url: str) -> None:
    direct = Direct(plain_url(database_url), {"server_settings": SESSION})

    async def ask() -> int:
        async with direct.connection() as connection:
            answer: int = await connection.fetchval("SELECT pg_backend_pid()")
            return answer

    pids = await asyncio.gather(*(ask() for _ in range(3 * CONNECTIONS)))
    assert len(set(pids)) <= CONNECTIONS
    await direct.close()


async def test_each_statement_of_a_swift_act_stands_by_itself(fresh_database: Database) -> None:
    add = "INSERT INTO insurer (code, name_zh, dialect, base_url) VALUES ($1, '甲', 'rest', '-')"
    async with fresh_database.swift(SYSTEM) as tx:
        await tx.row(add, "first")
        async with fresh_database.transaction(SYSTEM) as other:
            counted = await other.sql.execute(text("SELECT count(*) FROM insurer"))
            assert counted.scalar_one() == 1
        with pytest.raises(AssertionError, match="swift"):
            await tx.sql.execute(SET_CONTEXT, context_of(SYSTEM, None))


async def test_a_swift_act_knows_its_caller_only_while_it_asks(fresh_database: Database) -> None:
    await county_with(fresh_database, CHUNAN)
    number = await draft(fresh_database, notice())
    seen = "SELECT count(*) FROM notice"
    async with fresh_database.swift(TOWNSHIP) as tx:
        (found,) = await tx.asked("draft_asked", "route", "key", number)
        assert found["notice_no"] == number
        (after,) = await tx.rows(seen)
        assert after["count"] == 0


async def test_the_shown_claim_begins_with_the_columns_of_a_claim(database: Database) -> None:
    async with database.transaction(SYSTEM) as tx:
        shown = await tx.sql.execute(text("SELECT * FROM claim_shown"))
    assert list(shown.keys())[: len(fields(ClaimRow))] == [
        column.name for column in fields(ClaimRow)
    ]
