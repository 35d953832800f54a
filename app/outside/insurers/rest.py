"""The `rest` dialect: JSON over HTTP, Standard Webhooks signatures, the key in a header.

A peer's answer is believed only when it is exactly what the contract says; everything else is
doubt, and doubt is Unknown, because an insurer may have paid before its answer was lost.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

import httpx
from standardwebhooks import Webhook

from app.outside.insurers.exchange import Answer, exchange
from app.outside.insurers.port import (
    Accepted,
    AccountQuestion,
    Endpoint,
    Instruction,
    Match,
    NotSent,
    Rejected,
    SendResult,
    Unknown,
)

CODE_CHARACTERS_MAX = 100
MESSAGE_CHARACTERS_MAX = 500
CASE_NO_CHARACTERS_MAX = 64
NOT_FOUND_CODE = "instruction.not_found"

# A clear no. The value tells whether the insurer turned it away unread, so that it may come again.
_REFUSALS: dict[int, bool] = {
    HTTPStatus.BAD_REQUEST: False,
    HTTPStatus.UNAUTHORIZED: True,
    HTTPStatus.FORBIDDEN: True,
    HTTPStatus.CONFLICT: False,
    HTTPStatus.UNPROCESSABLE_ENTITY: False,
    HTTPStatus.TOO_MANY_REQUESTS: True,
}

_MATCHES = frozenset(Match)


class RestDialect:
    """Speaks with one insurer. Never raises for what the peer does, never logs what is said."""

    def __init__(self, client: httpx.AsyncClient, endpoint: Endpoint) -> None:
        self._client = client
        self._endpoint = endpoint
        # While keys rotate, the insurer finds a signature of each in the header.
        self._signers = [Webhook(key) for key in (endpoint.secret, *endpoint.old_secrets)]
        self._url = endpoint.base_url.rstrip("/") + "/v1/instructions"
        self._checks_url = endpoint.base_url.rstrip("/") + "/v1/account-checks"

    async def send(self, instruction: Instruction) -> SendResult:
        """Post the instruction under its own key; the same instruction is always the same bytes."""
        key = str(instruction.instruction_id)
        body = render(instruction)
        headers = self._headers(key, body) | {
            "Idempotency-Key": key,
            "Content-Type": "application/json",
        }
        answer = await self._exchange("POST", self._url, headers, body)
        return _judge_send(answer) if isinstance(answer, Answer) else answer

    async def ask(self, instruction_id: UUID) -> SendResult:
        """Get what the insurer knows of a key. Only its own well-formed 404 means NotSent."""
        key = str(instruction_id)
        answer = await self._exchange("GET", f"{self._url}/{key}", self._headers(key, b""))
        if isinstance(answer, NotSent):
            # The question was not sent; of the instruction itself that tells nothing.
            return Unknown(answer.reason)
        return _judge_ask(answer, key) if isinstance(answer, Answer) else answer

    async def check_account(self, question: AccountQuestion) -> Match | Unknown | NotSent:
        """Post the question, signed; only an answer to this very question is believed."""
        key = str(question.question_id)
        body = render_question(question)
        headers = self._headers(key, body) | {"Content-Type": "application/json"}
        answer = await self._exchange("POST", self._checks_url, headers, body)
        return _judge_check(answer, key) if isinstance(answer, Answer) else answer

    def _headers(self, key: str, body: bytes) -> dict[str, str]:
        now = datetime.now(UTC)
        return {
            "webhook-id": key,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(
                signer.sign(key, now, body.decode()) for signer in self._signers
            ),
            "Accept": "application/json",
            "Accept-Encoding": "identity",  # an answer that unpacks itself is refused below
        }

    async def _exchange(
        self, method: str, url: str, headers: dict[str, str], body: bytes | None = None
    ) -> Answer | Unknown | NotSent:
        seconds = self._endpoint.deadline_seconds
        return await exchange(self._client, seconds, method, url, headers, body)


def render(instruction: Instruction) -> bytes:
    """Give the body of an instruction: canonical JSON, so that a resend is the same bytes."""
    return _canonical({**instruction.content, "instruction_id": str(instruction.instruction_id)})


def render_question(question: AccountQuestion) -> bytes:
    """Give the body of a question about an account."""
    return _canonical(
        {
            "check_id": str(question.question_id),
            "name": question.name,
            "account": question.account,
            "bank": question.bank,
        }
    )


def _canonical(members: Mapping[str, object]) -> bytes:
    return json.dumps(
        members, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    ).encode()


def _judge_send(answer: Answer) -> SendResult:
    body = answer.strict_json()
    if answer.status in _REFUSALS and body is not None:
        return _rejected(answer, body)
    if answer.status == HTTPStatus.ACCEPTED:
        match body:
            case {"accepted": True, "insurer_case_no": str(case_no), "duplicate": bool(duplicate)}:
                return _accepted(case_no, duplicate=duplicate)
    return _unknown(answer)


def _judge_ask(answer: Answer, key: str) -> SendResult:
    match answer.status, answer.strict_json():
        case HTTPStatus.OK, {
            "instruction_id": str(known),
            "state": "accepted",
            "insurer_case_no": str(case_no),
        } if known == key:
            return _accepted(case_no, duplicate=True)
        case HTTPStatus.NOT_FOUND, {"code": str(code)} if code == NOT_FOUND_CODE:
            return NotSent("insurer_never_had_it")
    return _unknown(answer)


def _judge_check(answer: Answer, key: str) -> Match | Unknown:
    match answer.status, answer.strict_json():
        case HTTPStatus.OK, {"check_id": str(named), "match": str(said)} if named == key:
            if said in _MATCHES:
                return Match(said)
    return _unknown(answer)


def _accepted(case_no: str, *, duplicate: bool) -> SendResult:
    if not 1 <= len(case_no) <= CASE_NO_CHARACTERS_MAX:
        return Unknown("case_no_unusable")
    return Accepted(case_no, duplicate)


def _rejected(answer: Answer, body: dict[str, object]) -> Rejected:
    code, message = body.get("code"), body.get("message")
    return Rejected(
        code[:CODE_CHARACTERS_MAX] if isinstance(code, str) else f"status_{answer.status}",
        message[:MESSAGE_CHARACTERS_MAX] if isinstance(message, str) else "",
        may_retry=_REFUSALS[answer.status],
        retry_after_seconds=answer.retry_after_seconds,
    )


def _unknown(answer: Answer) -> Unknown:
    reason = "status" if answer.strict_json() is not None else "not_json_status"
    return Unknown(f"{reason}_{answer.status}", answer.retry_after_seconds)
