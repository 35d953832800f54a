"""How often a claim speaks to the database, from the door's `:submit` until it is referred."""

from collections.abc import AsyncGenerator
from typing import Any

import asyncpg
import pytest
from asyncpg.connection import LoggedQuery
from sqlalchemy import event

from app.crypto import Keyring
from app.db.session import Database
from tests.api.conftest import Client
from tests.api.story import desk, good, keyed
from tests.cases import CHUNAN, HUAINAN, JIKUNBAO, claim_view, county_with, draft, notice, stay

MOST = 8
# Not counted: what opens and ends a transaction, and the statements that say who is asking. Two of
# these do more besides: one looks for the kept answer of a request, one marks a job as done.
FRAME = ("BEGIN", "COMMIT", "SELECT set_context(", "SELECT locked, ", "WITH done AS (")
SUBMITTING = ("draft_asked(", "insured_asked(", "submit_draft(")
WRITTEN = ("submit_draft(", "INSERT INTO assessment ", "INSERT INTO instruction ")
FETCHING = ("WITH free AS (", "WITH room AS (")


class Heard:
    """Every statement of this process: what goes through the engine, and straight on the driver."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def hear(self, query: LoggedQuery) -> None:
        """Note a statement straight on the driver, which does not log prepared ones."""
        self._note(query.query)

    def hear_engine(self, _: Any, __: Any, statement: str, *___: Any) -> None:
        """Note a statement of the engine, which prepares each."""
        self._note(statement)

    def _note(self, statement: str) -> None:
        told = " ".join(statement.split())
        if not told.startswith(FRAME):
            self.statements.append(told)

    def begin(self) -> None:
        self.statements.clear()


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    """What is asked over every connection that is opened from now on."""
    listening, connect = Heard(), asyncpg.connect

    async def connect_and_listen(*where: Any, **how: Any) -> Any:
        connection = await connect(*where, **how)
        connection.add_query_logger(listening.hear)
        return connection

    monkeypatch.setattr(asyncpg, "connect", connect_and_listen)
    return listening


@pytest.fixture
async def database(
    heard: Heard, fresh_database_url: str, keyring: Keyring
) -> AsyncGenerator[Database]:
    """A database whose connections are listened to, pools and all."""
    database = Database(fresh_database_url, keyring)
    event.listen(database.engine.sync_engine, "before_cursor_execute", heard.hear_engine)
    yield database
    await database.close()


async def submit_and_assess(database: Database, township: Client, number: str) -> str:
    """Submit over the door, and do the desk's job that this leaves; nothing is sent."""
    submitted = good(await township.post(f"/v1/notices/{number}:submit", headers=keyed()))
    await desk(database)
    return str(submitted["claims"][0]["claim_no"])


@pytest.mark.parametrize("policies", [(CHUNAN,), (CHUNAN, JIKUNBAO, HUAINAN)], ids=["1", "3"])
async def test_a_claim_is_submitted_assessed_and_referred_in_eight_statements(
    database: Database, township: Client, heard: Heard, policies: tuple[str, ...]
) -> None:
    """Fetching jobs is not counted: two statements take up to eight of them."""
    await county_with(database, *policies)
    content = notice(1, stays=(stay(10),))
    first, second = [
        await draft(database, content, "settlement", "discharge_record"),
        await draft(database, notice(2, stays=(stay(10),)), "settlement", "discharge_record"),
    ]
    await submit_and_assess(database, township, first)  # reads key and terms, which are kept
    heard.begin()
    claim_no = await submit_and_assess(database, township, second)
    for one, function in zip(heard.statements, SUBMITTING, strict=False):
        assert one.startswith(f"SELECT * FROM {function}")
    told = [one for one in heard.statements if not one.startswith(FETCHING)]
    assert len(told) <= MOST, "\n".join(told)
    assert [sum(word in one for one in told) for word in WRITTEN] == [1] * len(WRITTEN)
    assert (await claim_view(database, claim_no)).claim.assessed_fen == 200_000
