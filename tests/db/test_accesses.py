"""Who opened what: the record cannot be forged, left out of the chain, or bent."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.db.accesses import NewAccess, accesses_of, note_access
from app.db.ids import new_id
from app.db.session import Database
from app.domain.caller import AREA_END
from tests.contracts import COUNTY, OTHER_COUNTY, SYSTEM, TOWNSHIP

PERSON = new_id()
OPENED = NewAccess(TOWNSHIP.area_lo, PERSON, "person", str(PERSON), "view")


async def test_a_sensitive_read_is_recorded_with_its_link_in_the_chain(
    fresh_database: Database,
) -> None:
    async with fresh_database.transaction(TOWNSHIP) as tx:
        await note_access(tx, OPENED)
    async with fresh_database.transaction(COUNTY) as tx:
        (seen,) = await accesses_of(tx, PERSON)
        faults = await tx.sql.execute(text("SELECT * FROM audit_faults()"))
        assert faults.all() == []
    assert (seen.act, seen.role, seen.actor) == ("view", "township", TOWNSHIP.actor)
    async with fresh_database.transaction(SYSTEM) as tx:
        await tx.sql.execute(text("SET LOCAL ROLE NONE"))
        audited = await tx.sql.execute(
            text("SELECT object, actor FROM audit WHERE action = 'access.view'")
        )
        assert [tuple(row) for row in audited] == [(f"person {PERSON}", TOWNSHIP.actor)]


async def test_nobody_reads_the_accesses_of_another_county(fresh_database: Database) -> None:
    async with fresh_database.transaction(TOWNSHIP) as tx:
        await note_access(tx, OPENED)
    async with fresh_database.transaction(OTHER_COUNTY) as tx:
        assert await accesses_of(tx, PERSON) == []


async def test_an_access_is_recorded_under_the_readers_own_name_only(
    fresh_database: Database,
) -> None:
    with pytest.raises(DBAPIError, match="row-level security"):
        async with fresh_database.transaction(TOWNSHIP) as tx:
            await tx.sql.execute(
                text(
                    "INSERT INTO access (area_code, resource, number, act, actor) "
                    "VALUES (:area, 'person', 'x', 'view', 'somebody else')"
                ),
                {"area": TOWNSHIP.area_lo},
            )


async def test_a_reveal_without_a_reason_is_not_recorded(fresh_database: Database) -> None:
    revealed = NewAccess(TOWNSHIP.area_lo, PERSON, "person", str(PERSON), "reveal")
    with pytest.raises(DBAPIError, match="revealed_for_a_reason"):
        async with fresh_database.transaction(TOWNSHIP) as tx:
            await note_access(tx, revealed)


async def test_the_service_cannot_write_into_the_chain_by_itself(database: Database) -> None:
    with pytest.raises(DBAPIError, match="permission denied for function audit_append"):
        async with database.transaction(SYSTEM) as tx:
            await tx.sql.execute(
                text("SELECT audit_append(0, 'nobody', 'forged', 'x', NULL, '[]')")
            )


async def test_an_access_is_never_changed_or_deleted(fresh_database: Database) -> None:
    async with fresh_database.transaction(TOWNSHIP) as tx:
        await note_access(tx, OPENED)
    for statement in ("DELETE FROM access", f"UPDATE access SET area_code = {AREA_END - 1}"):
        with pytest.raises(DBAPIError, match="never changed"):  # noqa: PT012 - the role is part of it
            async with fresh_database.transaction(SYSTEM) as tx:
                await tx.sql.execute(text("SET LOCAL ROLE NONE"))
                await tx.sql.execute(text(statement))
