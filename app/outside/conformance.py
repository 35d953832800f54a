"""The kit that proves what an insurer's system can do, run against its test system.

It instructs made-up claims of a made-up person and never believes what it has not seen. After a
lost answer the service may send again only where `honours_key` was proven here, and may go by the
insurer's word only where `can_be_asked` was. Needs no database: an insurer runs it on its own.
"""

import asyncio
import base64
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from uuid import UUID, uuid4

import httpx
from standardwebhooks import Webhook

from app.domain.id_card import check_character
from app.outside.insurers.dialects import DIALECTS
from app.outside.insurers.port import (
    Accepted,
    Endpoint,
    Instruction,
    InsurerDialect,
    NotSent,
    Rejected,
    SendResult,
)
from app.outside.insurers.rest import render

SIDE_BY_SIDE = 5
LOST_AFTER_SECONDS = (0.001, 0.02, 0.1)  # an answer that is lost early, in the middle, late
SETTLE_SECONDS = 0.3  # what was cut off may still be at work
_BORN = date(1954, 5, 6)


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what is asked, whether it held, and what was seen if not."""

    code: str
    title_zh: str
    title_en: str
    held: bool
    seen: str


@dataclass(frozen=True, slots=True)
class Report:
    """Every check of one run. `reached` is False when the system answered nothing at all."""

    findings: tuple[Finding, ...]
    slowest_seconds: float

    def _held(self, *codes: str) -> bool:
        held = {finding.code for finding in self.findings if finding.held}
        return held.issuperset(codes)

    @property
    def reached(self) -> bool:
        """Tell whether the system took a first instruction."""
        return self._held("accept")

    @property
    def honours_key(self) -> bool:
        """Proven: a repeated key has one effect, whatever became of the first answer."""
        return self._held("accept", "same_key", "side_by_side", "answer_lost", "other_body")

    @property
    def can_be_asked(self) -> bool:
        """Proven: it tells what it has from what it never had."""
        return self._held("accept", "ask_known", "ask_unknown", "ask_after_lost")

    @property
    def passed(self) -> bool:
        """Tell whether every check held."""
        return all(finding.held for finding in self.findings)


Check = Callable[["_Kit"], Awaitable[str]]  # what was seen; empty when it held


async def run_kit(client: httpx.AsyncClient, dialect: str, endpoint: Endpoint) -> Report:
    """Run every check of a dialect, one after the other; raises nothing for what the peer does."""
    kit = _Kit(client, dialect, endpoint)
    checks = CHECKS | (WIRE_CHECKS if dialect == "rest" else {})
    findings = []
    for code, (title_zh, title_en, check) in checks.items():
        seen = await check(kit)
        findings.append(Finding(code, title_zh, title_en, not seen, seen))
        if code == "accept" and seen:
            break  # nothing further can be told
    await kit.withdraw()
    return Report(tuple(findings), kit.slowest_seconds)


class _Kit:
    """One run: the claims it made up, and the ways it speaks."""

    def __init__(self, client: httpx.AsyncClient, dialect: str, endpoint: Endpoint) -> None:
        self._client = client
        self._dialect = dialect
        self.endpoint = endpoint
        self.first = self.new()
        self.case_no = ""
        self.lost: list[Instruction] = []
        self.slowest_seconds = 0.0
        self._claims: set[str] = set()

    def new(self) -> Instruction:
        """Make up a claim to be decided."""
        return Instruction(uuid4(), _referral())

    def speaks(self, **changed: object) -> InsurerDialect:
        """Give the dialect, with parts of the endpoint changed."""
        endpoint = replace(self.endpoint, **changed)  # type: ignore[arg-type]
        return DIALECTS[self._dialect].speak(self._client, endpoint)

    async def send(self, instruction: Instruction, **changed: object) -> SendResult:
        """Send and take the time."""
        self._claims.add(str(instruction.content["claim_no"]))
        began = time.monotonic()
        result = await self.speaks(**changed).send(instruction)
        if isinstance(result, Accepted):
            self.slowest_seconds = max(self.slowest_seconds, time.monotonic() - began)
        return result

    async def ask(self, instruction_id: UUID) -> SendResult:
        """Ask about a key."""
        return await self.speaks().ask(instruction_id)

    async def post(self, body: bytes, headers: Mapping[str, str]) -> int:
        """Post raw bytes; the status, or 0 without an answer."""
        url = self.endpoint.base_url.rstrip("/") + "/v1/instructions"
        try:
            async with asyncio.timeout(self.endpoint.deadline_seconds):
                answer = await self._client.post(url, content=body, headers=dict(headers))
        except (httpx.HTTPError, TimeoutError):
            return 0
        return answer.status_code

    def signed(
        self, key: UUID, body: bytes, *, ago: timedelta = timedelta(), extra: str = ""
    ) -> dict[str, str]:
        """Give the headers of a signed instruction."""
        at = datetime.now(UTC) - ago
        signature = Webhook(self.endpoint.secret).sign(str(key), at, body.decode())
        return {
            "Idempotency-Key": str(key),
            "Content-Type": "application/json",
            "webhook-id": str(key),
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": f"{extra} {signature}".strip(),
        }

    async def withdraw(self) -> None:
        """Take back what was made up."""
        for claim_no in self._claims:
            content = {
                "kind": "withdraw_claim",
                "claim_no": claim_no,
                "reason_zh": "接口检验用的虚构赔案",
            }
            await self.speaks().send(Instruction(uuid4(), content))


async def _accept(kit: _Kit) -> str:
    result = await kit.send(kit.first)
    if not isinstance(result, Accepted):
        return str(result)
    kit.case_no = result.insurer_case_no
    return "duplicate: true" if result.duplicate else ""


async def _same_key(kit: _Kit) -> str:
    result = await kit.send(kit.first)
    return "" if result == _again(kit.case_no, result) else str(result)


async def _side_by_side(kit: _Kit) -> str:
    instruction = kit.new()
    results = await asyncio.gather(*(kit.send(instruction) for _ in range(SIDE_BY_SIDE)))
    last = await kit.send(instruction)
    if not isinstance(last, Accepted):
        return str(last)
    numbers = {one.insurer_case_no for one in results if isinstance(one, Accepted)}
    return "" if numbers <= {last.insurer_case_no} else f"{len(numbers)} case numbers"


async def _answer_lost(kit: _Kit) -> str:
    for seconds in LOST_AFTER_SECONDS:
        instruction = kit.new()
        kit.lost.append(instruction)
        cut = await kit.send(instruction, deadline_seconds=seconds)
        await asyncio.sleep(SETTLE_SECONDS)
        first, second = await kit.send(instruction), await kit.send(instruction)
        if not isinstance(first, Accepted) or second != _again(first.insurer_case_no, second):
            return f"{first}, {second}"
        if isinstance(cut, Accepted) and cut.insurer_case_no != first.insurer_case_no:
            return "two case numbers"
    return ""


async def _other_body(kit: _Kit) -> str:
    other = Instruction(kit.first.instruction_id, {**kit.first.content, "policy_no": "OTHER"})
    result = await kit.send(other)
    if not isinstance(result, Rejected) or result.may_retry:
        return str(result)
    return await _same_key(kit)


async def _ask_known(kit: _Kit) -> str:
    result = await kit.ask(kit.first.instruction_id)
    return "" if result == _again(kit.case_no, result) else str(result)


async def _ask_unknown(kit: _Kit) -> str:
    result = await kit.ask(uuid4())
    return "" if isinstance(result, NotSent) else str(result)


async def _ask_after_lost(kit: _Kit) -> str:
    for instruction in kit.lost:
        result = await kit.ask(instruction.instruction_id)
        if not isinstance(result, Accepted):
            return str(result)
    return "" if kit.lost else "not tried"


def _again(case_no: str, result: SendResult) -> SendResult:
    """What a repetition must answer; a platform's number may stand beside."""
    platform = result.platform_case_no if isinstance(result, Accepted) else None
    return Accepted(case_no, duplicate=True, platform_case_no=platform)


