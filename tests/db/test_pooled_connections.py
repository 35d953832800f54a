"""F78: on one pooled connection the next caller never sees the last one's rows."""

from collections.abc import AsyncGenerator

import pytest
from sqlalchemy import text

from app.crypto import Keyring
from app.db.session import Database
from app.domain.caller import Caller
from tests.cases import CHUNAN, county_with, file, notice
from tests.contracts import COUNTY, OTHER_COUNTY

TURNS = 400
COUNT = "SELECT count(*) AS seen FROM claim"
# A function that sets its caller's context itself, outside of any transaction, as a poll does.
ASKED = """
    SELECT counted FROM count_use($1, $2, $3, $4, $5, $6, 'f78', 'x'::bytea, 60, 1)
"""


class Broken(Exception):
    """What goes wrong in the middle of a transaction."""


@pytest.fixture
async def single(fresh_database_url: str, keyring: Keyring) -> AsyncGenerator[Database]:
    """A pool of one connection, on a county with one claim."""
    database = Database(fresh_database_url, keyring, pool_size=1)
    await county_with(database, CHUNAN)
    await file(database, notice())
    yield database
    await database.close()


async def seen_by(database: Database, caller: Caller) -> int:
    async with database.transaction(caller) as tx:
        return int((await tx.sql.execute(text(COUNT))).scalar_one())


async def test_f78_two_counties_take_turns_on_one_connection(single: Database) -> None:
    for _ in range(TURNS):
        assert await seen_by(single, COUNTY) == 1
        assert await seen_by(single, OTHER_COUNTY) == 0


async def test_f78_a_transaction_that_breaks_leaves_no_context_behind(single: Database) -> None:
    for statement in ("SELECT 1 / 0", "SELECT count(*) FROM claim"):
        for _ in range(10):
            with pytest.raises(Exception, match=r"division by zero|Broken"):  # noqa: PT012
                async with single.transaction(COUNTY) as tx:
                    await tx.sql.execute(text(statement))
                    raise Broken("Broken")
            assert await seen_by(single, OTHER_COUNTY) == 0
            async with single.bare(OTHER_COUNTY) as tx:  # nobody said who asks
                assert (await tx.sql.execute(text(COUNT))).scalar_one() == 0


async def test_f78_a_question_without_a_transaction_leaves_no_context_behind(
    single: Database,
) -> None:
    for turn in range(20):
        row = await single.ask(COUNTY, None, ASKED)
        assert row is not None
        assert row["counted"] == turn + 1
        async with single.bare(OTHER_COUNTY) as tx:
            assert (await tx.sql.execute(text(COUNT))).scalar_one() == 0
        assert await seen_by(single, OTHER_COUNTY) == 0
