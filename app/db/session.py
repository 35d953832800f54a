"""The one place that opens transactions and says who is asking.

Every transaction runs as the non-owner role and sets the caller's context first, so that row
security stands behind every query. Nobody else writes `commit`.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from app.crypto import Keyring
from app.db.direct import POLLING, Direct
from app.db.pooler import pooled
from app.db.walls import walled
from app.domain.caller import Caller

ROLE = "relief_app"
NAME = {"application_name": "relief"}
BOUNDS = {
    "role": ROLE,
    "statement_timeout": "30s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
}
SESSION = BOUNDS | NAME
POOL_SECONDS = 10  # how long a request waits for a free connection
SET_CONTEXT = text("SELECT set_context(:lo, :hi, :insurer, :role, :actor, :request_id)")


@dataclass(frozen=True, slots=True)
class Tx:
    """One open transaction: its connection, who asks, and the keys to seal and open with."""

    engine: AsyncConnection | None
    caller: Caller
    keyring: Keyring
    request_id: str | None = None
    direct: asyncpg.Connection | None = None

    @property
    def sql(self) -> AsyncConnection:
        """The connection, for statements through the engine; a swift act has none."""
        assert self.engine is not None, "a swift act speaks through row, rows and asked only"
        return self.engine

    async def row(self, statement: str, *values: object) -> asyncpg.Record | None:
        """Run one statement straight on the driver, within this transaction; give its first row.

        For the few statements that are run most: the way through the engine costs as much again as
        the statement. Parameters are $1, $2 and so on. The transaction must have begun, as it has
        with the statement that set the context. Raises what the driver raises.
        """
        return await self._driver().fetchrow(walled(statement), *values)

    async def rows(self, statement: str, *values: object) -> Sequence[asyncpg.Record]:
        """Run one statement as `row` does; give all its rows."""
        rows: Sequence[asyncpg.Record] = await self._driver().fetch(walled(statement), *values)
        return rows

    async def asked(self, function: str, *values: object) -> Sequence[asyncpg.Record]:
        """Call a database function that sets the caller's context itself; give all its rows.

        `function` is one of ours that begins with the parameters of `set_context`. It needs no
        transaction: context and question travel together.
        """
        context = context_of(self.caller, self.request_id).values()
        places = ", ".join(f"${place}" for place in range(1, len(context) + len(values) + 1))
        return await self.rows(f"SELECT * FROM {function}({places})", *context, *values)

    def _driver(self) -> asyncpg.Connection:
        if self.direct is not None:
            return self.direct
        beneath = self.sql.sync_connection
        assert beneath is not None, "a transaction is on an open connection"
        driver: asyncpg.Connection = beneath.connection.driver_connection  # type: ignore[assignment]
        return driver

    async def now(self) -> datetime:
        """Give business time (UTC): the database clock plus the sandbox's offset."""
        row = await self.row("SELECT business_now() AS now")
        assert row is not None
        now: datetime = row["now"]
        return now

    async def today(self) -> date:
        """Give the business day in Asia/Shanghai."""
        row = await self.row("SELECT business_today() AS today")
        assert row is not None
        today: date = row["today"]
        return today


class Database:
    """A pool of connections to one database, as the non-owner role."""

    def __init__(
        self,
        url: str,
        keyring: Keyring,
        *,
        pool_size: int = 10,
        pgbouncer: bool = False,
        session: Mapping[str, str] = SESSION,
    ) -> None:
        """`pgbouncer`: the URL leads to a pooler in transaction mode, and not to the server.

        `session` is what every connection is set to, the role foremost; the service takes ours.
        """
        self.keyring = keyring
        self._pgbouncer = pgbouncer
        self.url = url
        self.engine: AsyncEngine = create_async_engine(
            driver_url(url),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=POOL_SECONDS,
            pool_reset_on_return="rollback",
            pool_use_lifo=True,
            connect_args=_through_pooler() if pgbouncer else {"server_settings": dict(session)},
        )
        # Apart, so that polls never wait behind writes that wait for a lock.
        given = _directly_through_pooler() if pgbouncer else {"server_settings": dict(session)}
        self._asking = Direct(plain_url(url), given, POLLING)
        self._writing = Direct(plain_url(url), given)
        self._watching = Direct(plain_url(url), given)

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

    @asynccontextmanager
    async def swift(self, caller: Caller, request_id: str | None = None) -> AsyncGenerator[Tx]:
        """Lend a connection for an act that asks first and then writes all in one statement.

        No transaction is opened: what is asked holds nothing, the statement that writes is one by
        itself, and must find what was asked unchanged. As in `asking`, only `asked` and what
        everybody may see find anything.
        """
        async with self._question(self._writing) as connection:
            yield Tx(None, caller, self.keyring, request_id, connection)

    @asynccontextmanager
    async def asking(self, caller: Caller, request_id: str | None = None) -> AsyncGenerator[Tx]:
        """Lend a connection for questions outside of any transaction, as the caller.

        Only `asked`, and `row` on what everybody may see, find anything: nothing else sets the
        context. For an estimate, which clerks ask again and again, and which writes nothing.
        """
        async with self._question(self._asking) as connection:
            yield Tx(None, caller, self.keyring, request_id, connection)

    @asynccontextmanager
    async def watching(self, caller: Caller) -> AsyncGenerator[Tx]:
        """Lend a connection as `asking` does, to whoever watches for news: it waits for no poll."""
        async with self._question(self._watching) as connection:
            yield Tx(None, caller, self.keyring, None, connection)

    async def ask(
        self, caller: Caller, request_id: str | None, statement: str, *wanted: object
    ) -> asyncpg.Record | None:
        """Call a database function that sets the caller's context itself and then reads one row.

        One statement outside of any transaction, straight on the driver: a quarter of what the same
        read costs through an engine. `statement` calls one of our functions that begin with the
        parameters of `set_context` ($1 to $6). Raises what the driver raises.
        """
        return await self._once(self._asking, caller, request_id, statement, wanted)

    async def tell(
        self, caller: Caller, request_id: str | None, statement: str, *told: object
    ) -> asyncpg.Record | None:
        """Call a database function that sets the caller's context and writes; give its one row.

        As `ask`, on the connections that write: what is written is committed with the statement.
        """
        return await self._once(self._writing, caller, request_id, statement, told)

    async def _once(
        self,
        pool: Direct,
        caller: Caller,
        request_id: str | None,
        statement: str,
        values: Sequence[object],
    ) -> asyncpg.Record | None:
        statement, values = walled(statement), (*context_of(caller, request_id).values(), *values)
        if not self._pgbouncer:
            return await pool.ask(statement, *values)
        async with self._question(pool) as connection:
            return await connection.fetchrow(statement, *values)

    @asynccontextmanager
    async def _question(self, pool: Direct) -> AsyncGenerator[asyncpg.Connection]:
        """Lend a connection for questions; behind a pooler within a transaction, see `pooler`."""
        async with pool.connection() as connection:
            if not self._pgbouncer:
                yield connection
                return
            async with connection.transaction():
                yield connection

    async def close(self) -> None:
        """Close every pool."""
        await self._asking.close()
        await self._writing.close()
        await self._watching.close()
        await self.engine.dispose()


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


def _through_pooler() -> dict[str, object]:
    return _directly_through_pooler() | {
        "prepared_statement_cache_size": 0,
        # Without a name: a named one would stay on a server that we never see again.
        "prepared_statement_name_func": str,
    }


def _directly_through_pooler() -> dict[str, object]:
    return {
        "server_settings": NAME,
        "statement_cache_size": 0,
        "connection_class": pooled(BOUNDS),
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
