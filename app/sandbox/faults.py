"""Bad answers: what a peer can do to us, on order for the next instructions or at random."""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.sandbox.mischief import Mischief

DRIP_SECONDS = 1.0
LATE_SECONDS = 1.5  # of work after the connection is gone
INSTRUCTED_AT = ("/v1/instructions", "/gateway")
CHECKED_AT = "/v1/account-checks"

_JSON = "application/json"
# Sent in place of the true answer, after the instruction took effect: status, type, more, body.
_SAID: dict[str, tuple[int, str, dict[str, str], bytes]] = {
    "500_after_effect": (500, _JSON, {}, b'{"code":"internal","message":""}'),
    "503_after_effect": (503, _JSON, {"retry-after": "7"}, b'{"code":"busy","message":""}'),
    "html_200": (200, "text/html", {}, b"<html><body>Maintenance</body></html>"),
    "not_json": (202, _JSON, {}, b'{"accepted":true,'),
    "duplicate_keys": (
        202, _JSON, {},
        b'{"accepted":true,"accepted":true,"insurer_case_no":"PA1","duplicate":false}',
    ),
    "floats": (202, _JSON, {}, b'{"accepted":true,"insurer_case_no":"PA1","duplicate":0.0}'),
    "too_large": (202, _JSON, {}, b'{"accepted":true,"x":"' + b"x" * 2_000_000 + b'"}'),
    "redirect": (307, _JSON, {"location": "http://127.0.0.1:9/elsewhere"}, b"{}"),
}  # fmt: skip
KINDS = frozenset(_SAID) | {
    "close_after_effect",
    "half_body",
    "hang",
    "slow_drip",
    "drop",
    "late_effect",
}


class Faults:
    """Stands in front of the desk and spoils answers: those it was told to, or any, by chance."""

    def __init__(self, desk: ASGIApp, mischief: Mischief) -> None:
        self._desk = desk
        self._mischief = mischief
        self._next: deque[str] = deque()

    def script(self, kinds: Sequence[str]) -> None:
        """Spoil the next answers to instructions in this way. Raises ValueError: unknown kind."""
        unknown = set(kinds) - KINDS
        if unknown:
            raise ValueError(f"known kinds: {', '.join(sorted(KINDS))}")
        self._next.extend(kinds)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection event, spoiled or not."""
        kind = self._kind(str(scope.get("method")), str(scope.get("path")))
        if kind is None:
            await self._desk(scope, receive, send)
        else:
            await self._spoil(kind, scope, receive, send)

    def _kind(self, method: str, path: str) -> str | None:
        instructs = method == "POST" and path in INSTRUCTED_AT
        if instructs and self._next:
            return self._next.popleft()
        asks = (method == "GET" and path.startswith(INSTRUCTED_AT[0])) or path == CHECKED_AT
        return self._mischief.answer(question=asks) if instructs or asks else None

    async def _spoil(self, kind: str, scope: Scope, receive: Receive, send: Send) -> None:
        if kind == "drop":
            await _cut(receive, send)
            return
        if kind == "late_effect":
            await self._work_on(scope, receive, send)
            return
        start, body = await self._effect(scope, receive)
        if kind in _SAID:
            status, media_type, more, said = _SAID[kind]
            await _answer(send, status, {"content-type": media_type, **more}, said)
        elif kind == "half_body":
            await send(start)
            await send(_part(body[: len(body) // 2], more=True))
            await _cut(receive, send, flush=True)
        elif kind == "slow_drip":
            await send(start)
            for place in range(len(body)):
                await send(_part(body[place : place + 1], more=True))
                await asyncio.sleep(DRIP_SECONDS)
            await send(_part(b"", more=False))
        elif kind == "hang":
            await _until_gone(receive)
        else:
            await _cut(receive, send)

    async def _work_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hang up at once, and take the instruction all the same a moment later."""
        whole = await receive()
        while whole.get("more_body"):
            more = await receive()
            whole = {**whole, **more, "body": whole["body"] + more.get("body", b"")}
        await _cut(receive, send)
        await asyncio.sleep(LATE_SECONDS)

        async def replay() -> Message:
            return whole

        await self._effect(scope, replay)

    async def _effect(self, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
        """Let the desk do its work and keep its answer back."""
        said: list[Message] = []

        async def keep(message: Message) -> None:
            said.append(message)

        await self._desk(scope, receive, keep)
        return said[0], b"".join(message.get("body", b"") for message in said[1:])


def _part(body: bytes, *, more: bool) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": more}


async def _answer(send: Send, status: int, headers: dict[str, str], body: bytes) -> None:
    named = {**headers, "content-length": str(len(body))}
    raw = [(name.encode(), value.encode()) for name, value in named.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send(_part(body, more=False))


async def _cut(receive: Receive, send: Send, *, flush: bool = False) -> None:
    """Close the connection under the answer: the server's cycle behind `send` holds its socket."""
    cycle: Any = getattr(send, "__self__")  # noqa: B009 - a bound method, which its type hides
    if flush:
        cycle.transport.close()
    else:
        cycle.transport.abort()
    await _until_gone(receive)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
