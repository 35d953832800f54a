"""How the client speaks: writes that are safe to repeat are repeated, a refusal is an error.

While the service does not answer, or says that the same may be asked again (`retryable`), the
client asks again for `patience_seconds`: a read as it is, a write under the same Idempotency-Key.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Generic, Self, TypeVar
from urllib.parse import quote
from uuid import uuid4

import httpx

Body = TypeVar("Body")
PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to send: its name, its bytes, its media type."""

    name: str
    content: bytes
    media_type: str = "application/octet-stream"


class Problem(Exception):
    """The service refused (RFC 9457). `code` is stable, the words are for people."""

    def __init__(self, asked: str, status: int, body: Mapping[str, Any]) -> None:
        self.status = status
        self.body = body
        self.code = str(body.get("code", ""))
        self.errors: list[Mapping[str, Any]] = list(body.get("errors") or [])
        self.trace_id = str(body.get("trace_id", ""))
        self.retryable = bool(body.get("retryable", False))
        told = "；".join(str(error.get("message", "")) for error in self.errors)
        words = f"{body.get('title', '')} {body.get('detail', '')} {told}".strip()
        super().__init__(f"{asked} → {status} {self.code} {words}")


class Unanswered(Exception):
    """The service did not answer for as long as the client was patient."""


@dataclass(frozen=True, slots=True)
class Answer(Generic[Body]):
    """What came back. A 304 has no body: it is `unchanged` since the ETag that was sent."""

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)
    _read: Callable[[bytes], Body] = field(repr=False)

    @property
    def body(self) -> Body:
        """The body as the interface describes it. Raises LookupError when there is none."""
        if not self.content:
            raise LookupError(f"an answer of {self.status} has no body")
        return self._read(self.content)

    @property
    def unchanged(self) -> bool:
        """Whether nothing changed since the ETag that was sent."""
        return self.status == httpx.codes.NOT_MODIFIED

    @property
    def etag(self) -> str:
        """What to send as `if_none_match` to poll, or as `if_match` to change what was read."""
        return self.headers.get("ETag", "")


class Wire:
    """One caller's connections to the service. Not for several threads at once."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        patience_seconds: float = 30.0,
        timeout_seconds: float = 10.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """`token` is an API key or an access token; `timeout_seconds` bounds one try."""
        self._patience_seconds = patience_seconds
        self._http = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=timeout_seconds,
            trust_env=False,
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _ask(
        self,
        method: str,
        path: str,
        read: Callable[[bytes], Body],
        *,
        query: Mapping[str, object] | None = None,
        headers: Mapping[str, str | None] | None = None,
        keyed: bool = False,
        **content: Any,
    ) -> Answer[Body]:
        """Send until answered. Raises Problem, Unanswered.

        `keyed` gives the request an Idempotency-Key of its own where the caller chose none.
        """
        sent = {name: value for name, value in (headers or {}).items() if value is not None}
        if keyed:
            sent.setdefault("Idempotency-Key", str(uuid4()))
        wanted = {name: value for name, value in (query or {}).items() if value is not None}
        answer = self._answer(method, path, {"params": wanted, "headers": sent, **content})
        return Answer(answer.status_code, answer.headers, answer.content, read)

    def _answer(self, method: str, path: str, request: Mapping[str, Any]) -> httpx.Response:
        until = time.monotonic() + self._patience_seconds
        # A change guarded by If-Match alone may have been made although its answer was lost.
        repeatable = method in {"GET", "POST"}
        while True:
            pause = PAUSE_SECONDS
            try:
                answer = self._http.request(method, path, **request)
            except httpx.TransportError as error:
                again = repeatable or isinstance(error, httpx.ConnectError)
                if not again or time.monotonic() > until:
                    raise Unanswered(f"{method} {path}: {type(error).__name__}") from None
            else:
                if answer.status_code < httpx.codes.BAD_REQUEST:
                    return answer
                problem = _problem(f"{method} {path}", answer)
                if not problem.retryable or time.monotonic() > until:
                    raise problem
                pause = _pause(answer)
            time.sleep(pause)


def _problem(asked: str, answer: httpx.Response) -> Problem:
    try:
        body = answer.json()
    except ValueError:  # not ours: a proxy's page
        body = {}
    return Problem(asked, answer.status_code, body if isinstance(body, dict) else {})


def _pause(answer: httpx.Response) -> float:
    """Give the seconds that the service asks to wait, within reason."""
    asked = answer.headers.get("Retry-After", "")
    seconds = float(asked) if asked.isdecimal() else PAUSE_SECONDS
    return min(max(seconds, PAUSE_SECONDS), _LONGEST_PAUSE_SECONDS)


def segment(value: str | int) -> str:
    """Give a value as one segment of a path."""
    return quote(str(value), safe="")


def as_json(content: bytes) -> Any:
    """Read a JSON body."""
    return json.loads(content)


def as_bytes(content: bytes) -> bytes:
    """Leave a body as it is."""
    return content


def as_text(content: bytes) -> str:
    """Read a text."""
    return content.decode()


def multipart(fields: Mapping[str, object]) -> dict[str, Any]:
    """Part a form into text fields and files, as the HTTP library takes them."""
    files = {
        name: (value.name, value.content, value.media_type)
        for name, value in fields.items()
        if isinstance(value, Upload)
    }
    data = {
        name: str(value)
        for name, value in fields.items()
        if value is not None and not isinstance(value, Upload)
    }
    return {"data": data, "files": files}
