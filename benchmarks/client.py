"""A client that costs little: kept-alive connections, ready-made requests, answers only counted.

A client library would use more of the machine than the server it is to measure.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

import uvloop


@dataclass(frozen=True, slots=True)
class Burst:
    """What a burst did: answers by status, and the seconds from first to last."""

    statuses: Counter[int]
    seconds: float

    @property
    def answered(self) -> int:
        """How many answers came."""
        return self.statuses.total()

    def all_were(self, status: int) -> "Burst":
        """Itself, when every answer had this status: a figure about refusals would be none."""
        if set(self.statuses) != {status}:
            raise AssertionError(f"answers were {dict(self.statuses)}, not all {status}")
        return self


def request(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """A request, ready to send."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def burst(port: int, streams: Sequence[Iterable[bytes]]) -> Burst:
    """Send each stream over its own connection, one request after the other; all at once."""
    return uvloop.run(_burst(port, streams))


def first_answer(port: int, raw: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send one request and answer status, headers in lower case, and body."""
    return uvloop.run(_first_answer(port, raw))


async def _burst(port: int, streams: Sequence[Iterable[bytes]]) -> Burst:
    loop = asyncio.get_running_loop()
    statuses: Counter[int] = Counter()
    talks = []
    for stream in streams:
        talk = _Talk(iter(stream), statuses)
        await loop.create_connection(partial(_given, talk), "127.0.0.1", port)
        talks.append(talk)
    began = time.perf_counter()
    for talk in talks:
        talk.go_on()
    async with asyncio.timeout(120):
        await asyncio.gather(*(talk.done for talk in talks))
    return Burst(statuses, time.perf_counter() - began)


def _given(talk: "_Talk") -> "_Talk":
    return talk


class _Talk(asyncio.Protocol):
    """One connection: the next request goes when the answer to the last one is whole."""

    def __init__(self, requests: Iterator[bytes], statuses: Counter[int]) -> None:
        self._requests = requests
        self._statuses = statuses
        self._read = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not asserted: the loop's transport is one by its methods only.
        self._transport = cast(asyncio.Transport, transport)

    def go_on(self) -> None:
        """Send the next request, or end."""
        following = next(self._requests, None)
        if following is None:
            self._transport.close()
            if not self.done.done():
                self.done.set_result(None)
        else:
            self._transport.write(following)

    def data_received(self, data: bytes) -> None:
        self._read += data
        head, found, body = self._read.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return
        self._read = b""
        self._statuses[int(head[9:12])] += 1
        self.go_on()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionResetError("the server hung up"))


def _length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


async def _first_answer(port: int, raw: bytes) -> tuple[int, dict[str, str], bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(raw)
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status, *lines = head.split("\r\n")
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in lines if line)
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    writer.close()
    return int(status.split()[1]), headers, body
