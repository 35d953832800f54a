"""Behind a pooler each transaction brings its role and time-outs, and nothing outlives it.

The pooler itself: `make pgbouncer-test`. Here the same connections speak to the server, which tells
what they leave behind.
"""

from collections.abc import AsyncGenerator

import pytest
from sqlalchemy import text

from app.crypto import Keyring
from app.db.session import Database
from tests.contracts import COUNTY

SETTINGS = """
    SELECT current_user, current_setting('statement_timeout'), current_setting('lock_timeout'),
           current_setting('idle_in_transaction_session_timeout')
"""
LEFT = "SELECT current_user = session_user, current_setting('statement_timeout')"
PREPARED = "SELECT count(*) FROM pg_prepared_statements"
BOUND = ("relief_app", "30s", "10s", "1min")
BARE = (True, "0")
ASKED = "SELECT counted FROM count_use($1, $2, $3, $4, $5, $6, 'pooler', 'x'::bytea, 60, 1)"


@pytest.fixture
async def behind(fresh_database_url: str, keyring: Keyring) -> AsyncGenerator[Database]:
    """A database of one connection of each kind, told that a pooler is between."""
    database = Database(fresh_database_url, keyring, pool_size=1, pgbouncer=True)
    yield database
    await database.close()


async def test_a_transaction_through_the_engine_has_its_role_and_leaves_nothing(
    behind: Database,
) -> None:
    for _ in range(3):
        async with behind.transaction(COUNTY) as tx:
            assert tuple((await tx.sql.execute(text(SETTINGS))).one()) == BOUND
            assert await tx.sql.scalar(text(PREPARED)) == 0
    async with behind.engine.connect() as connection:
        beneath = (await connection.get_raw_connection()).driver_connection
        assert beneath is not None
        assert tuple(await beneath.fetchrow(LEFT)) == BARE


async def test_a_swift_act_is_one_transaction_has_its_role_and_leaves_nothing(
    behind: Database,
) -> None:
    async with behind.swift(COUNTY) as tx:
        row = await tx.row(SETTINGS)
        assert row is not None
        assert tuple(row) == BOUND
        prepared = await tx.row(PREPARED)
        assert prepared is not None
        assert prepared[0] == 0
        beneath = tx.direct
    assert beneath is not None
    assert tuple(await beneath.fetchrow(LEFT)) == BARE


async def test_a_question_is_a_transaction_of_its_own(behind: Database) -> None:
    for turn in range(3):
        row = await behind.ask(COUNTY, None, ASKED)
        assert row is not None
        assert row["counted"] == turn + 1
    async with behind.asking(COUNTY) as tx:
        row = await tx.row(SETTINGS)
        assert row is not None
        assert tuple(row) == BOUND


async def test_json_is_read_as_everywhere(behind: Database) -> None:
    async with behind.asking(COUNTY) as tx:
        row = await tx.row("""SELECT '{"a": [1]}'::jsonb AS told""")
        assert row is not None
        assert row["told"] == {"a": [1]}
