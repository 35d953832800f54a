"""One exchange with a peer over HTTP: bounded in time and size, and every doubt has its name."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from app.outside.addresses import ConnectionRefusedByUs
from app.outside.insurers.port import NotSent, Unknown
from app.outside.strict_json import NotStrictJson, parse_object

ANSWER_BYTES_MAX = 1024 * 1024
RETRY_AFTER_SECONDS_MAX = 3600

# Errors of the time before the first byte of a request is written.
_NOTHING_WRITTEN = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)
_NOTHING_WRITTEN_WORDS: dict[type[Exception], str] = {
    httpx.PoolTimeout: "too_many_at_once",
    httpx.UnsupportedProtocol: "address_unusable",
    httpx.InvalidURL: "address_unusable",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole and within bounds."""

    status: int
    retry_after_seconds: int | None
    media_type: str
    raw: bytes = field(repr=False)

    def strict_json(self) -> dict[str, object] | None:
        """Give the body as an object, None when it is no strict JSON object that says so."""
        if self.media_type != "application/json" and not self.media_type.endswith("+json"):
            return None
        try:
            return parse_object(self.raw)
        except NotStrictJson:
            return None


class _Doubtful(Exception):
    """A signal inside this file: what came back cannot be believed."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


async def exchange(
    client: httpx.AsyncClient,
    deadline_seconds: float,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None = None,
) -> Answer | Unknown | NotSent:
    """Ask and read the answer; NotSent only when not a byte of the request was written."""
    try:
        request = client.build_request(method, url, content=body, headers=dict(headers))
        async with asyncio.timeout(deadline_seconds):
            return await _read(client, request)
    except _NOTHING_WRITTEN as error:
        return NotSent(_why_nothing_was_written(error))
    except _Doubtful as doubt:
        return Unknown(doubt.reason)
    except TimeoutError:
        return Unknown("deadline")
    except httpx.HTTPError as error:
        late = isinstance(error, httpx.TimeoutException)
        return Unknown("timeout" if late else "connection_broken")


async def _read(client: httpx.AsyncClient, request: httpx.Request) -> Answer:
    response = await client.send(request, stream=True)
    try:
        raw = await _capped(response)
    finally:
        await response.aclose()
    return Answer(
        response.status_code,
        _retry_after_seconds(response.headers.get("retry-after", "")),
        response.headers.get("content-type", "").partition(";")[0].strip().lower(),
        raw,
    )


async def _capped(response: httpx.Response) -> bytes:
    if response.headers.get("content-encoding", "identity") != "identity":
        raise _Doubtful("answer_packed")
    raw = bytearray()
    async for chunk in response.aiter_bytes():
        raw += chunk
        if len(raw) > ANSWER_BYTES_MAX:
            raise _Doubtful("answer_too_large")
    return bytes(raw)


def _why_nothing_was_written(error: Exception) -> str:
    if isinstance(error.__cause__, ConnectionRefusedByUs):
        return str(error.__cause__)
    return _NOTHING_WRITTEN_WORDS.get(type(error), "no_connection")


def _retry_after_seconds(header: str) -> int | None:
    if not (header.isascii() and header.isdigit()):
        return None
    return min(int(header[:9]), RETRY_AFTER_SECONDS_MAX)
