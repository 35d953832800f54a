"""Whether the database can be worked with: its revision, and what its errors mean for us."""

import errno
from dataclasses import dataclass
from datetime import datetime

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.db.session import Database
from app.domain.caller import Caller, Role

# SQLSTATE classes and codes that pass by themselves: connection, resources, operator intervention
# (shutdown, time-out of a statement), lock not available, deadlock, serialisation.
_PASSING_CLASSES = ("08", "53", "57", "58")
_PASSING_CODES = frozenset({"55P03", "40P01", "40001", "25P03"})
_LOST_RACES = frozenset({"40P01", "40001"})  # deadlock, serialisation
_NO_ROOM = frozenset({"53100", "58030"})
_FULL_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# A quota or a limit on file sizes has no code of its own: the server says so in words only.
_INTERNAL, _UNWRITTEN = "XX000", ("could not extend file", "could not write")


_PROBE = Caller(Role.SYSTEM, 0, 0, "probe")  # of no area: it sees what has no wall
_STATE = text(
    """
    SELECT (SELECT version_num FROM alembic_version) AS revision, clock_timestamp() AS clock,
        array(SELECT key FROM lane WHERE paused OR open_until > now() ORDER BY key) AS resting
    """
)


@dataclass(frozen=True, slots=True)
class State:
    """The schema's revision, the server's clock (UTC), and the lanes that are paused or resting.

    `revision` None: no migration ever ran. `clock` and `resting` are told of our schema only.
    """

    revision: str | None
    clock: datetime | None = None
    resting: tuple[str, ...] = ()


async def state_now(database: Database, head: str) -> State:
    """Look at what readiness depends on. Raises what the driver raises when it is away."""
    revision = await revision_of(database)
    if revision is None or revision < head:  # tables that are not there yet are not asked
        return State(revision)
    async with database.transaction(_PROBE) as tx:
        row = (await tx.sql.execute(_STATE)).one()
    return State(row.revision, row.clock, tuple(row.resting))


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
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    state = state_of(error)
    if not state:
        return isinstance(error, OperationalError | InterfaceError | asyncpg.InterfaceError)
    return state.startswith(_PASSING_CLASSES) or state in _PASSING_CODES or is_full(error)


def is_lost_race(error: BaseException) -> bool:
    """Tell whether the transaction lost against another and may be done again from its start."""
    return state_of(error) in _LOST_RACES


def is_full(error: BaseException) -> bool:
    """Tell whether there is no room left to write, in the database or here: somebody must know."""
    if isinstance(error, OSError):
        return error.errno in _FULL_DISK
    state = state_of(error)
    return state in _NO_ROOM or (
        state == _INTERNAL and any(words in str(error) for words in _UNWRITTEN)
    )


def state_of(error: BaseException) -> str:
    """Give the SQLSTATE of an error, through the engine or straight from the driver; or nothing."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return str(getattr(cause, "sqlstate", None) or "")
