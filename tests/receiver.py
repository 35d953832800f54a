"""A receiver of webhooks on this machine, as good or as bad as a test says."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

HUGE = 2 * 1024**3


@dataclass(frozen=True)
class Letter:
    """One request as it came: header names in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Keeps what it is told. `manner` is a status line's number, or one of the bad manners."""

    manner: int | str = 204
    letters: list[Letter] = field(default_factory=list)
    refuse: Callable[[Letter], bool] = lambda _: False
    written: int = 0  # bytes of an endless answer that we got rid of
    port: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)
    at_work: set[asyncio.Task[None]] = field(default_factory=set)

    async def arrived(self, count: int, seconds: float = 20.0) -> None:
        """Wait until so many letters are here. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while len(self.letters) < count:
                self.news.clear()
                await self.news.wait()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hook"

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one request and answer in the manner of the hour."""
        task = asyncio.current_task()
        assert task is not None
        self.at_work.add(task)
        task.add_done_callback(self.at_work.discard)
        try:
            await self.listen(reader, writer)
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read what is said and answer it; whoever hangs up first is right."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            if self.manner == "garbage":
                await reader.read(65536)
                writer.write(b"\x16\x03 this is neither TLS nor HTTP\r\n\r\n")
                await writer.drain()
            else:
                letter = await read(reader)
                self.letters.append(letter)
                self.news.set()
                await self.answer(letter, writer)

    async def answer(self, letter: Letter, writer: asyncio.StreamWriter) -> None:
        """Answer one letter."""
        if self.manner == "hang":
            await asyncio.sleep(60)
        elif self.manner == "drip":
            for byte in b"HTTP/1.1 200 OK\r\nX: ":
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.2)
        elif self.manner == "huge":
            writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {HUGE}\r\n\r\n".encode())
            for _ in range(HUGE // 65536):
                writer.write(b"x" * 65536)
                await writer.drain()
                self.written += 65536
        elif self.manner == "redirect":
            writer.write(b"HTTP/1.1 302 Found\r\nLocation: /inside\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
        else:
            status = 500 if self.refuse(letter) else self.manner
            writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode())
            await writer.drain()

    @asynccontextmanager
    async def open(self) -> AsyncGenerator["Receiver"]:
        """Listen while the test runs."""
        server = await asyncio.start_server(self.take, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in self.at_work:
                task.cancel()
            await asyncio.gather(*self.at_work, return_exceptions=True)


async def read(reader: asyncio.StreamReader) -> Letter:
    """Read one request with its body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {
        name.lower(): value
        for name, _, value in (line.partition(": ") for line in head[1:] if line)
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Letter(head[0].split(" ")[1], headers, body)
