"""Advances: money asked for, or granted, before a claim is decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.db.claims import ClaimRow
from app.db.ids import new_id
from app.db.rows import fields_of, sql
from app.db.session import Tx
from app.domain.payout import AdvanceBasis, AdvanceState

_COLUMNS = """
    a.id, a.claim_id, a.seq, a.amount_fen, a.basis, a.state, a.reason_zh, a.proposed_by,
    a.confirmed_by, a.instruction_id, a.version, a.created_at, a.updated_at
"""
_ADD = sql(
    f"""
    INSERT INTO advance AS a (id, area_code, insurer_code, claim_id, seq, amount_fen, basis, state,
                              reason_zh, proposed_by, instruction_id)
    SELECT :id, :area_code, :insurer_code, :claim_id,
           1 + coalesce((SELECT max(b.seq) FROM advance AS b WHERE b.claim_id = :claim_id), 0),
           :amount_fen, :basis, :state, :reason_zh, ctx_actor(), CAST(:instruction_id AS uuid)
    RETURNING {_COLUMNS}
    """
)
_OF = sql(f"SELECT {_COLUMNS} FROM advance AS a WHERE a.claim_id = :claim_id ORDER BY a.seq")
_MOVE = sql(
    f"""
    UPDATE advance AS a SET state = :state,
        confirmed_by = CASE WHEN :state = 'granted' THEN ctx_actor() ELSE a.confirmed_by END,
        reason_zh = coalesce(:reason_zh, a.reason_zh), version = a.version + 1,
        updated_at = business_now()
    WHERE a.id = :id RETURNING {_COLUMNS}
    """
)
# Under review for the days of the law and never asked: papers may have stopped the clock, so that
# is only who to look at. Claims whose advance was refused or cancelled are in people's hands.
_OVERDUE = sql(
    """
    SELECT c.claim_no FROM claim AS c
    WHERE c.status IN ('under_review', 'evidence_required') AND c.insurer_code IS NOT NULL
      AND c.assessed_fen > 0 AND c.created_at < business_now() - make_interval(days => :days)
      AND NOT EXISTS (SELECT FROM advance AS a WHERE a.claim_id = c.id)
      AND NOT EXISTS (SELECT FROM job AS j WHERE j.kind = :job AND j.subject = c.claim_no
                      AND j.state IN ('ready', 'running'))
    ORDER BY c.claim_no LIMIT 500
    """
)


@dataclass(frozen=True, slots=True)
class AdvanceRow:
    """One advance of a claim; fen. Its payouts are those that bear its id."""

    id: UUID
    claim_id: UUID
    seq: int
    amount_fen: int
    basis: AdvanceBasis
    state: AdvanceState
    reason_zh: str | None
    proposed_by: str
    confirmed_by: str | None
    instruction_id: UUID | None
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class NewAdvance:
    """An advance to store; `instruction_id` names what was asked of the insurer."""

    amount_fen: int
    basis: AdvanceBasis
    state: AdvanceState
    reason_zh: str | None = None
    instruction_id: UUID | None = None


async def add_advance(tx: Tx, claim: ClaimRow, new: NewAdvance) -> AdvanceRow:
    """Store an advance of a held claim; the caller is who proposes or asks."""
    row = await tx.sql.execute(
        _ADD,
        {
            "id": new_id(),
            "area_code": claim.area_code,
            "insurer_code": claim.insurer_code,
            "claim_id": claim.id,
            "amount_fen": new.amount_fen,
            "basis": new.basis.value,
            "state": new.state.value,
            "reason_zh": new.reason_zh,
            "instruction_id": new.instruction_id,
        },
    )
    return _opened(row.one())


async def advances_of(tx: Tx, claim_id: UUID) -> list[AdvanceRow]:
    """Give the advances of a claim, oldest first."""
    return [_opened(row) for row in await tx.sql.execute(_OF, {"claim_id": claim_id})]


async def move_advance(
    tx: Tx, advance: AdvanceRow, state: AdvanceState, reason_zh: str | None = None
) -> AdvanceRow:
    """Set where an advance of a held claim stands; who grants it is its second person."""
    values = {"id": advance.id, "state": state.value, "reason_zh": reason_zh}
    return _opened((await tx.sql.execute(_MOVE, values)).one())


async def long_undecided(tx: Tx, days: int, job: str) -> Sequence[str]:
    """Give claims filed so many days ago that nobody asked an advance for, at most 500.

    Those that a job of this kind is about to look at are left out.
    """
    return list((await tx.sql.execute(_OVERDUE, {"days": days, "job": job})).scalars())


def _opened(row: Any) -> AdvanceRow:
    fields = fields_of(row)
    fields["basis"] = AdvanceBasis(row.basis)
    fields["state"] = AdvanceState(row.state)
    return AdvanceRow(**fields)
