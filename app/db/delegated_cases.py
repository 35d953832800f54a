"""Decisions under a delegation, the lot of each, and what a second look found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db.claims import ClaimRow
from app.db.ids import new_id
from app.db.rows import record, sql
from app.db.session import Tx
from app.domain.lifecycle import Outcome
from app.domain.sample import CaseState

_COLUMNS = """
    s.id, s.claim_id, c.claim_no, p.policy_no, s.area_code, s.delegation_id, s.outcome,
    s.amount_fen, s.decided_by, s.decided_at, s.period, s.key_version, s.sample_bp, s.draw,
    s.state, s.rechecked_by, s.rechecked_at, s.reason_zh
"""
_FROM = """
    FROM delegated_case AS s JOIN claim AS c ON c.id = s.claim_id
    JOIN policy AS p ON p.id = s.policy_id
"""
_ADD = sql(
    """
    INSERT INTO delegated_case (id, area_code, policy_id, claim_id, delegation_id, outcome,
                                amount_fen, decided_by, period, key_version, sample_bp, draw, state)
    VALUES (:id, :area_code, :policy_id, :claim_id, :delegation_id, :outcome, :amount_fen,
            ctx_actor(), :period, :key_version, :sample_bp, :draw, :state)
    ON CONFLICT (claim_id) DO NOTHING
    """
)
_FIND = sql(f"SELECT {_COLUMNS} {_FROM} WHERE s.claim_id = :claim_id")
_LIST = sql(
    f"""
    SELECT {_COLUMNS} {_FROM}
    WHERE (CAST(:state AS text) IS NULL OR s.state = :state)
      AND (CAST(:period AS text) IS NULL OR s.period = :period)
      AND (CAST(:policy_no AS text) IS NULL OR p.policy_no = :policy_no)
      AND (CAST(:before AS uuid) IS NULL OR s.id < :before)
    ORDER BY s.id DESC LIMIT :limit
    """
)
_SETTLE = sql(
    """
    UPDATE delegated_case SET state = :state, reason_zh = :reason_zh,
        rechecked_by = ctx_actor(), rechecked_at = business_now()
    WHERE id = :id AND state = 'open'
    """
)
_ALL = sql(
    f"SELECT {_COLUMNS} {_FROM} "
    "WHERE CAST(:after AS uuid) IS NULL OR s.id > :after ORDER BY s.id LIMIT :limit"
)


@dataclass(frozen=True, slots=True)
class DelegatedCase:
    """One decision that one person took under a delegation.

    `draw` is its lot (0 to 9999), `sample_bp` the size of the sample on that day, `period` the
    month, `key_version` the master key that the lot was drawn with. Amounts in fen, instants UTC.
    """

    id: UUID
    claim_id: UUID
    claim_no: str
    policy_no: str
    area_code: int
    delegation_id: UUID
    outcome: str
    amount_fen: int
    decided_by: str
    decided_at: datetime
    period: str
    key_version: int
    sample_bp: int
    draw: int
    state: str
    rechecked_by: str | None
    rechecked_at: datetime | None
    reason_zh: str | None


@dataclass(frozen=True, slots=True)
class Drawn:
    """How the lot of a decision fell: its period, the key's version, the sample, the lot."""

    delegation_id: UUID
    period: str
    key_version: int
    sample_bp: int
    lot: int
    state: CaseState


async def add_delegated_case(
    tx: Tx, claim: ClaimRow, outcome: Outcome, amount_fen: int, drawn: Drawn
) -> None:
    """Note a decision of the caller's under a delegation; a claim has one."""
    await tx.sql.execute(
        _ADD,
        {
            "id": new_id(),
            "area_code": claim.area_code,
            "policy_id": claim.policy_id,
            "claim_id": claim.id,
            "delegation_id": drawn.delegation_id,
            "outcome": outcome.value,
            "amount_fen": amount_fen,
            "period": drawn.period,
            "key_version": drawn.key_version,
            "sample_bp": drawn.sample_bp,
            "draw": drawn.lot,
            "state": drawn.state.value,
        },
    )


async def find_delegated_case(tx: Tx, claim_id: UUID) -> DelegatedCase | None:
    """Give a claim's decision under a delegation, None when there was none."""
    row = (await tx.sql.execute(_FIND, {"claim_id": claim_id})).one_or_none()
    return None if row is None else record(DelegatedCase, row)


async def list_delegated_cases(
    tx: Tx,
    *,
    state: str | None,
    period: str | None,
    policy_no: str | None,
    before: UUID | None,
    limit: int,
) -> list[DelegatedCase]:
    """Give decisions under delegations, newest first."""
    rows = await tx.sql.execute(
        _LIST,
        {
            "state": state,
            "period": period,
            "policy_no": policy_no,
            "before": before,
            "limit": limit,
        },
    )
    return [record(DelegatedCase, row) for row in rows]


async def settle_recheck(
    tx: Tx, case: DelegatedCase, state: CaseState, reason_zh: str | None
) -> bool:
    """Note what the caller's second look found; False when somebody else was quicker."""
    values = {"id": case.id, "state": state.value, "reason_zh": reason_zh}
    return (await tx.sql.execute(_SETTLE, values)).rowcount == 1


async def cases_after(tx: Tx, after: UUID | None, limit: int) -> Sequence[DelegatedCase]:
    """Give the cases after one, in the order in which they were decided."""
    rows = await tx.sql.execute(_ALL, {"after": after, "limit": limit})
    return [record(DelegatedCase, row) for row in rows]
