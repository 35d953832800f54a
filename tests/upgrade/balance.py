"""Several APIs behind one name, as a cluster's balancer would have them."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable

import httpx

HOST = "127.0.0.1"
PIECE_BYTES = 65536

TRIES = 100
PAUSE_SECONDS = 0.1


class Balanced(httpx.AsyncBaseTransport):
    """Requests take turns over the ports; a refused connection is tried at the next one.

    Nothing else is tried again: a request that was sent and not answered has failed.
    """

    def __init__(self, ports: list[int], at_once: int) -> None:
        self.ports = ports
        self.seen: Counter[str] = Counter()
        self._beneath = httpx.AsyncHTTPTransport(
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=at_once)
        )
        self._turn = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        for _ in range(TRIES):
            self._turn += 1
            request.url = request.url.copy_with(port=self.ports[self._turn % len(self.ports)])
            try:
                return await self._beneath.handle_async_request(request)
            except httpx.ConnectError:
                self.seen["refused"] += 1
                if self._turn % len(self.ports) == 0:
                    await asyncio.sleep(PAUSE_SECONDS)
        raise httpx.ConnectError("nobody listens")

    async def aclose(self) -> None:
        await self._beneath.aclose()


@contextlib.asynccontextmanager
async def relay(port: int, ports: Callable[[], list[int]]) -> AsyncIterator[None]:
    """Pass connections to `port` on to the first of those ports that takes them: for insurers."""

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            for target in ports():
                try:
                    there, away = await asyncio.open_connection(HOST, target)
                except OSError:
                    continue
                await asyncio.gather(_pipe(reader, away), _pipe(there, writer))
                break
        writer.close()

    server = await asyncio.start_server(pass_on, HOST, port)
    try:
        yield
    finally:
        server.close()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while piece := await reader.read(PIECE_BYTES):
            writer.write(piece)
            await writer.drain()
    writer.close()
