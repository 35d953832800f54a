"""Grounds on which other offices' data about a person are used; withdrawn ones stay on file."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.db.ids import new_id
from app.db.rows import record, sql
from app.db.session import Tx
from app.domain.consent import NewConsent, Purpose

_ADD = sql(
    """
    INSERT INTO consent (id, area_code, person_id, purpose, basis, given_by, given_on)
    VALUES (:id, :area_code, :person_id, :purpose, :basis, :given_by, :given_on)
    ON CONFLICT (person_id, purpose) WHERE withdrawn_at IS NULL DO NOTHING
    """
)
_WITHDRAW = sql(
    """
    UPDATE consent SET withdrawn_by = ctx_actor(), withdrawn_at = business_now()
    WHERE person_id = :person_id AND purpose = :purpose AND withdrawn_at IS NULL
    """
)
_LIST = sql(
    """
    SELECT id, purpose, basis, given_by, given_on, recorded_by, recorded_at, withdrawn_by,
           withdrawn_at
    FROM consent WHERE person_id = :person_id ORDER BY recorded_at DESC, id DESC LIMIT 200
    """
)
_OPEN = """
    SELECT EXISTS (
        SELECT FROM consent AS c JOIN person AS p ON p.id = c.person_id
        WHERE c.purpose = $1 AND c.withdrawn_at IS NULL
          AND (p.id = $2 OR (p.id_type = $3 AND p.id_index = ANY($4::bytea[])))) AS open
"""


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """One ground; `given_on` is a day in Asia/Shanghai, instants are UTC."""

    id: UUID
    purpose: str
    basis: str
    given_by: str
    given_on: date
    recorded_by: str
    recorded_at: datetime
    withdrawn_by: str | None
    withdrawn_at: datetime | None


async def add_consent(tx: Tx, area_code: int, person_id: UUID, consent: NewConsent) -> bool:
    """Record a ground; False when one for the purpose stands already."""
    values = {
        "id": new_id(),
        "area_code": area_code,
        "person_id": person_id,
        "purpose": consent.purpose.value,
        "basis": consent.basis.value,
        "given_by": consent.given_by.value,
        "given_on": consent.given_on,
    }
    return (await tx.sql.execute(_ADD, values)).rowcount == 1


async def withdraw_consent(tx: Tx, person_id: UUID, purpose: Purpose) -> bool:
    """Withdraw the ground that stands for a purpose; False when none does."""
    values = {"person_id": person_id, "purpose": purpose.value}
    return (await tx.sql.execute(_WITHDRAW, values)).rowcount == 1


async def consents_of(tx: Tx, person_id: UUID) -> list[ConsentRow]:
    """Give every ground of a person, newest first."""
    rows = await tx.sql.execute(_LIST, {"person_id": person_id})
    return [record(ConsentRow, row) for row in rows]


async def may_use(
    tx: Tx,
    purpose: Purpose,
    *,
    person_id: UUID | None,
    id_type: str = "resident_id",
    indexes: tuple[bytes, ...] = (),
) -> bool:
    """Tell whether a ground stands for a person, by row id or by the indexes of their number."""
    row = await tx.row(_OPEN, purpose.value, person_id, id_type, list(indexes))
    return row is not None and bool(row["open"])
