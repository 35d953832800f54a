"""Keys: whom a token stands for, and when it no longer does."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from app.db.session import Database
from app.domain.caller import AREA_END, Caller, Role
from app.domain.errors import Invalid, NotFound
from app.services.keys import authenticate, issue_key, revoke_key
from tests.contracts import take_on

SECURITY = Caller(Role.SECURITY, 0, AREA_END, "test")
TOWNSHIP = 990127103000


async def test_a_token_stands_for_its_role_and_area(database: Database) -> None:
    async with database.transaction(SECURITY) as tx:
        key = await issue_key(tx, Role.TOWNSHIP, TOWNSHIP, label="test")
    caller = await authenticate(database, key.token)
    assert caller is not None
    assert (caller.role, caller.area_lo, caller.area_hi) == (
        Role.TOWNSHIP,
        TOWNSHIP,
        TOWNSHIP + 1000,
    )
    assert caller.insurer is None
    assert caller.actor.startswith("key:")


async def test_an_insurers_token_stands_for_its_policies_everywhere(database: Database) -> None:
    await take_on(database, "demo-insurer")
    async with database.transaction(SECURITY) as tx:
        key = await issue_key(tx, Role.INSURER, 0, "demo-insurer")
    caller = await authenticate(database, key.token)
    assert caller is not None
    assert (caller.insurer, caller.area_lo, caller.area_hi) == ("demo-insurer", 0, AREA_END)


async def test_an_unknown_token_is_nobody(database: Database) -> None:
    async with database.transaction(SECURITY) as tx:
        key = await issue_key(tx, Role.COUNTY, 990127000000)
    assert await authenticate(database, key.token[:-1]) is None
    assert await authenticate(database, "") is None


async def test_an_expired_token_is_nobody(database: Database) -> None:
    async with database.transaction(SECURITY) as tx:
        past = datetime.now(UTC) - timedelta(seconds=1)
        key = await issue_key(tx, Role.COUNTY, 990127000000, expires_at=past)
    assert await authenticate(database, key.token) is None


async def test_a_revoked_token_is_nobody_and_is_revoked_once(database: Database) -> None:
    async with database.transaction(SECURITY) as tx:
        key = await issue_key(tx, Role.COUNTY, 990127000000)
        await revoke_key(tx, key.prefix)
        with pytest.raises(NotFound):
            await revoke_key(tx, key.prefix)
    assert await authenticate(database, key.token) is None


async def test_the_token_itself_is_kept_nowhere(database: Database) -> None:
    async with database.transaction(SECURITY) as tx:
        key = await issue_key(tx, Role.COUNTY, 990127000000)
        rows = (await tx.sql.execute(text("SELECT k::text FROM api_key AS k"))).scalars().all()
    assert rows
    assert all(key.token[len(key.prefix) :] not in row for row in rows)


async def test_only_the_security_administrator_sees_the_table_of_keys(database: Database) -> None:
    async with database.transaction(SECURITY) as tx:
        await issue_key(tx, Role.COUNTY, 990127000000)
    for role in set(Role) - {Role.SECURITY}:
        async with database.transaction(Caller(role, 0, AREA_END, "test")) as tx:
            assert (await tx.sql.execute(text("SELECT count(*) FROM api_key"))).scalar_one() == 0


@pytest.mark.parametrize(
    ("role", "area", "insurer"),
    [
        (Role.TOWNSHIP, 990127000000, None),
        (Role.COUNTY, TOWNSHIP, None),
        (Role.INSURER, 0, None),
        (Role.INSURER, 0, "unknown"),
        (Role.COUNTY, 990127000000, "demo-insurer"),
        (Role.SECURITY, 990127000000, None),
        (Role.DASHBOARD, -1, None),
        (Role.DASHBOARD, AREA_END, None),
    ],
)
async def test_role_area_and_insurer_must_belong_together(
    database: Database, role: Role, area: int, insurer: str | None
) -> None:
    async with database.transaction(SECURITY) as tx:
        with pytest.raises(Invalid):
            await issue_key(tx, role, area, insurer)
