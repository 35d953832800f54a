"""Overrides: another amount for one cover of a claim; one person proposes, another settles."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.db.claims import ClaimRow
from app.db.ids import new_id
from app.db.rows import record, sql
from app.db.session import Tx

_COLUMNS = """
    o.seq, o.cover, o.amount_fen, o.reason_zh, o.basis_zh, o.state, o.proposed_by, o.proposed_at,
    o.settled_by, o.settled_on, o.settled_at
"""
_ADD = sql(
    f"""
    INSERT INTO claim_override AS o (id, area_code, insurer_code, claim_id, seq, cover, amount_fen,
                                     reason_zh, basis_zh, proposed_by)
    SELECT :id, :area_code, :insurer_code, :claim_id,
           1 + coalesce((SELECT max(e.seq) FROM claim_override AS e
                         WHERE e.claim_id = :claim_id), 0),
           :cover, :amount_fen, :reason_zh, :basis_zh, ctx_actor()
    ON CONFLICT DO NOTHING RETURNING {_COLUMNS}
    """
)
_SETTLE = sql(
    f"""
    UPDATE claim_override AS o SET state = :state, settled_by = ctx_actor(),
        settled_on = business_today(), settled_at = business_now()
    WHERE o.claim_id = :claim_id AND o.seq = :seq AND o.state = 'proposed' RETURNING {_COLUMNS}
    """
)
_LIST = sql(
    f"""
    SELECT {_COLUMNS} FROM claim_override AS o WHERE o.claim_id = :claim_id
    ORDER BY o.seq DESC LIMIT 100
    """
)


@dataclass(frozen=True, slots=True)
class OverrideRow:
    """One override; `state` is proposed, confirmed or rejected, `settled_*` by whom and when.

    The amount is in fen; `basis_zh` names the clause or rule that leaves the room for it.
    """

    seq: int
    cover: str
    amount_fen: int
    reason_zh: str
    basis_zh: str
    state: str
    proposed_by: str
    proposed_at: datetime
    settled_by: str | None
    settled_on: date | None
    settled_at: datetime | None


async def add_override(
    tx: Tx, claim: ClaimRow, cover: str, amount_fen: int, reason_zh: str, basis_zh: str
) -> OverrideRow | None:
    """Propose an override on a held claim as the caller; None while another one is open."""
    row = await tx.sql.execute(
        _ADD,
        {
            "id": new_id(),
            "area_code": claim.area_code,
            "insurer_code": claim.insurer_code,
            "claim_id": claim.id,
            "cover": cover,
            "amount_fen": amount_fen,
            "reason_zh": reason_zh,
            "basis_zh": basis_zh,
        },
    )
    found = row.one_or_none()
    return None if found is None else record(OverrideRow, found)


async def settle_override(tx: Tx, claim: ClaimRow, seq: int, state: str) -> OverrideRow:
    """Confirm or reject an open override of a held claim, as the caller."""
    values = {"claim_id": claim.id, "seq": seq, "state": state}
    return record(OverrideRow, (await tx.sql.execute(_SETTLE, values)).one())


async def overrides_of(tx: Tx, claim_id: UUID) -> list[OverrideRow]:
    """Give the overrides of a claim, newest first, at most 100."""
    rows = await tx.sql.execute(_LIST, {"claim_id": claim_id})
    return [record(OverrideRow, row) for row in rows]