async def _bad_signature(kit: _Kit) -> str:
    instruction = kit.new()
    forger = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    body = render(instruction)
    key = instruction.instruction_id
    headers = kit.signed(key, body)
    forged = Webhook(forger).sign(str(key), datetime.now(UTC), body.decode())
    status = await kit.post(body, headers | {"webhook-signature": forged})
    return _no(status) or await _had_no_effect(kit, key)


async def _no_signature(kit: _Kit) -> str:
    instruction = kit.new()
    headers = kit.signed(instruction.instruction_id, render(instruction))
    del headers["webhook-signature"]
    status = await kit.post(render(instruction), headers)
    return _no(status) or await _had_no_effect(kit, instruction.instruction_id)


async def _old_signature(kit: _Kit) -> str:
    instruction = kit.new()
    body = render(instruction)
    headers = kit.signed(instruction.instruction_id, body, ago=timedelta(hours=1))
    return _no(await kit.post(body, headers))


async def _changed_on_the_way(kit: _Kit) -> str:
    instruction = kit.new()
    body = render(instruction)
    headers = kit.signed(instruction.instruction_id, body)
    return _no(await kit.post(body + b" ", headers))


async def _rotation(kit: _Kit) -> str:
    instruction = kit.new()
    body = render(instruction)
    wrong = "v1," + base64.b64encode(bytes(32)).decode()
    headers = kit.signed(instruction.instruction_id, body, extra=wrong)
    status = await kit.post(body, headers)
    return "" if status == HTTPStatus.ACCEPTED else str(status)


