"""The stand-in insurer's desk: checks who instructs, takes each instruction once."""

import hashlib
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

from pydantic import ValidationError
from standardwebhooks import Webhook

from app.sandbox import story
from app.sandbox.books import Books
from app.sandbox.cases import Cases, Refused
from app.sandbox.mischief import Mischief
from app.sandbox.orders import READER, AccountCheck

REGISTER_PAGE = 500


@dataclass(frozen=True, slots=True)
class Ways:
    """What an insurer's system can do, and how it behaves.

    `honours_keys`: a repeated key has one effect; otherwise each delivery is a new case, and new
    money. `answers_questions`: it tells what became of a key. `delay_seconds`: the pause before
    each step it takes.
    """

    delay_seconds: float = 0.3
    honours_keys: bool = True
    answers_questions: bool = True
    mischief: Mischief = field(default_factory=Mischief)


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
        secrets_in: Sequence[str] = (),
        secret_out: str | None = None,
        write: Callable[[sqlite3.Row], Written] | None = None,
        ways: Ways | None = None,
    ) -> None:
        self.code = code
        self.ways = ways or Ways()
        self.mischief = self.ways.mischief
        self.callback_url = f"{callback_url.rstrip('/')}/v1/callbacks/{code}/events"
        self._signer = None if secret_out is None else Webhook(secret_out)
        self.write = write or self._write
        self.books = Books(state)
        self._cases = Cases(
            self.books, self.ways.delay_seconds, careless=not self.ways.honours_keys
        )
        self._verifiers = [Webhook(secret) for secret in secrets_in]

    def authentic(self, raw: bytes, headers: Mapping[str, str], key: str) -> bool:
        """Tell whether the service signed these bytes under this key."""
        return headers.get("webhook-id") == key and any(
            _verifies(verifier, raw, headers) for verifier in self._verifiers
        )

    def _write(self, letter: sqlite3.Row) -> Written:
        """Sign a letter, now."""
        body: bytes = letter["body"]
        return self.sign(letter["event_id"], body), body

    def sign(self, event_id: str, body: bytes) -> dict[str, str]:
        """Sign bytes as a letter's, now; only where a secret signs the letters."""
        assert self._signer is not None, "a secret signs the letters"
        return signed(self._signer, event_id, body)

    def receive(self, key: str, raw: bytes) -> Answer:
        """Take an instruction: where keys are honoured once, whatever happens to the answer."""
        sha256 = hashlib.sha256(raw).hexdigest()
        known = self.books.one("SELECT * FROM instruction WHERE key = :key", key=key)
        if known is None or not self.ways.honours_keys:
            return self._receive_new(key, raw, sha256, known=known is not None)
        if known["sha256"] != sha256:
            return _no(HTTPStatus.CONFLICT, "idempotency.conflict", "同一指令号内容不同")
        return _accepted(known["case_no"], duplicate=True)

    def _receive_new(self, key: str, raw: bytes, sha256: str, *, known: bool) -> Answer:
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
                if not known:
                    self.books.add(
                        "instruction",
                        key=key,
                        sha256=sha256,
                        kind=order.kind,
                        case_no=case_no,
                        claim_no=order.claim_no,
                        received_at=datetime.now(UTC).isoformat(),
                    )
        except Refused as refusal:
            return _unprocessable(refusal.code, refusal.message)
        return _accepted(case_no, duplicate=False)

    def known(self, key: str) -> Answer:
        """Say what became of a key, if questions are answered here."""
        if not self.ways.answers_questions:
            return _no(HTTPStatus.NOT_IMPLEMENTED, "not_supported", "不支持查询")
        row = self.books.one("SELECT case_no FROM instruction WHERE key = :key", key=key)
        if row is None:
            return _no(HTTPStatus.NOT_FOUND, "instruction.not_found", "未收到该指令")
        return Answer(
            HTTPStatus.OK,
            {"instruction_id": key, "state": "accepted", "insurer_case_no": row["case_no"]},
        )

    def register(self, since: str, after: str) -> Answer:
        """List what it took since an instant, so many at a time, in the order of arrival."""
        rows = self.books.all(
            "SELECT rowid, * FROM instruction WHERE datetime(received_at) >= datetime(:since)"
            " AND rowid > :after ORDER BY rowid LIMIT :most",
            since=since,
            after=int(after or 0),
            most=REGISTER_PAGE,
        )
        lines = [
            {
                "instruction_id": row["key"],
                "kind": row["kind"],
                "claim_no": row["claim_no"],
                "insurer_case_no": row["case_no"],
                "received_at": row["received_at"],
            }
            for row in rows
        ]
        following = str(rows[-1]["rowid"]) if len(rows) == REGISTER_PAGE else None
        told: dict[str, object] = {"insurer": self.code, "instructions": lines, "next": following}
        return Answer(HTTPStatus.OK, told)

    def check_account(self, raw: bytes) -> Answer:
        """Say whether an account belongs to a name, by its last four digits; nothing is kept."""
        try:
            asked = AccountCheck.model_validate_json(raw)
        except ValidationError:
            return _unprocessable("account_check.invalid", "字段有误")
        match = story.whose(asked.account)
        return Answer(HTTPStatus.OK, {"check_id": asked.check_id, "match": match})


def signed(signer: Webhook, event_id: str, body: bytes) -> dict[str, str]:
    """Give the headers of a letter that is sent now."""
    now = datetime.now(UTC)
    return {
        "content-type": "application/json",
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signer.sign(event_id, now, body.decode()),
    }


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
