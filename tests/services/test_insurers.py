"""Insurers: their secrets, their lane, and what is refused."""

import pytest
from sqlalchemy import text

from app.db.insurers import active_secrets, find_insurer
from app.db.session import Database
from app.domain.caller import AREA_END, Caller, Role
from app.domain.errors import Invalid
from app.services.insurers import add_insurer
from tests.contracts import SECRET_IN, SECRET_OUT, SYSTEM, insurer, take_on


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
            await add_insurer(tx, insurer(code, base_url=base_url), secret, SECRET_OUT)
    assert [fault.pointer for fault in refused.value.faults] == [pointer]
