"""The insurer of the invented past: it took what we sent then, and told us what it decided.

Its callbacks go the whole way of a real one: signed, verified, stored once, applied by the worker.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from standardwebhooks import Webhook

from app.db.session import Database
from app.outside.insurers import (
    Accepted,
    AccountQuestion,
    Endpoint,
    Instruction,
    Match,
    Rejected,
    SendResult,
    Speaker,
)
from app.services.callbacks.receive_callback import receive_callback


class PastInsurer(Speaker):
    """Answers at once and in this process; claims in `unreadable` it refuses, for a person."""

    def __init__(self) -> None:
        self.deadline_seconds = 1.0
        self.unreadable: set[str] = set()

    async def hand_over(
        self, dialect: str, endpoint: Endpoint, instruction: Instruction, *, ask_first: bool
    ) -> SendResult:
        """Take an instruction, or refuse it for good. Nothing leaves this process."""
        del dialect, endpoint, ask_first
        claim_no = str(instruction.content["claim_no"])
        if claim_no in self.unreadable:
            return Rejected("policy_not_found", "保单号在核心系统中未找到")
        return Accepted(case_no(claim_no), duplicate=False)

    async def check_account(
        self, dialect: str, endpoint: Endpoint, question: AccountQuestion
    ) -> Match:
        """Find every account of the past in its owner's name."""
        del dialect, endpoint, question
        return Match.YES

    def endpoint(
        self, insurer: str, base_url: str, secrets: Sequence[str], peer_keys: Sequence[str] = ()
    ) -> Endpoint:
        """Give the insurer as it is known, though it is not called."""
        return Endpoint(insurer, base_url, secrets[0], peer_keys=tuple(peer_keys))


def case_no(claim_no: str) -> str:
    """The insurer's own number for a claim of ours."""
    return f"LP{claim_no.replace('-', '')}"


async def tell(
    database: Database,
    insurer_code: str,
    secret: str,
    claim_no: str,
    news: tuple[str, date, Mapping[str, object]],
) -> None:
    """Deliver one callback: its type, its day, its data. The same one twice is a duplicate."""
    kind, on, data = news
    body = {
        "type": kind,
        "timestamp": f"{on}T09:00:00Z",
        "data": {"claim_no": claim_no, "insurer_case_no": case_no(claim_no), **data},
    }
    raw = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    event_id = f"past-{claim_no}-{kind}"
    now = datetime.now(UTC)
    headers = {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(event_id, now, raw),
    }
    await receive_callback(database, insurer_code, headers, raw.encode())
