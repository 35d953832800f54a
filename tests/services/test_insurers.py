"""Insurers: their secrets, their lane, and what is refused."""

import base64
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.db.events import timeline
from app.db.insurers import active_secrets, callback_keys, find_insurer
from app.db.session import Database
from app.domain.caller import AREA_END, Caller, Role
from app.domain.errors import Invalid, NotFound
from app.services.insurers import add_insurer, rotate_secret
from tests.contracts import LOOPBACK, SECRET_IN, SECRET_OUT, SYSTEM, insurer, take_on

SECURITY = Caller(Role.SECURITY, 0, AREA_END, "test:security")


async def test_an_insurer_comes_with_secrets_and_a_lane(database: Database) -> None:
    added = await take_on(database)
    async with database.transaction(SYSTEM) as tx:
        assert await find_insurer(tx, "demo-insurer") == added
        assert await active_secrets(tx, "demo-insurer", "in") == (SECRET_IN,)
        assert await active_secrets(tx, "demo-insurer", "out") == (SECRET_OUT,)
        lanes = (await tx.sql.execute(text("SELECT key FROM lane"))).scalars().all()
    assert "insurer:demo-insurer" in lanes


async def test_an_ended_secret_is_not_active(database: Database) -> None:
    await take_on(database)
    async with database.transaction(SYSTEM) as tx:
        await tx.sql.execute(text("UPDATE insurer_secret SET active_to = business_now()"))
        assert await active_secrets(tx, "demo-insurer", "in") == ()


async def test_a_county_does_not_see_secrets(database: Database) -> None:
    await take_on(database)
    async with database.transaction(Caller(Role.COUNTY, 0, AREA_END, "test")) as tx:
        assert await active_secrets(tx, "demo-insurer", "in") == ()


@pytest.mark.parametrize(
    ("pointer", "code", "base_url", "secret"),
    [
        ("/code", "Big Insurer", "http://127.0.0.1:9", SECRET_IN),
        ("/base_url", "fine", "ftp://127.0.0.1", SECRET_IN),
        ("/base_url", "fine", "http://10.0.0.1", SECRET_IN),
        ("/base_url", "fine", "http://169.254.169.254/latest", SECRET_IN),
        ("/secret_in", "fine", "http://127.0.0.1:9", "whsec_short"),
        ("/secret_in", "fine", "http://127.0.0.1:9", "whsec_"),
        ("/secret_in", "fine", "http://127.0.0.1:9", SECRET_IN.removeprefix("whsec_")),
        ("/code", "taken", "http://127.0.0.1:9", SECRET_IN),
    ],
)
async def test_a_wrong_insurer_is_refused_at_its_field(
    database: Database, pointer: str, code: str, base_url: str, secret: str
) -> None:
    await take_on(database, "taken")
    async with database.transaction(SYSTEM) as tx:
        with pytest.raises(Invalid) as refused:
            await add_insurer(tx, insurer(code, base_url=base_url), secret, SECRET_OUT, LOOPBACK)
    assert [fault.pointer for fault in refused.value.faults] == [pointer]


RENEWED = "whsec_" + base64.b64encode(bytes(range(64, 96))).decode()


async def keys_at(database: Database, later: timedelta) -> tuple[str, ...]:
    """The keys for callbacks that count so much later."""
    async with database.transaction(SYSTEM) as tx:
        await tx.sql.execute(text("SET LOCAL ROLE NONE"))
        await tx.sql.execute(text("UPDATE sandbox_clock SET ahead = :ahead"), {"ahead": later})
    insurer = Caller(Role.INSURER, 0, AREA_END, "insurer:demo-insurer", "demo-insurer")
    found = await callback_keys(database, insurer)
    async with database.transaction(SYSTEM) as tx:
        await tx.sql.execute(text("SET LOCAL ROLE NONE"))
        await tx.sql.execute(text("UPDATE sandbox_clock SET ahead = interval '0'"))
    return () if found is None else found.keys


async def test_f46_a_rotated_key_counts_beside_the_old_one_until_the_overlap_ends(
    database: Database,
) -> None:
    await take_on(database)
    async with database.transaction(SECURITY) as tx:
        await rotate_secret(tx, "demo-insurer", "in", RENEWED, timedelta(hours=2))
    assert await keys_at(database, timedelta()) == (RENEWED, SECRET_IN)
    assert await keys_at(database, timedelta(hours=1, minutes=59)) == (RENEWED, SECRET_IN)
    assert await keys_at(database, timedelta(hours=2, seconds=1)) == (RENEWED,)
    async with database.transaction(SYSTEM) as tx:
        assert await active_secrets(tx, "demo-insurer", "out") == (SECRET_OUT,)
        told = await timeline(tx, "insurer", ["demo-insurer"])
    assert [(one.version, one.type) for one in told] == [
        (2, "insurer.rotate_secret"),
        (1, "insurer.added"),
    ]
    assert RENEWED not in str(told)


async def test_an_old_key_never_lives_longer_by_another_rotation(database: Database) -> None:
    await take_on(database)
    again = "whsec_" + base64.b64encode(bytes(range(96, 128))).decode()
    async with database.transaction(SECURITY) as tx:
        await rotate_secret(tx, "demo-insurer", "in", RENEWED, timedelta(hours=1))
        await rotate_secret(tx, "demo-insurer", "in", again, timedelta(hours=9))
    assert await keys_at(database, timedelta(hours=2)) == (again, RENEWED)
    assert await keys_at(database, timedelta(hours=10)) == (again,)


@pytest.mark.parametrize(
    ("direction", "key"), [("in", "whpk_AA"), ("out", "whpk_" + "A" * 43 + "=")]
)
async def test_an_unusable_key_rotates_nothing(
    database: Database, direction: str, key: str
) -> None:
    await take_on(database)
    with pytest.raises(Invalid):
        async with database.transaction(SECURITY) as tx:
            await rotate_secret(tx, "demo-insurer", direction, key)
    with pytest.raises(NotFound):
        async with database.transaction(SECURITY) as tx:
            await rotate_secret(tx, "nobody", direction, RENEWED)
    assert await keys_at(database, timedelta(days=2)) == (SECRET_IN,)
