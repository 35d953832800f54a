"""An owner that is no superuser, as managed servers give one: migrations and the way of a claim."""

import asyncio
import secrets
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from app.cli.migrate import upgrade
from app.crypto import Keyring
from app.db.invariants import INVARIANTS, check
from app.db.session import Database
from app.services.audit.verify_trail import verify_trail
from app.services.notices.documents import list_documents
from tests.cases import CHUNAN, county_with, file, notice, work
from tests.contracts import COUNTY, SYSTEM
from tests.database import Run, in_thread, in_thread_call
from tests.services.test_audit_trail import AUDITOR


async def _do(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture
def plain_owner_url(run: Run, database_url: str) -> Iterator[str]:
    """A database whose owner may make roles and nothing more; `relief_app` is there already."""
    server, name, password = run.server(), f"plain_{secrets.token_hex(4)}", secrets.token_hex(16)
    in_thread(
        _do(
            server,
            f"CREATE ROLE {name} LOGIN CREATEROLE NOSUPERUSER NOBYPASSRLS PASSWORD '{password}'",
            f"GRANT relief_app TO {name} WITH ADMIN OPTION",
            f"CREATE DATABASE {name} OWNER {name}",
        )
    )
    parts = urlsplit(server)
    yield urlunsplit(
        parts._replace(
            netloc=f"{name}:{password}@{parts.netloc.rpartition('@')[2]}", path=f"/{name}"
        )
    )
    in_thread(_do(server, f"DROP DATABASE {name} WITH (FORCE)", f"DROP ROLE {name}"))


async def test_an_owner_that_is_no_superuser_migrates_and_serves(
    plain_owner_url: str, keyring: Keyring
) -> None:
    await asyncio.to_thread(in_thread_call, upgrade, plain_owner_url)
    database = Database(plain_owner_url, keyring, pool_size=2)
    try:
        await county_with(database, CHUNAN)
        filed = await file(database, notice())
        await work(database)
        async with database.transaction(COUNTY) as tx:
            assert await list_documents(tx, filed.notice.notice_no)
        async with database.transaction(AUDITOR) as tx:
            verified = await verify_trail(tx)
        assert (verified.faults, verified.rows > 5) == ((), True)
        async with database.transaction(SYSTEM) as tx:
            findings = [await check(tx, invariant) for invariant in INVARIANTS]
        assert [one.invariant.number for one in findings if one.broken] == []
    finally:
        await database.close()