async def _unreadable(kit: _Kit) -> str:
    key = uuid4()
    body = b'{"kind": "refer_claim"}'
    status = await kit.post(body, kit.signed(key, body))
    wanted = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)
    return "" if status in wanted else str(status)


async def _conflict(kit: _Kit) -> str:
    other = Instruction(kit.first.instruction_id, {**kit.first.content, "policy_no": "OTHER-2"})
    body = render(other)
    status = await kit.post(body, kit.signed(other.instruction_id, body))
    return "" if status == HTTPStatus.CONFLICT else str(status)


def _no(status: int) -> str:
    return "" if status == HTTPStatus.UNAUTHORIZED else f"status {status}"


async def _had_no_effect(kit: _Kit, key: UUID) -> str:
    result = await kit.ask(key)
    return "it took effect" if isinstance(result, Accepted) else ""


def _referral() -> dict[str, object]:
    """A claim of nobody: area 99 exists nowhere, and the claim's number says that it is a test."""
    claim_no = f"990000-{datetime.now(UTC).year}-{secrets.randbelow(900_000) + 100_000}-1"
    body = f"990000{_BORN:%Y%m%d}{secrets.randbelow(200):03d}"
    return {
        "kind": "refer_claim",
        "claim_no": claim_no,
        "notice_no": claim_no.removesuffix("-1"),
        "policy_no": "CONFORMANCE",
        "sent_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "person": {
            "name": "检验甲",
            "id_type": "resident_id",
            "id_number": body + check_character(body),
            "birth_on": _BORN.isoformat(),
            "category": "dibao",
        },
        "event": {"kind": "illness", "cause": "disease", "on": "2026-01-05", "place": "示范县"},
        "bills": [{"kind": "inpatient", "hospital": "示范医院", "total": "100.00"}],
        "stays": [],
        "losses": [],
        "assessment": {"amount": "10.00", "covers": []},
        "payees": [{"name": "检验甲", "account": "6200000000000000", "bank": "示范银行",
                    "share_bp": 10000}],
        "documents": [],
    }  # fmt: skip


CHECKS: dict[str, tuple[str, str, Check]] = {
    "accept": ("受理一份新指令", "a new instruction is accepted", _accept),
    "same_key": ("同号同文再发，赔案号不变", "the same key again: the same case", _same_key),
    "side_by_side": (
        "同号并发，只有一个赔案",
        "the same key side by side: one case",
        _side_by_side,
    ),
    "answer_lost": ("应答丢失后重发，只有一个赔案", "after a lost answer: one case", _answer_lost),
    "other_body": ("同号异文被拒，首次为准", "same key, other body: refused", _other_body),
    "ask_known": ("查询已受理的指令", "asked about what it has", _ask_known),
    "ask_unknown": ("查询从未收到的指令", "asked about what it never had", _ask_unknown),
    "ask_after_lost": ("应答丢失后可查询", "asked after a lost answer", _ask_after_lost),
}
WIRE_CHECKS: dict[str, tuple[str, str, Check]] = {
    "conflict_409": ("同号异文答 409", "same key, other body: 409", _conflict),
    "bad_signature": (
        "错误签名答 401 且不生效",
        "a wrong signature: 401, no effect",
        _bad_signature,
    ),
    "no_signature": ("缺少签名答 401 且不生效", "no signature: 401, no effect", _no_signature),
    "old_signature": ("一小时前的签名答 401", "a signature of an hour ago: 401", _old_signature),
    "changed": ("途中改动一字节答 401", "a byte more than was signed: 401", _changed_on_the_way),
    "rotation": ("多个签名中一个有效即可", "one valid signature of two", _rotation),
    "unreadable": ("读不懂的指令答 400 或 422", "an unreadable one: 400 or 422", _unreadable),
}
