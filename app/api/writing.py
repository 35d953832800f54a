"""Writing through the door: once per idempotency key, answered only after the commit.

The kept answer is written in the transaction of its effect; so there is never an effect without
its answer, nor an answer without its effect. Refusals are not kept: nothing happened.
"""

import hashlib
import json
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

from fastapi import Request
from pydantic import BaseModel
from starlette.responses import Response

from app.api.access import caller_of
from app.api.answers import Answer, etag_of, expected_version, json_answer
from app.api.known import Known
from app.api.refusals import KeyMissing, KeyReused
from app.db.idempotency import Kept, Slot, keep, open_write
from app.db.races import until_won
from app.db.session import Database, Tx
from app.domain.caller import Act, Caller

KEY_CHARACTERS = 255
_TOKEN = re.compile(r"[!#-~]+")
_QUOTED = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')

Doing = Callable[[Tx], Awaitable[Answer]]
Keeping = Callable[[Answer], Kept]  # what is kept of an answer
AtOnce = Callable[[Tx, Slot, Keeping], Awaitable[Kept | None]]


class Writes:
    """The dependency of a route that writes.

    `keyed`: a POST that stores, so Idempotency-Key is required. `versioned`: If-Match is required.
    `looks_up`: the route finds people by their number, so each call counts against the hour's.
    """

    def __init__(
        self, act: Act, *, keyed: bool = True, versioned: bool = False, looks_up: bool = False
    ) -> None:
        self.act = act
        self.keyed = keyed
        self.versioned = versioned
        self.looks_up = looks_up

    async def __call__(self, request: Request) -> "Writing":
        caller = replace(caller_of(request, self.act), act=self.act)
        key = idempotency_key(request.headers.get("idempotency-key")) if self.keyed else ""
        version = expected_version(request.headers.get("if-match")) if self.versioned else 0
        if self.looks_up:
            await request.app.state.limits.look_up(caller)
        return Writing(request, caller, key, version)


class Writing:
    """One request that writes. `version` is what If-Match named, where it is required."""

    def __init__(self, request: Request, caller: Caller, key: str, version: int) -> None:
        self.request = request
        self.caller = caller
        self.key = key
        self.version = version
        self.database: Database = request.app.state.database
        self.known: Known = request.app.state.known

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Tx]:
        """Open a transaction as the caller, for a write that is guarded by its version alone."""
        async with self.database.transaction(self.caller, self.request.state.request_id) as tx:
            yield tx
        self.known.wrote(self.caller)

    async def once(self, form: BaseModel | Mapping[str, str] | None, act: Doing) -> Response:
        """Do the act once per key; a repetition gets the first answer in the same bytes.

        Raises InProgress, KeyReused and whatever the act refuses; then nothing is stored. An act
        that lost a race against another transaction is done again, so it must be able to.
        """
        slot, fingerprint = Slot(self._route(), self.key), self._fingerprint(form)

        async def unit() -> tuple[Kept, Answer | None]:
            async with self.database.bare(self.caller, self.request.state.request_id) as tx:
                known = await open_write(tx, slot)
                if known is not None:
                    return known, None
                answer = await act(tx)
                fresh = self._kept(answer, fingerprint)
                await keep(tx, slot, fresh)
            return fresh, answer

        kept, answer = await until_won(unit)
        # Here the transaction has committed: only now may anybody hear of it.
        self.known.wrote(self.caller)
        once = None if answer is None else answer.shown_once
        if once is not None:
            kept = replace(kept, body=once.model_dump_json().encode())
        return _given(kept, fingerprint)

    async def at_once(self, act: AtOnce) -> Response | None:
        """Do an act without a form as `once` does, if it asks first and then writes all at once.

        The act looks for what was answered to its key before, and writes its own answer with its
        effect; it is given how one becomes what is kept. None when it would need a transaction:
        then nothing was done.
        """
        slot, fingerprint = Slot(self._route(), self.key), self._fingerprint(None)

        async def unit() -> Kept | None:
            async with self.database.swift(self.caller, self.request.state.request_id) as tx:
                return await act(tx, slot, lambda answer: self._kept(answer, fingerprint))

        kept = await until_won(unit)
        if kept is None:
            return None
        self.known.wrote(self.caller)
        return _given(kept, fingerprint)

    async def guarded(self, act: Doing) -> Response:
        """Do an act that its expected version makes safe to repeat."""

        async def unit() -> Answer:
            async with self.transaction() as tx:
                return await act(tx)

        answer = await until_won(unit)
        if answer.view is None:
            return Response(status_code=204, headers={"Cache-Control": "no-store"})
        done = self._kept(answer, b"")
        return json_answer(done.body, done.status, done.etag, Location=done.location)

    def _kept(self, answer: Answer, fingerprint: bytes) -> Kept:
        assert answer.view is not None, "an answer that is kept shows something"
        body = answer.view.model_dump_json().encode()
        etag = etag_of(body, self.caller, answer.version) if answer.version else None
        return Kept(fingerprint, answer.status, body, etag, answer.location)

    def _route(self) -> str:
        return f"{self.request.method} {self.request.scope['route'].path}"

    def _fingerprint(self, form: BaseModel | Mapping[str, str] | None) -> bytes:
        return fingerprint_of(self._route(), self.request.path_params, form)


def fingerprint_of(
    route: str, path: Mapping[str, object], form: BaseModel | Mapping[str, str] | None
) -> bytes:
    """Give what makes a repetition the same request, for this version, the one before and the next.

    Defaults count as if they were written out, but those of members that came `later` do not.
    """
    content = form.model_dump(mode="json") if isinstance(form, BaseModel) else form
    whole = {
        "route": route,
        "path": dict(path),
        "content": content if content is None else dict(content),
    }
    canonical = json.dumps(whole, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).digest()


def _given(kept: Kept, fingerprint: bytes) -> Response:
    """Give a kept answer. Raises KeyReused when it is one to another request."""
    if kept.fingerprint != fingerprint:
        raise KeyReused
    return json_answer(
        kept.body,
        kept.status,
        kept.etag,
        Location=kept.location,
        Idempotency_Replayed="true" if kept.replayed else None,
    )


def idempotency_key(header: str | None) -> str:
    """Read Idempotency-Key: a quoted structured-field string (RFC 8941) or a bare token.

    Raises KeyMissing for none, an empty, a longer one or one with unusable characters.
    """
    text = (header or "").strip()
    quoted = _QUOTED.fullmatch(text)
    if quoted is not None:
        key = re.sub(r'\\(["\\])', r"\1", quoted[1])
    else:
        key = text if _TOKEN.fullmatch(text) else ""
    if not 1 <= len(key) <= KEY_CHARACTERS:
        raise KeyMissing
    return key
