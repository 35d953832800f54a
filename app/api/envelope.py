"""The outermost layer: request id, bounds on the body, security headers, one log line, no leaks.

Plain ASGI: Starlette's BaseHTTPMiddleware costs more than the rest of a poll.
"""

import re
import secrets
import time
from dataclasses import dataclass, field

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.access import admit, needs_key
from app.api.bodies import Intake, check_acceptable, intake
from app.api.problems import problem
from app.api.refusals import NotReady
from app.db.readiness import is_passing
from app.domain.errors import ReliefError
from app.observe import bind_request, forget_request, get_logger

REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
NO_CONTENT_POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_QUIET = frozenset({"/livez", "/readyz"})  # asked every few seconds by machines

_log = get_logger("relief.door")


class Envelope:
    """Wraps the whole application; nothing passes that it has not seen."""

    def __init__(self, app: ASGIApp, *, max_document_bytes: int) -> None:
        self.app = app
        self.max_document_bytes = max_document_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on; lifespan messages go through untouched."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        bind_request(request_id)
        sending = _Sending(send, request_id.encode())
        began = time.perf_counter()
        try:
            await self._pass_on(scope, receive, sending)
        finally:
            self._log(scope, sending.status, time.perf_counter() - began)
            forget_request()

    async def _pass_on(self, scope: Scope, receive: Receive, sending: "_Sending") -> None:
        taken = intake(scope["method"], scope["path"], self.max_document_bytes)
        try:
            if needs_key(scope["path"]):
                await admit(scope)
            _check_headers(scope, taken)
            await self.app(scope, _Receiving(receive, scope, taken), sending)
        except ReliefError as refusal:
            await problem(scope, refusal)(scope, receive, sending)
        except Exception as error:  # the outermost place: whatever it is, answer and log it
            if sending.status:
                raise
            await problem(scope, _unexpected(error))(scope, receive, sending)

    def _log(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "-")
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


@dataclass(slots=True)
class _Sending:
    """Adds the headers that every answer carries, and remembers the status."""

    send: Send
    request_id: bytes
    status: int = field(default=0)

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = list(message["headers"])
            headers.append((b"x-request-id", self.request_id))
            headers.extend(SECURITY_HEADERS)
            names = {name.lower() for name, _ in headers}
            if NO_CONTENT_POLICY[0] not in names:
                headers.append(NO_CONTENT_POLICY)
            if b"cache-control" not in names:
                headers.append((b"cache-control", b"no-store"))
            message = {**message, "headers": headers}
        await self.send(message)


@dataclass(slots=True)
class _Receiving:
    """Counts what comes in and stops at the bound, also when no length was announced."""

    receive: Receive
    scope: Scope
    taken: Intake
    count: int = field(default=0)

    async def __call__(self) -> Message:
        message = await self.receive()
        if message["type"] == "http.request":
            self.count += len(message.get("body", b""))
            if self.count > self.taken.limit_bytes:
                self.scope["state"]["refusal"] = self.taken.too_large()
                # The one kind of exception that the framework's body reader lets through.
                raise HTTPException(413)
        return message


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
        check_acceptable(headers[b"accept"].decode("latin-1"))
    if announced != b"0" or b"transfer-encoding" in headers:
        taken.check_type(headers.get(b"content-type", b"").decode("latin-1"))


def _unexpected(error: Exception) -> ReliefError:
    if is_passing(error):
        _log.warning("database.away", exc_info=error)
        return NotReady()
    _log.error("http.failed", exc_info=error)
    return ReliefError(
        "系统发生错误，请把 trace_id 提供给系统管理员。",
        "Something went wrong on our side: give the trace_id to the operator.",
    )
