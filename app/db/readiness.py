"""Whether the database can be worked with: its revision, and which errors mean that it cannot."""

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.db.session import Database

# SQLSTATE classes and codes that pass by themselves: connection, resources, operator intervention
# (shutdown, time-out of a statement), lock not available, deadlock, serialisation.
_PASSING_CLASSES = ("08", "53", "57")
_PASSING_CODES = frozenset({"55P03", "40P01", "40001", "25P03"})


async def revision_of(database: Database) -> str | None:
    """Give the schema's revision; None when no migration ever ran."""
    async with database.engine.connect() as connection:
        known = await connection.scalar(text("SELECT to_regclass('alembic_version') IS NOT NULL"))
        if not known:
            return None
        revision: str | None = await connection.scalar(
            text("SELECT version_num FROM alembic_version")
        )
        return revision


def is_passing(error: BaseException) -> bool:
    """Tell whether an error says that the database is away or too busy, not that we are wrong."""
    if isinstance(error, OSError | PoolTimeout | DisconnectionError):
        return True
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return True
        cause: BaseException | None = error.orig
        unsaid = isinstance(error, OperationalError | InterfaceError)
    else:  # straight from the driver
        cause, unsaid = error, isinstance(error, asyncpg.InterfaceError)
    state = str(getattr(cause, "sqlstate", None) or "")
    return state.startswith(_PASSING_CLASSES) or state in _PASSING_CODES if state else unsaid
