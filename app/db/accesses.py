"""Sensitive reads: who opened what about a person. The audit row follows each at commit."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db.rows import record, sql
from app.db.session import Tx

_NOTE = sql(
    """
    INSERT INTO access (area_code, person_id, resource, number, act, reason_zh)
    VALUES (:area_code, :person_id, :resource, :number, :act, :reason_zh)
    """
)
_LIST = sql(
    """
    SELECT id, resource, number, act, reason_zh, role, actor, at, office_lo AS office_code,
        (SELECT a.name_zh FROM area AS a WHERE a.code = access.office_lo) AS office_zh
    FROM access
    WHERE person_id = :person_id AND id < coalesce(:before, 9223372036854775807)
    ORDER BY id DESC LIMIT :limit
    """
)


@dataclass(frozen=True, slots=True)
class NewAccess:
    """What is opened: `act` is view, look_up, reveal or download; a reveal has a reason.

    Who opens it, and by which request, comes from the caller's context and nowhere else.
    """

    area_code: int
    person_id: UUID | None
    resource: str
    number: str
    act: str
    reason_zh: str | None = None


@dataclass(frozen=True, slots=True)
class AccessRow:
    """One sensitive read; `at` is UTC, `actor` a principal and never a person's name.

    `office_code` is the first code of the area that the reader's office is over.
    """

    id: int
    resource: str
    number: str
    act: str
    reason_zh: str | None
    role: str
    actor: str
    at: datetime
    office_code: int | None
    office_zh: str | None


async def note_access(tx: Tx, access: NewAccess) -> None:
    """Record a sensitive read in the reader's own transaction: no answer without its record."""
    await tx.sql.execute(
        _NOTE,
        {
            "area_code": access.area_code,
            "person_id": access.person_id,
            "resource": access.resource,
            "number": access.number,
            "act": access.act,
            "reason_zh": access.reason_zh,
        },
    )


async def accesses_of(
    tx: Tx, person_id: UUID, *, before: int | None = None, limit: int = 50
) -> list[AccessRow]:
    """Give who opened what of a person, newest first, those before an id where one is given."""
    rows = await tx.sql.execute(_LIST, {"person_id": person_id, "before": before, "limit": limit})
    return [record(AccessRow, row) for row in rows]
