"""A wire to PostgreSQL that is cut at a commit: before the server hears it, or after it answered.

The client cannot tell the two apart, and nothing it is told may depend on a guess.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal
from urllib.parse import urlsplit

Moment = Literal["unheard", "unanswered"]
CHUNK_BYTES = 65536
KEEPS_ANSWER = b"INSERT INTO idempotency"  # as it is prepared, once on each connection
AT_ONCE = b"submit_draft"  # commits by itself, when it is sent its values
PARSE, BIND = b"P", b"B"  # each is followed by four bytes of length


class Severed:
    """Passes bytes on; once told so, cuts the next connection that commits a keyed write."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._target = (str(parts.hostname), int(parts.port or 5432))
        self._parts = parts
        self._next: Moment | None = None
        self._pipes: set[asyncio.Task[None]] = set()
        self.url = ""
        self.cuts = 0

    def cut_next(self, moment: Moment) -> None:
        """Cut the next commit."""
        self._next = moment

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Severed"]:
        """Listen; `url` leads over the wire."""
        server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        login = f"{self._parts.username}:{self._parts.password}"
        self.url = self._parts._replace(netloc=f"{login}@127.0.0.1:{port}").geturl()
        try:
            yield self
        finally:
            server.close()
            for pipe in self._pipes:
                pipe.cancel()
            await asyncio.gather(*self._pipes, return_exceptions=True)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection(*self._target)
        line = _Line(self, (reader, writer), there)
        for pipe in (line.forth(), line.back()):
            task = asyncio.create_task(pipe)
            self._pipes.add(task)
            task.add_done_callback(self._pipes.discard)

    def commits(self) -> Moment | None:
        """Say whether a commit, of which this is told, is the one that is to be cut."""
        moment, self._next = self._next, None
        self.cuts += moment is not None
        return moment


Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class _Line:
    """One connection over the wire."""

    def __init__(self, wire: Severed, here: Ends, there: Ends) -> None:
        self._wire = wire
        self._here, self._there = here, there
        self._dumb = self._wrote = False
        self._prepared = b""  # the name under which a statement that commits by itself is known

    async def forth(self) -> None:
        while sent := await self._here[0].read(CHUNK_BYTES):
            moment = self._wire.commits() if self._is_commit(sent) else None
            if moment == "unheard":
                break
            self._dumb = moment == "unanswered"
            self._there[1].write(sent)
        self._there[1].close()
        if not self._dumb:
            self._here[1].close()

    def _is_commit(self, sent: bytes) -> bool:
        """Tell whether these bytes commit a keyed write."""
        self._wrote = self._wrote or KEEPS_ANSWER in sent
        if sent.startswith(PARSE) and AT_ONCE in sent:
            self._prepared = sent[5 : sent.index(b"\0", 5)]
        values = sent.startswith(BIND + sent[1:5] + b"\0" + self._prepared + b"\0")
        return bool(self._prepared and values) or (self._wrote and b"COMMIT" in sent)

    async def back(self) -> None:
        while said := await self._there[0].read(CHUNK_BYTES):
            if self._dumb:  # it has committed, and nobody hears of it
                break
            self._here[1].write(said)
        self._here[1].transport.abort()
        self._there[1].close()
