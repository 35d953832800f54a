"""Decisions and the approvals that lead to them; both are only ever added."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.db.claims import ClaimRow
from app.db.ids import new_id
from app.db.rows import record, sql
from app.db.session import Tx
from app.domain.lifecycle import Outcome

_DECIDE = sql(
    """
    INSERT INTO decision (id, area_code, insurer_code, claim_id, seq, outcome, amount_fen, clause,
                          reason_zh, decided_on, decided_by, policy_version)
    SELECT :id, :area_code, :insurer_code, :claim_id,
           1 + coalesce((SELECT max(d.seq) FROM decision AS d WHERE d.claim_id = :claim_id), 0),
           :outcome, :amount_fen, :clause, :reason_zh, :decided_on, ctx_actor(),
           coalesce((SELECT a.policy_version FROM assessment AS a WHERE a.claim_id = :claim_id
                     ORDER BY a.seq DESC LIMIT 1),
                    (SELECT p.version FROM policy AS p WHERE p.id = :policy_id))
    RETURNING seq
    """
)
_LATEST = sql(
    """
    SELECT DISTINCT ON (claim_id) claim_id, seq, outcome, amount_fen, clause, reason_zh,
           decided_on, decided_by, created_at
    FROM decision WHERE claim_id = ANY(:claims) ORDER BY claim_id, seq DESC
    """
)
_APPROVE = sql(
    """
    INSERT INTO approval (id, area_code, insurer_code, claim_id, act, actor, outcome, amount_fen,
                          reason_zh)
    VALUES (:id, :area_code, :insurer_code, :claim_id, :act, ctx_actor(), :outcome, :amount_fen,
            :reason_zh)
    """
)
_APPROVALS = sql(
    """
    SELECT claim_id, act, actor, outcome, amount_fen, reason_zh, created_at
    FROM approval WHERE claim_id = ANY(:claims) ORDER BY created_at, id
    """
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided: an outcome, an amount in fen, and for less than all the reason."""

    outcome: Outcome
    amount_fen: int
    clause: str | None
    reason_zh: str | None
    decided_on: date


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A stored decision."""

    claim_id: UUID
    seq: int
    outcome: str
    amount_fen: int
    clause: str | None
    reason_zh: str | None
    decided_on: date
    decided_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """One step of an approval: a check passed, a decision proposed or confirmed, and by whom."""

    claim_id: UUID
    act: str
    actor: str
    outcome: str | None
    amount_fen: int | None
    reason_zh: str | None
    created_at: datetime


async def add_decision(tx: Tx, claim: ClaimRow, verdict: Verdict) -> None:
    """Store a decision on a held claim; the caller is its author."""
    await tx.sql.execute(
        _DECIDE,
        {
            "id": new_id(),
            "area_code": claim.area_code,
            "insurer_code": claim.insurer_code,
            "claim_id": claim.id,
            "policy_id": claim.policy_id,
            "outcome": verdict.outcome.value,
            "amount_fen": verdict.amount_fen,
            "clause": verdict.clause,
            "reason_zh": verdict.reason_zh,
            "decided_on": verdict.decided_on,
        },
    )


async def latest_decisions(tx: Tx, claims: list[UUID]) -> dict[UUID, DecisionRow]:
    """Give the newest decision of each of some claims."""
    rows = await tx.sql.execute(_LATEST, {"claims": claims})
    return {row.claim_id: record(DecisionRow, row) for row in rows}


async def add_approval(
    tx: Tx,
    claim: ClaimRow,
    act: str,
    *,
    outcome: Outcome | None = None,
    amount_fen: int | None = None,
    reason_zh: str | None = None,
) -> None:
    """Store one step of an approval on a held claim; the caller is its author."""
    await tx.sql.execute(
        _APPROVE,
        {
            "id": new_id(),
            "area_code": claim.area_code,
            "insurer_code": claim.insurer_code,
            "claim_id": claim.id,
            "act": act,
            "outcome": outcome,
            "amount_fen": amount_fen,
            "reason_zh": reason_zh,
        },
    )


async def approvals_of(tx: Tx, claims: list[UUID]) -> list[ApprovalRow]:
    """Give the approval steps of some claims, oldest first."""
    rows = await tx.sql.execute(_APPROVALS, {"claims": claims})
    return [record(ApprovalRow, row) for row in rows]
