"""The outermost layer: request id, limits, bounds on the body, headers, one log line, no leaks.

Plain ASGI: Starlette's BaseHTTPMiddleware costs more than the rest of a poll.
"""

import asyncio
import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from typing import NoReturn

from starlette.datastructures import State
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.access import admit, client_address, needs_key
from app.api.bodies import Intake, check_acceptable, intake
from app.api.gate import PROBES, check_request, check_shape
from app.api.leaving import leaving_headers
from app.api.limits import Limits, Standing
from app.api.problems import problem
from app.api.refusals import BodyTooSlow, NotReady
from app.db.readiness import is_full, is_passing
from app.domain.errors import ReliefError
from app.observe import bind_request, forget_request, get_logger
from app.observe.metrics import RequestTimes
from app.observe.spans import end_request_span, ids_of, request_span

REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
NO_CONTENT_POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
CLOSE = (b"connection", b"close")
VARY = (b"vary", b"Authorization")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_QUIET = PROBES  # asked every few seconds by machines

_log = get_logger("relief.door")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the layer holds every request to; `hosts` empty means any host.

    `secure`: others reach us by https, and are told to keep to it.
    """

    max_document_bytes: int
    hosts: frozenset[str] = frozenset()
    proxies: Sequence[IPv4Network | IPv6Network] = ()
    body_seconds: float = 30.0
    secure: bool = False


class Envelope:
    """Wraps the whole application; nothing passes that it has not seen."""

    def __init__(self, app: ASGIApp, *, bounds: Bounds, times: RequestTimes) -> None:
        self.app = app
        self.bounds = bounds
        self.times = times

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on; lifespan messages go through untouched."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _request_id(scope)
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        state["address"] = client_address(scope, self.bounds.proxies)
        house = scope["app"].state
        sending = _Sending(send, request_id.encode(), house, scope, secure=self.bounds.secure)
        began = time.perf_counter()
        with request_span(scope["headers"]) as span:
            bind_request(request_id, **ids_of(span))
            try:
                await self._pass_on(scope, receive, sending)
            finally:
                self._log(scope, sending.status, time.perf_counter() - began)
                end_request_span(span, _method_of(scope), _route_of(scope), sending.status)
                forget_request()

    async def _pass_on(self, scope: Scope, receive: Receive, sending: "_Sending") -> None:
        taken = intake(scope["method"], scope["path"], self.bounds.max_document_bytes)
        try:
            check_request(scope, self.bounds.hosts)
            sending.standing = await _count(scope)
            _check_headers(scope, taken)
            receiving = _Receiving(receive, scope, taken, self.bounds.body_seconds)
            await self.app(scope, receiving, sending)
        except ReliefError as refusal:
            await problem(scope, refusal)(scope, receive, sending)
        except Exception as error:  # the outermost place: whatever it is, answer and log it
            if sending.status:
                raise
            await problem(scope, _unexpected(error))(scope, receive, sending)

    def _log(self, scope: Scope, status: int, seconds: float) -> None:
        route = _route_of(scope)
        self.times.observe(_method_of(scope), route, status, seconds)
        log = _log.debug if route in _QUIET else _log.info
        problem_code = scope["state"].get("problem")
        log(
            "http.answered",
            method=scope["method"],
            route=route,
            status=status,
            ms=round(seconds * 1000, 1),
            actor=getattr(scope["state"].get("caller"), "actor", "-"),
            **({"problem": problem_code} if problem_code else {}),
        )


def _method_of(scope: Scope) -> str:
    """Give the method for a label: a caller may invent any word, and each would stay for ever."""
    method: str = scope["method"]
    return method if method in _METHODS else "other"


def _route_of(scope: Scope) -> str:
    """Give the template of the route that answered, a dash when none did."""
    return getattr(scope.get("route"), "path", "-")


@dataclass(slots=True)
class _Sending:
    """Adds the headers that every answer carries, and remembers the status."""

    send: Send
    request_id: bytes
    house: State
    scope: Scope
    secure: bool
    status: int = field(default=0)
    standing: Standing | None = field(default=None)

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = list(message["headers"])
            headers.append((b"x-request-id", self.request_id))
            headers.extend(SECURITY_HEADERS)
            headers.extend(leaving_headers(self.scope))
            names = {name.lower() for name, _ in headers}
            if NO_CONTENT_POLICY[0] not in names:
                headers.append(NO_CONTENT_POLICY)
            if b"cache-control" not in names:
                headers.append((b"cache-control", b"no-store"))
            if b"vary" not in names:
                headers.append(VARY)
            if self.secure:
                headers.append(STRICT_TRANSPORT)
            if self.standing is not None:
                headers.extend(self.standing.headers())
            if self.house.leaving:
                headers.append(CLOSE)  # the next request goes to a process that stays
            message = {**message, "headers": headers}
        await self.send(message)


@dataclass(slots=True)
class _Receiving:
    """Counts what comes in and stops at the bounds of size, time and shape.

    Also when no length was announced. HTTPException is the one kind of exception that the
    framework's body reader lets through; `refusal` is what the caller is told.
    """

    receive: Receive
    scope: Scope
    taken: Intake
    seconds: float
    ends_at: float = field(default=0.0)
    count: int = field(default=0)
    whole: bool = field(default=False)
    pieces: list[bytes] = field(default_factory=list)

    async def __call__(self) -> Message:
        if self.whole:  # nothing more is awaited but the caller's leaving
            return await self.receive()
        message = await self._in_time()
        if message["type"] == "http.request":
            piece = message.get("body", b"")
            self.count += len(piece)
            if self.count > self.taken.limit_bytes:
                self._refuse(413, self.taken.too_large())
            self.whole = not message.get("more_body", False)
            if self.taken.is_json:
                self._look_at(piece)
        return message

    async def _in_time(self) -> Message:
        loop = asyncio.get_running_loop()
        self.ends_at = self.ends_at or loop.time() + self.seconds
        try:
            async with asyncio.timeout_at(self.ends_at):
                return await self.receive()
        except TimeoutError:
            self._refuse(408, BodyTooSlow(self.seconds))

    def _look_at(self, piece: bytes) -> None:
        if not self.whole or self.pieces:
            self.pieces.append(piece)
        if self.whole:
            refusal = check_shape(b"".join(self.pieces) if self.pieces else piece)
            if refusal is not None:
                self._refuse(400, refusal)

    def _refuse(self, status: int, refusal: ReliefError) -> NoReturn:
        self.scope["state"]["refusal"] = refusal
        raise HTTPException(status)


async def _count(scope: Scope) -> Standing | None:
    """Find out who calls, where it matters, and count the request against its limits."""
    path = scope["path"]
    if path in PROBES:
        return None
    limits: Limits = scope["app"].state.limits
    standing = limits.per_address.take(scope["state"]["address"])
    if needs_key(path):
        standing = limits.per_key.take((await admit(scope)).actor)
    return standing


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and REQUEST_ID.fullmatch(value):
            return str(value, "ascii")
    return secrets.token_hex(16)


def _check_headers(scope: Scope, taken: Intake) -> None:
    """Refuse by the headers alone: an announced length, a content type, an Accept."""
    headers = dict(scope["headers"])
    announced = headers.get(b"content-length", b"0")
    if announced.isdigit() and int(announced) > taken.limit_bytes:
        raise taken.too_large()
    if not scope["path"].startswith("/v1/"):
        return
    if b"accept" in headers:
        check_acceptable(headers[b"accept"].decode("latin-1"), scope["path"])
    if announced != b"0" or b"transfer-encoding" in headers:
        taken.check_type(headers.get(b"content-type", b"").decode("latin-1"))


def _unexpected(error: Exception) -> ReliefError:
    if is_full(error):
        _log.error("storage.full", exc_info=error)  # whoever watches the logs must make room
        return NotReady()
    if is_passing(error):
        _log.warning("database.away", exc_info=error)
        return NotReady()
    _log.error("http.failed", exc_info=error)
    return ReliefError(
        "系统发生错误，请把 trace_id 提供给系统管理员。",
        "Something went wrong on our side: give the trace_id to the operator.",
    )
