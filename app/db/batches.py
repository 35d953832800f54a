"""Bank batches: which of a fund's payouts go to the bank together, with control totals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.db.ids import new_id
from app.db.policies import PolicyRow
from app.db.rows import record, sql
from app.db.session import Tx
from app.domain.errors import NotFound

_COLUMNS = """
    b.id, b.batch_no, b.policy_id, p.policy_no, b.status, b.count, b.total_fen, b.sha256,
    b.created_by, b.version, b.created_at, b.exported_at, b.settled_at
"""
_FROM = "FROM payout_batch AS b JOIN policy AS p ON p.id = b.policy_id"
_ADD = sql(
    """
    INSERT INTO payout_batch (id, batch_no, policy_id, area_lo, area_hi, status, count, total_fen,
                              created_by)
    SELECT :id, :policy_no || '-B' || lpad((1 + (
               SELECT count(*) FROM payout_batch WHERE policy_id = :policy_id))::text, 4, '0'),
           :policy_id, :area_lo, :area_hi, 'open', 0, 0, ctx_actor()
    RETURNING batch_no
    """
)
_READ = sql(f"SELECT {_COLUMNS} {_FROM} WHERE b.batch_no = :batch_no")
_LOCK = sql(f"SELECT {_COLUMNS} {_FROM} WHERE b.batch_no = :batch_no FOR UPDATE OF b")
_LIST = sql(
    f"""
    SELECT {_COLUMNS} {_FROM}
    WHERE (CAST(:policy_no AS text) IS NULL OR p.policy_no = :policy_no)
      AND (CAST(:before AS uuid) IS NULL OR b.id < :before)
    ORDER BY b.id DESC LIMIT :limit
    """
)
_CHANGE = sql(
    """
    UPDATE payout_batch SET status = :status, count = :count, total_fen = :total_fen,
        sha256 = coalesce(sha256, :sha256), version = version + 1,
        exported_at = CASE WHEN :status = 'exported' THEN business_now() ELSE exported_at END,
        settled_at = CASE WHEN :status = 'settled' THEN business_now() ELSE settled_at END
    WHERE id = :id AND version = :version
    """
)
_DECIDED = sql(
    """
    SELECT claim_no FROM claim
    WHERE policy_id = :policy_id AND status = 'decided' AND decided_fen > 0
    ORDER BY claim_no LIMIT :limit
    """
)
_WHOSE = sql(
    """
    SELECT DISTINCT n.person_id FROM payout AS o
    JOIN claim AS c ON c.id = o.claim_id JOIN notice AS n ON n.id = c.notice_id
    WHERE o.id = ANY(:payouts)
    """
)


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One batch; `total_fen` and `count` are its control totals, `sha256` its file's (hex)."""

    id: UUID
    batch_no: str
    policy_id: UUID
    policy_no: str
    status: str
    count: int
    total_fen: int
    sha256: str | None
    created_by: str
    version: int
    created_at: datetime
    exported_at: datetime | None
    settled_at: datetime | None


async def add_batch(tx: Tx, policy: PolicyRow) -> BatchRow:
    """Open an empty batch of a fund that is held; its number counts up by fund."""
    row = await tx.sql.execute(
        _ADD,
        {
            "id": new_id(),
            "policy_id": policy.id,
            "policy_no": policy.policy_no,
            "area_lo": policy.area_lo,
            "area_hi": policy.area_hi,
        },
    )
    return await _one(tx, _READ, row.scalar_one())


async def read_batch(tx: Tx, batch_no: str) -> BatchRow:
    """Give a batch, or NotFound."""
    return await _one(tx, _READ, batch_no)


async def lock_batch(tx: Tx, batch_no: str) -> BatchRow:
    """Give a batch and hold it."""
    return await _one(tx, _LOCK, batch_no)


async def list_batches(
    tx: Tx, *, policy_no: str | None, before: UUID | None, limit: int
) -> list[BatchRow]:
    """Give batches, newest first."""
    rows = await tx.sql.execute(_LIST, {"policy_no": policy_no, "before": before, "limit": limit})
    return [record(BatchRow, row) for row in rows]


async def change_batch(
    tx: Tx,
    batch: BatchRow,
    status: str,
    *,
    count: int | None = None,
    total_fen: int | None = None,
    sha256: str | None = None,
) -> BatchRow:
    """Set a held batch's status, and its totals or the digest of its file once."""
    await tx.sql.execute(
        _CHANGE,
        {
            "id": batch.id,
            "version": batch.version,
            "status": status,
            "count": batch.count if count is None else count,
            "total_fen": batch.total_fen if total_fen is None else total_fen,
            "sha256": sha256,
        },
    )
    return await read_batch(tx, batch.batch_no)


async def people_of(tx: Tx, payouts: Sequence[UUID]) -> list[UUID | None]:
    """Give whose notices some payouts are of."""
    return list((await tx.sql.execute(_WHOSE, {"payouts": list(payouts)})).scalars())


async def decided_claims(tx: Tx, policy_id: UUID, limit: int) -> list[str]:
    """Give the numbers of a fund's claims that are decided and not yet on their way."""
    rows = await tx.sql.execute(_DECIDED, {"policy_id": policy_id, "limit": limit})
    return list(rows.scalars())


async def _one(tx: Tx, statement: Any, batch_no: str) -> BatchRow:
    row = (await tx.sql.execute(statement, {"batch_no": batch_no})).one_or_none()
    if row is None:
        raise NotFound("没有找到这个发放批次。", "There is no such batch.")
    return record(BatchRow, row)
