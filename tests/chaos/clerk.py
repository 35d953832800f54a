"""A client that never gives up: repeats each write under its own key, and keeps what it was told.

Whatever is answered 2xx is put on its list, byte for byte; it must be readable for ever.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import httpx

PAUSE_SECONDS = 0.3
POLL_SECONDS = 0.6
ANSWER_SECONDS = 15.0
COME_AGAIN = frozenset({"idempotency.in_progress", "service.not_ready"})

Json = dict[str, Any]


class Broken(Exception):
    """An answer that no fault excuses: a 500, or a refusal of what was right."""


class NeverHappened(Exception):
    """What was waited for did not happen in time."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A write that was answered 2xx: how it was sent, and the very bytes that came back."""

    token: str
    path: str
    key: str
    content: dict[str, Any] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(slots=True)
class Notebook:
    """What all clerks of a run saw: acknowledgements, and answers by what they were."""

    acknowledged: list[Acknowledged] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)


class Clerk:
    """One office at its desk; `patience` bounds how long one thing is tried or waited for."""

    def __init__(
        self, client: httpx.AsyncClient, token: str, notebook: Notebook, patience: float
    ) -> None:
        self._client = client
        self._token = token
        self._notebook = notebook
        self._patience = patience

    async def write(self, path: str, **content: Any) -> Json:
        """POST under one key until it is acknowledged."""
        key = str(uuid4())
        answer = await self._until_answered("POST", path, {"Idempotency-Key": key}, content)
        self._notebook.acknowledged.append(
            Acknowledged(self._token, path, key, content, answer.content)
        )
        whole: Json = answer.json()
        return whole

    async def follow(self, path: str, there: Callable[[Json], bool]) -> Json:
        """Poll until it is so."""
        deadline, etag, seen = time.monotonic() + self._patience, "", {}
        while time.monotonic() < deadline:
            asked = {"If-None-Match": etag} if etag else {}
            answer = await self._until_answered("GET", path, asked, {})
            if answer.status_code != HTTPStatus.NOT_MODIFIED:
                etag, seen = answer.headers["ETag"], answer.json()
                if there(seen):
                    return seen
            await asyncio.sleep(POLL_SECONDS)
        raise NeverHappened(f"{path}: {seen.get('status')} {seen.get('sentence_zh')}")

    async def _until_answered(
        self, method: str, path: str, headers: dict[str, str], content: dict[str, Any]
    ) -> httpx.Response:
        deadline = time.monotonic() + self._patience
        while time.monotonic() < deadline:
            answer = await self.once(method, path, headers, content)
            if answer is not None:
                return answer
            await asyncio.sleep(PAUSE_SECONDS)
        raise NeverHappened(f"{method} {path}: never answered")

    async def once(
        self, method: str, path: str, headers: dict[str, str], content: dict[str, Any]
    ) -> httpx.Response | None:
        """Ask once; None when it has to be asked again. Raises Broken."""
        seen = self._notebook.seen
        authority = {"Authorization": f"Bearer {self._token}"}
        try:
            answer = await self._client.request(
                method, path, headers=headers | authority, **content
            )
        except httpx.TransportError as error:
            seen[f"cut.{type(error).__name__}"] += 1
            return None
        seen[str(answer.status_code)] += 1
        if answer.status_code < HTTPStatus.BAD_REQUEST:
            return answer
        problem = answer.json()
        code = problem.get("code")
        if code in COME_AGAIN:
            return None
        told = f"{method} {path}: {answer.status_code} {code} {problem.get('detail_en')}"
        told += "".join(f" {fault['pointer']}: {fault['message']}" for fault in problem["errors"])
        self._notebook.broken.append(told)
        raise Broken(told)
