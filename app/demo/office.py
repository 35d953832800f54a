"""An office at work on the public REST interface; it repeats a write under the same key."""

import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx

PATIENCE_SECONDS = 30.0
POLL_SECONDS = 0.1
PAUSE_SECONDS = 0.2
ANSWER_SECONDS = 10.0
BUSY = frozenset({"idempotency.in_progress", "service.not_ready"})

Json = dict[str, Any]


class Refused(Exception):
    """The service said no: says what was asked and the problem's own words."""

    def __init__(self, asked: str, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(problem.get("code", ""))
        told = "；".join(
            str(part.get("message", "")) for part in problem.get("errors") or [] if part
        )
        words = f"{problem.get('title', '')} {problem.get('detail', '')} {told}".strip()
        super().__init__(f"{asked} → {status} {self.code} {words}")


class TooLate(Exception):
    """What was waited for did not happen in time."""


class Office:
    """One principal: a township, a county bureau. Every write is safe to repeat, and is repeated.

    While the service does not answer (it is being started again) the office asks again with the
    same Idempotency-Key, as any client should, for at most `patience` seconds.
    """

    def __init__(self, url: str, key: str, patience: float = PATIENCE_SECONDS) -> None:
        self._patience = patience
        self._client = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {key}"},
            timeout=ANSWER_SECONDS,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def ask(self, path: str, form: Json) -> Json:
        """POST a question that stores nothing."""
        return self._send("POST", path, {}, json=form)

    def write(self, path: str, form: Json | None = None) -> Json:
        """POST something that is stored, once, however often it has to be sent."""
        return self._send("POST", path, {"Idempotency-Key": str(uuid4())}, json=form)

    def attach(self, notice_no: str, kind: str, name: str, content: bytes) -> Json:
        """Attach a paper to a notice; the kind is the checklist's code."""
        return self._send(
            "POST",
            f"/v1/notices/{notice_no}/documents",
            {"Idempotency-Key": str(uuid4())},
            data={"kind": kind},
            files={"file": (name, content, "application/pdf")},
        )

    def read(self, path: str) -> Json:
        """GET one thing."""
        return self._send("GET", path, {})

    def follow(
        self,
        path: str,
        there: Callable[[Json], bool],
        changed: Callable[[Json], None] = lambda _: None,
    ) -> Json:
        """Poll with If-None-Match until `there`; tell each new version to `changed`.

        Raises TooLate with the last version's own sentence.
        """
        deadline = time.monotonic() + self._patience
        etag = ""
        while True:
            answer = self._answer("GET", path, {"If-None-Match": etag} if etag else {})
            if answer.status_code != httpx.codes.NOT_MODIFIED:
                etag = answer.headers["ETag"]
                seen: Json = answer.json()
                changed(seen)
                if there(seen):
                    return seen
            if time.monotonic() > deadline:
                raise TooLate(f"{path}: {seen.get('sentence_zh', seen)}")
            time.sleep(POLL_SECONDS)

    def _send(self, method: str, path: str, headers: dict[str, str], **content: Any) -> Json:
        answer = self._answer(method, path, headers, **content)
        whole: Json = answer.json()
        return whole

    def _answer(
        self, method: str, path: str, headers: dict[str, str], **content: Any
    ) -> httpx.Response:
        deadline = time.monotonic() + self._patience
        while True:
            try:
                answer = self._client.request(method, path, headers=headers, **content)
            except httpx.TransportError as error:
                if time.monotonic() > deadline:
                    raise TooLate(f"{method} {path}: {type(error).__name__}") from None
            else:
                if answer.status_code < httpx.codes.BAD_REQUEST:
                    return answer
                problem = answer.json()
                if problem.get("code") not in BUSY or time.monotonic() > deadline:
                    raise Refused(f"{method} {path}", answer.status_code, problem)
            time.sleep(PAUSE_SECONDS)
