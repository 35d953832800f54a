"""Decisions and the approvals that lead to them; both are only ever added."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.db.claims import ClaimRow
from app.db.ids import new_id
from app.db.rows import record, sql
from app.db.session import Tx
from app.domain.differences import DifferenceState
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
_DIFFER = sql(
    """
    INSERT INTO decision_difference (claim_id, decision_seq, area_code, insurer_code, assessed_fen,
                                     decided_fen)
    SELECT :claim_id, :seq, :area_code, :insurer_code, :assessed_fen, :decided_fen
    FROM policy AS p
    WHERE p.id = :policy_id
      AND (:always
           OR abs(CAST(:assessed_fen AS bigint) - CAST(:decided_fen AS bigint)) > p.tolerance_fen)
    RETURNING decision_seq
    """
)
_LOCK_DIFFERENCE = sql(
    """
    SELECT decision_seq, state FROM decision_difference
    WHERE claim_id = :claim_id
      AND decision_seq = (SELECT max(d.seq) FROM decision AS d WHERE d.claim_id = :claim_id)
    FOR UPDATE
    """
)
_RESOLVE = sql(
    """
    UPDATE decision_difference SET state = :state, reason_zh = :reason_zh,
        resolved_by = ctx_actor(), resolved_at = business_now()
    WHERE claim_id = :claim_id AND decision_seq = :seq
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


async def add_decision(tx: Tx, claim: ClaimRow, verdict: Verdict) -> int:
    """Store a decision on a held claim; the caller is its author. Gives its number."""
    row = await tx.sql.execute(
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
    seq: int = row.scalar_one()
    return seq


async def note_difference(
    tx: Tx, claim: ClaimRow, seq: int, decided_fen: int, *, always: bool
) -> bool:
    """Store that an insurer decided otherwise than we assessed, beyond the policy's tolerance.

    `always`: the amount goes beyond a limit, so that the tolerance does not hide it.
    """
    if claim.insurer_code is None or claim.assessed_fen in (None, decided_fen):
        return False
    found = await tx.sql.execute(
        _DIFFER,
        {
            "claim_id": claim.id,
            "policy_id": claim.policy_id,
            "seq": seq,
            "area_code": claim.area_code,
            "insurer_code": claim.insurer_code,
            "assessed_fen": claim.assessed_fen,
            "decided_fen": decided_fen,
            "always": always,
        },
    )
    return found.one_or_none() is not None


async def lock_difference(tx: Tx, claim: ClaimRow) -> tuple[int, DifferenceState] | None:
    """Give the difference of a held claim's latest decision: that one's number, and its state."""
    row = (await tx.sql.execute(_LOCK_DIFFERENCE, {"claim_id": claim.id})).one_or_none()
    return None if row is None else (row.decision_seq, DifferenceState(row.state))


async def resolve_difference(
    tx: Tx, claim: ClaimRow, seq: int, state: DifferenceState, reason_zh: str
) -> None:
    """Set what became of a held difference; the caller is who resolves it."""
    values = {"claim_id": claim.id, "seq": seq, "state": state.value, "reason_zh": reason_zh}
    await tx.sql.execute(_RESOLVE, values)


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
