"""What every check works with: made-up claims, and the ways to speak to the system on trial."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
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
    SendResult,
)

_BORN = date(1954, 5, 6)


class Kit:
    """One run: the claims it made up, and the ways it speaks."""

    def __init__(self, client: httpx.AsyncClient, dialect: str, endpoint: Endpoint) -> None:
        self.client = client
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
        return DIALECTS[self._dialect].speak(self.client, endpoint)

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

    async def post(
        self, body: bytes, headers: Mapping[str, str], *, path: str = "/v1/instructions"
    ) -> int:
        """Post raw bytes; the status, or 0 without an answer."""
        return await self._status("POST", path, headers, body)

    async def get(self, path: str, headers: Mapping[str, str]) -> int:
        """Get with just these headers; the status, or 0 without an answer."""
        return await self._status("GET", path, headers, None)

    async def _status(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None
    ) -> int:
        url = self.endpoint.base_url.rstrip("/") + path
        try:
            async with asyncio.timeout(self.endpoint.deadline_seconds):
                answer = await self.client.request(method, url, content=body, headers=dict(headers))
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


Check = Callable[[Kit], Awaitable[str]]  # what was seen; empty when it held
