"""Events: written in order, each followed by its audit row."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.db.events import NewEvent, timeline, write_event, write_events
from app.db.session import Database
from app.domain.caller import Caller, Role

AREA = 990127000000
COUNTY = Caller(Role.COUNTY, AREA, 990128000000, "key:test")
ISSUED = NewEvent("policy", "P1", 1, "policy.issued", AREA, now="active")
CHANGED = NewEvent("policy", "P1", 2, "policy.changed", AREA, detail={"n": "二"})


async def test_events_are_written_in_their_order_by_their_actor(database: Database) -> None:
    async with database.transaction(COUNTY, "request-1") as tx:
        await write_events(tx, [ISSUED, CHANGED])
        written = await timeline(tx, "policy", ["P1"])
    assert [(event.version, event.type, event.actor) for event in written] == [
        (2, "policy.changed", "key:test"),
        (1, "policy.issued", "key:test"),
    ]
    assert written[0].detail == {"n": "二"}


async def test_the_same_version_of_a_thing_happens_once(database: Database) -> None:
    async with database.transaction(COUNTY) as tx:
        await write_event(tx, ISSUED)
    with pytest.raises(IntegrityError):
        async with database.transaction(COUNTY) as tx:
            await write_event(tx, ISSUED)


async def test_every_event_is_followed_by_an_audit_row_of_its_county(
    fresh_database: Database,
) -> None:
    async with fresh_database.transaction(COUNTY) as tx:
        await write_events(tx, [ISSUED, CHANGED])
    async with fresh_database.engine.connect() as connection:
        await connection.execute(text("SET ROLE NONE"))
        rows = (
            await connection.execute(text("SELECT chain, seq, object, prev, hash FROM audit"))
        ).all()
    assert [(row.chain, row.seq, row.object) for row in rows] == [
        (AREA, 1, "policy P1 v1"),
        (AREA, 2, "policy P1 v2"),
    ]
    assert rows[1].prev == rows[0].hash
