"""Claims as they are shown: with their latest decision and their payouts, one row for each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from app.db.claims import ClaimRow, claim_row
from app.db.rows import fields_of, sql
from app.db.session import Database, Tx
from app.domain.caller import Caller
from app.domain.lifecycle import PayoutStatus

_SHOWN = sql("SELECT * FROM claim_shown WHERE id = ANY(:claims)")


@dataclass(frozen=True, slots=True)
class DecisionBrief:
    """The latest decision of a claim."""

    outcome: str
    amount_fen: int
    clause: str | None
    reason_zh: str | None
    decided_on: date
    decided_by: str


@dataclass(frozen=True, slots=True)
class PayoutBrief:
    """A payout in short, without its payee."""

    id: UUID
    status: PayoutStatus
    amount_fen: int
    account_last4: str | None
    version: int


@dataclass(frozen=True, slots=True)
class ShownClaim:
    """A claim with what is told beside it; `paid_on` and `paid_to` are of the last paid attempt."""

    claim: ClaimRow
    decision: DecisionBrief | None
    payouts: tuple[PayoutBrief, ...]
    paid_on: date | None
    paid_to: str | None


async def poll_claim(
    database: Database, caller: Caller, request_id: str | None, claim_no: str
) -> ShownClaim | None:
    """Give one claim, None when the caller sees none; one round trip and no transaction."""
    row = await database.ask(caller, request_id, "poll_claim", claim_no)
    return None if row is None else _opened(dict(row))


async def shown_claims(tx: Tx, claims: Sequence[UUID]) -> list[ShownClaim]:
    """Give some claims in the order asked for, in one statement."""
    rows = (await tx.sql.execute(_SHOWN, {"claims": list(claims)})).all()
    found = {row.id: _opened(fields_of(row)) for row in rows}
    return [found[claim_id] for claim_id in claims]


def _opened(fields: dict[str, Any]) -> ShownClaim:
    payouts = _payouts(fields.pop("payouts") or ())
    paid_on, paid_to = fields.pop("paid_on"), fields.pop("paid_to")
    outcome, amount_fen = fields.pop("verdict"), fields.pop("verdict_fen")
    told = [fields.pop(name) for name in ("clause", "reason_zh", "decided_on", "decided_by")]
    decision = None if outcome is None else DecisionBrief(outcome, amount_fen, *told)
    return ShownClaim(claim_row(fields), decision, payouts, paid_on, paid_to)


def _payouts(found: Iterable[Mapping[str, Any]]) -> tuple[PayoutBrief, ...]:
    return tuple(
        PayoutBrief(
            UUID(one["id"]),
            PayoutStatus(one["status"]),
            one["amount_fen"],
            one["account_last4"],
            one["version"],
        )
        for one in found
    )
