"""The stand-in insurer's desk: checks who instructs, takes each instruction once."""

import hashlib
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

from pydantic import ValidationError
from standardwebhooks import Webhook

from app.sandbox.books import Books
from app.sandbox.cases import Cases, Refused
from app.sandbox.orders import READER


@dataclass(frozen=True, slots=True)
class Answer:
    """What the stand-in says to one request."""

    status: int
    body: dict[str, object]


Written = tuple[dict[str, str], bytes]


class Insurer:
    """One insurer. All its calls come from one thread.

    `write` gives a letter as headers and body of a callback; left out, as Standard Webhooks.
    """

    def __init__(
        self,
        *,
        code: str,
        state: Path,
        callback_url: str,
        delay_seconds: float,
        secrets_in: Sequence[str] = (),
        secret_out: str | None = None,
        write: Callable[[sqlite3.Row], Written] | None = None,
    ) -> None:
        self.code = code
        self.callback_url = f"{callback_url.rstrip('/')}/v1/callbacks/{code}/events"
        self._signer = None if secret_out is None else Webhook(secret_out)
        self.write = write or self._write
        self.books = Books(state)
        self._cases = Cases(self.books, delay_seconds)
        self._verifiers = [Webhook(secret) for secret in secrets_in]

    def authentic(self, raw: bytes, headers: Mapping[str, str], key: str) -> bool:
        """Tell whether the service signed these bytes under this key."""
        return headers.get("webhook-id") == key and any(
            _verifies(verifier, raw, headers) for verifier in self._verifiers
        )

    def _write(self, letter: sqlite3.Row) -> Written:
        """Sign a letter, now."""
        assert self._signer is not None, "a secret signs the letters"
        body: bytes = letter["body"]
        now = datetime.now(UTC)
        headers = {
            "content-type": "application/json",
            "webhook-id": letter["event_id"],
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signer.sign(letter["event_id"], now, body.decode()),
        }
        return headers, body

    def receive(self, key: str, raw: bytes) -> Answer:
        """Take an instruction: once per key, whatever happens to the answer."""
        sha256 = hashlib.sha256(raw).hexdigest()
        known = self.books.one("SELECT * FROM instruction WHERE key = :key", key=key)
        if known is None:
            return self._receive_new(key, raw, sha256)
        if known["sha256"] != sha256:
            return _no(HTTPStatus.CONFLICT, "idempotency.conflict", "同一指令号内容不同")
        return _accepted(known["case_no"], duplicate=True)

    def _receive_new(self, key: str, raw: bytes, sha256: str) -> Answer:
        try:
            order = READER.validate_json(raw)
        except ValidationError as error:
            places = ", ".join(".".join(map(str, fault["loc"])) for fault in error.errors())
            return _unprocessable("instruction.invalid", f"字段有误：{places}")
        if str(order.instruction_id) != key:
            return _unprocessable("instruction.key_mismatch", "指令号与幂等键不一致")
        try:
            with self.books.writing():
                case_no = self._cases.carry_out(order)
                self.books.add(
                    "instruction", key=key, sha256=sha256, kind=order.kind, case_no=case_no
                )
        except Refused as refusal:
            return _unprocessable(refusal.code, refusal.message)
        return _accepted(case_no, duplicate=False)

    def known(self, key: str) -> Answer:
        """Say what became of a key."""
        row = self.books.one("SELECT case_no FROM instruction WHERE key = :key", key=key)
        if row is None:
            return _no(HTTPStatus.NOT_FOUND, "instruction.not_found", "未收到该指令")
        return Answer(
            HTTPStatus.OK,
            {"instruction_id": key, "state": "accepted", "insurer_case_no": row["case_no"]},
        )


def _verifies(verifier: Webhook, raw: bytes, headers: Mapping[str, str]) -> bool:
    try:
        verifier.verify(raw, dict(headers), json_parse=False)
    except Exception:  # noqa: BLE001 - the library raises anything on malformed headers
        return False
    return True


def _accepted(case_no: str, *, duplicate: bool) -> Answer:
    return Answer(
        HTTPStatus.ACCEPTED,
        {"accepted": True, "insurer_case_no": case_no, "duplicate": duplicate},
    )


def _unprocessable(code: str, message: str) -> Answer:
    return _no(HTTPStatus.UNPROCESSABLE_ENTITY, code, message)


def _no(status: int, code: str, message: str) -> Answer:
    return Answer(status, {"code": code, "message": message})
