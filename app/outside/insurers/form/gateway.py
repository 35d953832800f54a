"""Instructions to a gateway: signed form fields out, a signed node of JSON back.

As with every peer, only an answer that is exactly what the contract says, and signed by the
gateway, is believed; all else is doubt.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx

from app.outside.insurers.exchange import Answer, exchange
from app.outside.insurers.form.signing import own_key, signed_text, vouched
from app.outside.insurers.form.words import (
    MATCHES,
    METHODS,
    NO_SUCH_CASE,
    QUERY,
    REJECTIONS,
    VERIFY,
    business,
    receiver,
)
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
from app.outside.strict_json import NotStrictJson, parse_object

SHANGHAI = ZoneInfo("Asia/Shanghai")
SUCCESS, BUSINESS_NO = "10000", ("40001", "40002", "40004", "40006")
WORD_CHARACTERS_MAX = 64
MESSAGE_CHARACTERS_MAX = 500


class FormDialect:
    """Speaks with one gateway. Never raises for what the peer does, never logs what is said.

    Raises ValueError when our own key file is unusable.
    """

    def __init__(self, client: httpx.AsyncClient, endpoint: Endpoint) -> None:
        self._client = client
        self._endpoint = endpoint
        assert isinstance(endpoint.secret, str)
        self._own = own_key(endpoint.secret)

    async def send(self, instruction: Instruction) -> SendResult:
        """Report, supplement, cancel or correct; the identifier is the instruction's id for ever.

        Of a resend `biz_content` is the same text; the time stamp and so the signature are new.
        """
        kind = str(instruction.content["kind"])
        if kind not in METHODS:
            return Rejected("kind_unsupported", "该接口方式不支持此类指令")
        identifier = instruction.instruction_id.hex
        try:
            biz = business(identifier, instruction.content)
        except ValueError:
            return NotSent("content_unusable")
        return await self._call(METHODS[kind], identifier, biz)

    async def ask(self, instruction_id: UUID) -> SendResult:
        """Query by identifier; only the gateway's signed "no such case" means NotSent."""
        result = await self._call(QUERY, instruction_id.hex, {"identifier": instruction_id.hex})
        if isinstance(result, NotSent):
            # The question was not sent; of the instruction itself that tells nothing.
            return Unknown(result.reason)
        if isinstance(result, Rejected):
            never = result.code == NO_SUCH_CASE
            return NotSent("insurer_never_had_it") if never else Unknown(result.code)
        return result

    async def check_account(self, question: AccountQuestion) -> Match | Unknown | NotSent:
        """Ask by a signed form; only a signed answer to this very question is believed."""
        identifier = question.question_id.hex
        asked = {"name": question.name, "account": question.account, "bank": question.bank}
        biz = {"identifier": identifier, "receiver": receiver(asked)}
        node = await self._asked(VERIFY, biz)
        match node:
            case {"code": "10000", "identifier": str(named), "verify_result": str(said)} if (
                named == identifier and said in MATCHES
            ):
                return Match(MATCHES[said])
            case Unknown() | NotSent():
                return node
        return Unknown("answer_unclear")

    async def _call(
        self, method: str, identifier: str, biz: Mapping[str, object]
    ) -> Accepted | Rejected | Unknown | NotSent:
        node = await self._asked(method, biz)
        return node if isinstance(node, (Unknown, NotSent)) else _judge(node, identifier)

    async def _asked(
        self, method: str, biz: Mapping[str, object]
    ) -> dict[str, object] | Unknown | NotSent:
        answer = await exchange(
            self._client,
            self._endpoint.deadline_seconds,
            "POST",
            self._endpoint.base_url,
            {
                "Content-Type": "application/x-www-form-urlencoded;charset=utf-8",
                "Accept": "application/json",
                "Accept-Encoding": "identity",
            },
            urlencode(self._fields(method, biz)).encode(),
        )
        if not isinstance(answer, Answer):
            return answer
        if answer.status != HTTPStatus.OK:
            return Unknown(f"status_{answer.status}", answer.retry_after_seconds)
        return self._node(answer, method.replace(".", "_") + "_response")

    def _fields(self, method: str, biz: Mapping[str, object]) -> dict[str, str]:
        fields = {
            "app_id": self._own.app_id,
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": datetime.now(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S"),
            "version": "1.0",
            "biz_content": json.dumps(
                biz, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
            ),
        }
        return fields | {"sign": self._own.sign(signed_text(fields))}

    def _node(self, answer: Answer, name: str) -> dict[str, object] | Unknown:
        """Give the answer's node, read from the very text that the gateway signed."""
        whole = answer.strict_json()
        if whole is None:
            return Unknown("not_json_status_200")
        signature, text = whole.get("sign"), answer.raw.decode()
        _, found, after = text.partition(f'"{name}":')
        if not found or not isinstance(signature, str):
            return Unknown("answer_malformed")
        after = after.lstrip()
        try:
            end = json.JSONDecoder().raw_decode(after)[1]
            if not vouched(after[:end], signature, self._endpoint.peer_keys):
                return Unknown("answer_signature_invalid")
            return parse_object(after[:end].encode())
        except (NotStrictJson, ValueError, RecursionError):
            return Unknown("answer_malformed")


def _judge(node: Mapping[str, object], identifier: str) -> Accepted | Rejected | Unknown:
    match node:
        case {
            "code": "10000",
            "identifier": str(named),
            "result": ("ACCEPTED" | "DUPLICATE") as result,
            "case_no": str(platforms),
            "insurer_case_no": str(insurers),
        }:
            if named != identifier:
                return Unknown("answer_of_another")
            if not (_usable(platforms) and _usable(insurers)):
                return Unknown("case_no_unusable")
            return Accepted(insurers, duplicate=result == "DUPLICATE", platform_case_no=platforms)
        case {"code": str(code), "sub_code": str(sub_code)} if code in BUSINESS_NO:
            return _rejected(sub_code, node.get("sub_msg"))
    return Unknown("answer_unclear")


def _rejected(sub_code: str, message: object) -> Rejected:
    """An unknown code is a clear no all the same: the gateway said so in a signed answer."""
    if sub_code == NO_SUCH_CASE:
        return Rejected(NO_SUCH_CASE, "")
    code, may_retry = REJECTIONS.get(
        sub_code, (f"platform.{sub_code[:WORD_CHARACTERS_MAX]}", False)
    )
    words = message[:MESSAGE_CHARACTERS_MAX] if isinstance(message, str) else ""
    return Rejected(code, words, may_retry=may_retry)


def _usable(number: str) -> bool:
    return 1 <= len(number) <= WORD_CHARACTERS_MAX
