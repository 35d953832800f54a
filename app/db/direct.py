"""A few plain connections of the driver, for the two busiest acts: a poll and a submission."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from pydantic_core import from_json  # several times as fast, and a claim has several

# More at once would not be faster: each holds its server process for a millisecond or two, and
# beyond a few processes the machine only changes between them. Polls have twice as many: to wait
# for a connection costs a poll a sixth of its whole question.
CONNECTIONS, POLLING = 4, 8
WAIT_SECONDS = 10  # for a free connection; then the caller is told to come again


class Direct:
    """Connections opened when first needed and kept, the last one used first.

    Not the driver's own pool: it resets each connection by a second round trip and wraps each
    call. Here a context ends with its transaction and nothing else is ever set, so a connection is
    as good as new when its transaction is done.
    """

    def __init__(self, url: str, given: Mapping[str, Any], most: int = CONNECTIONS) -> None:
        """`given` is what the driver is given beside the URL when it connects."""
        self._url = url
        self._given = dict(given)
        self._free: list[asyncpg.Connection] = []
        self._places = asyncio.Semaphore(most)

    @asynccontextmanager
    async def connection(self) -> AsyncGenerator[asyncpg.Connection]:
        """Lend a connection. One that comes back in the middle of something is thrown away."""
        connection = await self._lend()
        try:
            yield connection
        except asyncio.CancelledError:
            connection.terminate()  # nobody knows what it would say next
            raise
        finally:
            self._take_back(connection)

    async def ask(self, statement: str, *values: object) -> asyncpg.Record | None:
        """Give the first row of one statement, over a connection lent for it alone.

        Written out beside `connection`: it is a poll, and the frame of a context manager costs a
        tenth of it.
        """
        connection = await self._lend()
        try:
            return await connection.fetchrow(statement, *values)
        except asyncio.CancelledError:
            connection.terminate()
            raise
        finally:
            self._take_back(connection)

    async def close(self) -> None:
        """Close what is open."""
        while self._free:
            await self._free.pop().close()

    async def _lend(self) -> asyncpg.Connection:
        if self._places.locked():
            async with asyncio.timeout(WAIT_SECONDS):
                await self._places.acquire()
        else:
            await self._places.acquire()  # at once: a clock for it would cost more than it does
        try:
            return self._idle() or await self._open()
        except BaseException:
            self._places.release()
            raise

    def _idle(self) -> asyncpg.Connection | None:
        while self._free:
            connection = self._free.pop()
            if not connection.is_closed():  # as they all are after the server was restarted
                return connection
        return None

    async def _open(self) -> asyncpg.Connection:
        connection: asyncpg.Connection = await asyncpg.connect(self._url, **self._given)
        await connection.set_type_codec(
            "jsonb", encoder=str, decoder=from_json, schema="pg_catalog"
        )
        return connection

    def _take_back(self, connection: asyncpg.Connection) -> None:
        self._places.release()
        if connection.is_closed():
            return
        if connection.is_in_transaction():
            connection.terminate()
        else:
            self._free.append(connection)
