"""F74: a look-up that finds nobody says, does and costs the same, whoever it was about."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, text

from app.db.session import Database
from app.domain.caller import Role
from tests.api.conftest import Caller_, Client
from tests.api.story import NAME, found_county
from tests.api.test_door import refused
from tests.contracts import SYSTEM
from tests.people import id_number

HERE = {"name": NAME, "id_number": id_number(1)}
BRACKETS = re.compile("SAVEPOINT|RELEASE|ROLLBACK|SET CONSTRAINTS")
MISSES = {
    "unknown number": {"name": NAME, "id_number": id_number(77)},
    "known number, wrong name": {"name": "李四", "id_number": id_number(1)},
    "known number as another paper": HERE | {"id_type": "passport"},
}


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that go to the database meanwhile."""
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not BRACKETS.match(statement):
            said.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    yield said
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)


async def test_f74_every_miss_asks_the_same_of_the_database_and_answers_the_same(
    database: Database, county: Client, client_of: Caller_
) -> None:
    await found_county(database, county)
    elsewhere = await client_of(Role.COUNTY, 990128000000)
    asked, answers = {}, {}
    misses = [(county, name, form) for name, form in MISSES.items()]
    misses.append((elsewhere, "somebody of another county", HERE))
    for client, name, form in misses:
        await client.get("/v1/schemes")  # who calls is known already
        with counted(database) as said:
            answer = await client.post("/v1/people:lookup", json=form)
        asked[name] = said
        answers[name] = refused(answer, 404, "resource.not_found") | {"trace_id": ""}
    first, *others = asked.values()
    assert len(first) > 3
    assert all(other == first for other in others)
    assert len({str(answer) for answer in answers.values()}) == 1


async def test_f74_a_miss_is_on_record_without_whom_it_was_about(
    database: Database, county: Client
) -> None:
    await found_county(database, county)
    for form in MISSES.values():
        await county.post("/v1/people:lookup", json=form)
    async with database.transaction(SYSTEM) as tx:
        rows = await tx.sql.execute(
            text("SELECT person_id, number, act, area_code FROM access ORDER BY id")
        )
        assert [tuple(row) for row in rows] == [(None, "-", "look_up", 990127000000)] * 3
