"""Delegations: who may approve a fund's claims alone, up to which amount, where and when."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.db.ids import new_id
from app.db.rows import record, sql
from app.db.session import Tx
from app.domain.errors import NotFound

_COLUMNS = """
    d.id, d.policy_id, p.policy_no, d.area_lo, d.area_hi, d.max_amount_fen, d.valid_from,
    d.valid_to, d.sample_bp, d.created_by, d.version, d.created_at, d.revoked_at
"""
_FROM = "FROM delegation AS d JOIN policy AS p ON p.id = d.policy_id"
_ADD = sql(
    """
    INSERT INTO delegation (id, policy_id, area_lo, area_hi, max_amount_fen, valid_from, valid_to,
                            sample_bp, created_by)
    VALUES (:id, :policy_id, :area_lo, :area_hi, :max_amount_fen, :valid_from, :valid_to,
            :sample_bp, ctx_actor())
    """
)
_READ = sql(f"SELECT {_COLUMNS} {_FROM} WHERE d.id = :id")
_LIST = sql(
    f"""
    SELECT {_COLUMNS} {_FROM}
    WHERE (CAST(:policy_no AS text) IS NULL OR p.policy_no = :policy_no)
      AND (CAST(:before AS uuid) IS NULL OR d.id < :before)
    ORDER BY d.id DESC LIMIT :limit
    """
)
_CHANGE = sql(
    """
    UPDATE delegation SET max_amount_fen = :max_amount_fen, valid_to = :valid_to,
        sample_bp = :sample_bp, version = version + 1,
        revoked_at = CASE WHEN :revoked THEN coalesce(revoked_at, business_now()) END
    WHERE id = :id AND version = :version
    """
)
# The caller's own range must lie within the delegation's: what is delegated to one township is
# neither another's nor the county's to use alone.
_MOST = sql(
    """
    SELECT coalesce(max(max_amount_fen), 0) FROM delegation
    WHERE policy_id = :policy_id AND revoked_at IS NULL
      AND business_today() BETWEEN valid_from AND valid_to
      AND area_lo <= :area_code AND area_hi > :area_code
      AND area_lo <= ctx_lo() AND area_hi >= ctx_hi()
    """
)
_WIDEST = sql(
    f"""
    SELECT {_COLUMNS} {_FROM}
    WHERE d.policy_id = :policy_id AND d.revoked_at IS NULL
      AND business_today() BETWEEN d.valid_from AND d.valid_to
      AND d.area_lo <= :area_code AND d.area_hi > :area_code
      AND d.area_lo <= ctx_lo() AND d.area_hi >= ctx_hi()
    ORDER BY d.max_amount_fen DESC, d.sample_bp DESC, d.id LIMIT 1
    """
)


@dataclass(frozen=True, slots=True)
class DelegationRow:
    """One delegation: `max_amount_fen` a claim, days inclusive (Asia/Shanghai), sample in bp."""

    id: UUID
    policy_id: UUID
    policy_no: str
    area_lo: int
    area_hi: int
    max_amount_fen: int
    valid_from: date
    valid_to: date
    sample_bp: int
    created_by: str
    version: int
    created_at: datetime
    revoked_at: datetime | None


async def add_delegation(
    tx: Tx, policy_id: UUID, area: tuple[int, int], max_amount_fen: int, **values: object
) -> DelegationRow:
    """Store a delegation: valid_from, valid_to and sample_bp besides."""
    row_id = new_id()
    await tx.sql.execute(
        _ADD,
        {
            "id": row_id,
            "policy_id": policy_id,
            "area_lo": area[0],
            "area_hi": area[1],
            "max_amount_fen": max_amount_fen,
            **values,
        },
    )
    return await read_delegation(tx, row_id)


async def read_delegation(tx: Tx, delegation_id: UUID) -> DelegationRow:
    """Give a delegation, or NotFound."""
    row = (await tx.sql.execute(_READ, {"id": delegation_id})).one_or_none()
    if row is None:
        raise NotFound("没有找到这项授权。", "There is no such delegation.")
    return record(DelegationRow, row)


async def list_delegations(
    tx: Tx, *, policy_no: str | None, before: UUID | None, limit: int
) -> list[DelegationRow]:
    """Give delegations, newest first."""
    rows = await tx.sql.execute(_LIST, {"policy_no": policy_no, "before": before, "limit": limit})
    return [record(DelegationRow, row) for row in rows]


async def change_delegation(
    tx: Tx, delegation: DelegationRow, *, revoked: bool, **values: object
) -> bool:
    """Change amount, last day and sample, or revoke; False when it changed meanwhile."""
    done = await tx.sql.execute(
        _CHANGE,
        {"id": delegation.id, "version": delegation.version, "revoked": revoked, **values},
    )
    return done.rowcount == 1


async def most_alone(tx: Tx, policy_id: UUID, area_code: int) -> int:
    """Give the largest amount (fen) that the caller may approve alone for an area; 0: none."""
    row = await tx.sql.execute(_MOST, {"policy_id": policy_id, "area_code": area_code})
    most: int = row.scalar_one()
    return most


async def widest_alone(tx: Tx, policy_id: UUID, area_code: int) -> DelegationRow | None:
    """Give the delegation that lets the caller approve most alone; of equals the one drawn most."""
    row = await tx.sql.execute(_WIDEST, {"policy_id": policy_id, "area_code": area_code})
    found = row.one_or_none()
    return None if found is None else record(DelegationRow, found)
