"""Logins of chart programs: each is a reader of the `reporting` schema over one area.

What a reader sees is walled by policies of the tables beneath (see the migration that opened the
views). A login is a role of the database server, made by the owner; nothing else is granted to it.
"""

import re
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from app.db.session import plain_url

LOGIN = re.compile(r"chart_[a-z0-9_]{1,40}", re.ASCII)
# Of the login itself: what a role is granted, its settings are not.
SETTINGS = {
    "search_path": "reporting, public",
    "default_transaction_read_only": "on",
    "statement_timeout": "'30s'",
    "idle_in_transaction_session_timeout": "'60s'",
}
_IS = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)"
_KEEP = """
    INSERT INTO reporting.reader (login, area_lo, area_hi) VALUES ($1, $2, $3)
    ON CONFLICT (login) DO UPDATE SET area_lo = excluded.area_lo, area_hi = excluded.area_hi,
        granted_at = now()
"""
_LIST = "SELECT login, area_lo, area_hi FROM reporting.reader ORDER BY login"


@dataclass(frozen=True, slots=True)
class Reader:
    """One login and the half-open range of 12-digit area codes that it sees."""

    login: str
    area_lo: int
    area_hi: int


class OwnerRefused(Exception):
    """The server did not let its owner do it, or is away; the text is the server's."""


async def grant_reader(owner_url: str, reader: Reader) -> str | None:
    """Let a login read its area; give its new password, None where the login was there already.

    Raises ValueError for a name that is no `chart_…`, and OwnerRefused.
    """
    if LOGIN.fullmatch(reader.login) is None:
        raise ValueError("a login for charts is named chart_ and small letters")
    async with _owner(owner_url) as owner:
        password = None
        if not await owner.fetchval(_IS, reader.login):
            password = secrets.token_urlsafe(24)
            await owner.execute(f"CREATE ROLE {reader.login} LOGIN NOINHERIT PASSWORD '{password}'")
        await owner.execute(f"ALTER ROLE {reader.login} LOGIN INHERIT CONNECTION LIMIT 10")
        await owner.execute(f"GRANT relief_reporting TO {reader.login}")
        for name, value in SETTINGS.items():
            await owner.execute(f"ALTER ROLE {reader.login} SET {name} TO {value}")
        await owner.execute(_KEEP, reader.login, reader.area_lo, reader.area_hi)
    return password


async def revoke_reader(owner_url: str, login: str) -> bool:
    """Let a login read nothing any more, nor log in; False when it was no reader."""
    if LOGIN.fullmatch(login) is None:
        return False
    async with _owner(owner_url) as owner:
        done = await owner.execute("DELETE FROM reporting.reader WHERE login = $1", login)
        if await owner.fetchval(_IS, login):
            await owner.execute(f"REVOKE relief_reporting FROM {login}")
            await owner.execute(f"ALTER ROLE {login} NOLOGIN")
    return done != "DELETE 0"


async def list_readers(owner_url: str) -> list[Reader]:
    """Give every login that may read, by name."""
    async with _owner(owner_url) as owner:
        return [Reader(*row) for row in await owner.fetch(_LIST)]


@asynccontextmanager
async def _owner(url: str) -> AsyncGenerator[asyncpg.Connection]:
    try:
        connection = await asyncpg.connect(plain_url(url))
        try:
            async with connection.transaction():
                yield connection
        finally:
            await connection.close()
    except (asyncpg.PostgresError, OSError) as error:
        raise OwnerRefused(str(error)) from error
