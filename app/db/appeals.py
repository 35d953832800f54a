"""Appeals against a decision and complaints about a claim, with what was answered."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db.claims import ClaimRow
from app.db.ids import new_id
from app.db.rows import record, sql
from app.db.session import Tx

_ADD = sql(
    """
    INSERT INTO appeal (id, area_code, insurer_code, claim_id, seq, kind, reason_zh, filed_by)
    SELECT :id, :area_code, :insurer_code, :claim_id,
           1 + coalesce((SELECT max(a.seq) FROM appeal AS a WHERE a.claim_id = :claim_id), 0),
           :kind, :reason_zh, ctx_actor()
    ON CONFLICT DO NOTHING RETURNING seq
    """
)
_ANSWER = sql(
    """
    UPDATE appeal SET state = :state, answer_zh = :answer_zh, answered_by = ctx_actor(),
        answered_at = business_now()
    WHERE claim_id = :claim_id AND state = 'open' RETURNING seq, kind
    """
)
_LIST = sql(
    """
    SELECT seq, kind, state, reason_zh, filed_by, filed_at, answer_zh, answered_by, answered_at
    FROM appeal WHERE claim_id = :claim_id ORDER BY seq DESC LIMIT 100
    """
)


@dataclass(frozen=True, slots=True)
class AppealRow:
    """One appeal or complaint; `state` is open, accepted or rejected."""

    seq: int
    kind: str
    state: str
    reason_zh: str
    filed_by: str
    filed_at: datetime
    answer_zh: str | None
    answered_by: str | None
    answered_at: datetime | None


async def add_appeal(tx: Tx, claim: ClaimRow, kind: str, reason_zh: str) -> int | None:
    """Store an appeal on a held claim and give its number; None while another is open."""
    row = await tx.sql.execute(
        _ADD,
        {
            "id": new_id(),
            "area_code": claim.area_code,
            "insurer_code": claim.insurer_code,
            "claim_id": claim.id,
            "kind": kind,
            "reason_zh": reason_zh,
        },
    )
    seq: int | None = row.scalar_one_or_none()
    return seq


async def answer_appeal(
    tx: Tx, claim: ClaimRow, state: str, answer_zh: str
) -> tuple[int, str] | None:
    """Answer the open appeal of a held claim; gives its number and kind, None without one."""
    values = {"claim_id": claim.id, "state": state, "answer_zh": answer_zh}
    row = (await tx.sql.execute(_ANSWER, values)).one_or_none()
    return None if row is None else (row.seq, row.kind)


async def appeals_of(tx: Tx, claim_id: UUID) -> list[AppealRow]:
    """Give the appeals of a claim, newest first, at most 100."""
    rows = await tx.sql.execute(_LIST, {"claim_id": claim_id})
    return [record(AppealRow, row) for row in rows]
