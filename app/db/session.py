"""The one place that opens transactions and says who is asking.

Every transaction runs as the non-owner role and sets the caller's context first, so that row
security stands behind every query. Nobody else writes `commit`.
"""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from app.crypto import Keyring
from app.domain.caller import Caller

ROLE = "relief_app"
SESSION = {
    "role": ROLE,
    "application_name": "relief",
    "statement_timeout": "30s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
}
POOL_SECONDS = 10  # how long a request waits for a free connection
ASKING_SIZE = 4  # a statement that stands alone holds its connection for under a millisecond
SET_CONTEXT = text("SELECT set_context(:lo, :hi, :insurer, :role, :actor, :request_id)")


@dataclass(frozen=True, slots=True)
class Tx:
    """One open transaction: its connection, who asks, and the keys to seal and open with."""

    sql: AsyncConnection
    caller: Caller
    keyring: Keyring
    request_id: str | None = None

    async def now(self) -> datetime:
        """Give business time (UTC): the database clock plus the sandbox's offset."""
        now: datetime = (await self.sql.execute(text("SELECT business_now()"))).scalar_one()
        return now

    async def today(self) -> date:
        """Give the business day in Asia/Shanghai."""
        today: date = (await self.sql.execute(text("SELECT business_today()"))).scalar_one()
        return today


class Database:
    """A pool of connections to one database, as the non-owner role."""

    def __init__(self, url: str, keyring: Keyring, *, pool_size: int = 10) -> None:
        self.keyring = keyring
        self.url = url
        self.engine: AsyncEngine = create_async_engine(
            driver_url(url),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=POOL_SECONDS,
            pool_reset_on_return="rollback",
            connect_args={"server_settings": SESSION},
        )
        self._asking = _Asking(url)

    @asynccontextmanager
    async def transaction(
        self, caller: Caller, request_id: str | None = None
    ) -> AsyncGenerator[Tx]:
        """Open a transaction as the caller; it commits at the end and rolls back on any error."""
        async with self.engine.begin() as connection:
            await connection.execute(SET_CONTEXT, context_of(caller, request_id))
            yield Tx(connection, caller, self.keyring, request_id)

    @asynccontextmanager
    async def bare(self, caller: Caller, request_id: str | None = None) -> AsyncGenerator[Tx]:
        """Open a transaction without its context, for the one statement that sets it itself."""
        async with self.engine.begin() as connection:
            yield Tx(connection, caller, self.keyring, request_id)

    async def ask(
        self, caller: Caller, request_id: str | None, statement: str, *wanted: object
    ) -> asyncpg.Record | None:
        """Call a database function that sets the caller's context itself and then reads one row.

        One statement outside of any transaction, straight on the driver: a quarter of what the same
        read costs through an engine. `statement` calls one of our functions that begin with the
        parameters of `set_context` ($1 to $6). Raises what the driver raises.
        """
        context = context_of(caller, request_id).values()
        return await self._asking.row(statement, (*context, *wanted))

    async def close(self) -> None:
        """Close both pools."""
        await self._asking.close()
        await self.engine.dispose()


class _Asking:
    """A few plain connections for statements that stand alone; opened when first needed.

    Not the driver's own pool: it resets each connection by a second round trip and wraps each
    call. Here the context ends with its statement and nothing else is ever set, so a connection
    is as good as new when its statement is done.
    """

    def __init__(self, url: str) -> None:
        self._url = plain_url(url)
        self._free: list[asyncpg.Connection] = []
        self._places = asyncio.Semaphore(ASKING_SIZE)

    async def row(self, statement: str, values: tuple[object, ...]) -> asyncpg.Record | None:
        async with asyncio.timeout(POOL_SECONDS), self._places:
            connection = await self._take()
            try:
                row = await connection.fetchrow(statement, *values)
            except asyncpg.PostgresError:
                self._free.append(connection)  # refused, and all is said
                raise
            except BaseException:
                connection.terminate()  # nobody knows what it would say next
                raise
            self._free.append(connection)
            return row

    async def _take(self) -> asyncpg.Connection:
        while self._free:
            connection = self._free.pop()
            if not connection.is_closed():  # as after the server was restarted
                return connection
        connection = await asyncpg.connect(self._url, server_settings=SESSION)
        await connection.set_type_codec(
            "jsonb", encoder=str, decoder=json.loads, schema="pg_catalog"
        )
        return connection

    async def close(self) -> None:
        while self._free:
            await self._free.pop().close()


def context_of(caller: Caller, request_id: str | None) -> dict[str, object]:
    """Give the parameters of `set_context` for a caller."""
    return {
        "lo": caller.area_lo,
        "hi": caller.area_hi,
        "insurer": caller.insurer,
        "role": caller.role.value,
        "actor": caller.actor,
        "request_id": request_id,
    }


def driver_url(url: str) -> str:
    """Give SQLAlchemy's form of a postgresql:// URL, for asyncpg."""
    scheme, separator, rest = url.partition("://")
    if not separator or not scheme.startswith("postgres"):
        raise ValueError("the database URL must begin with postgresql://")
    return f"postgresql+asyncpg://{rest}"


def plain_url(url: str) -> str:
    """Give the driver's own form of the same URL."""
    return f"postgresql://{driver_url(url).partition('://')[2]}"
