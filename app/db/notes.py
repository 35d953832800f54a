"""Notes that colleagues leave on a notice or a claim, and who it is assigned to."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db.ids import new_id
from app.db.notices import NoticeRow
from app.db.rows import record, sql
from app.db.session import Tx

_ADD = sql(
    """
    INSERT INTO note (id, area_code, resource, number, text_zh, actor)
    VALUES (:id, :area_code, :resource, :number, :text_zh, ctx_actor())
    """
)
_LIST = sql(
    """
    SELECT id, text_zh, actor, created_at FROM note
    WHERE resource = :resource AND number = :number ORDER BY id DESC LIMIT 200
    """
)
_ASSIGN = sql(
    """
    UPDATE notice SET assigned_to = :assigned_to, version = version + 1,
        updated_at = business_now()
    WHERE id = :id RETURNING version
    """
)


@dataclass(frozen=True, slots=True)
class NoteRow:
    """One note: who wrote it, and when (UTC)."""

    id: UUID
    text_zh: str
    actor: str
    created_at: datetime


async def add_note(tx: Tx, resource: str, number: str, area_code: int, text_zh: str) -> None:
    """Store a note on a held notice or claim; the caller is its author."""
    values = {
        "id": new_id(),
        "area_code": area_code,
        "resource": resource,
        "number": number,
        "text_zh": text_zh,
    }
    await tx.sql.execute(_ADD, values)


async def notes_of(tx: Tx, resource: str, number: str) -> list[NoteRow]:
    """Give the notes on a notice or claim, newest first, at most 200."""
    rows = await tx.sql.execute(_LIST, {"resource": resource, "number": number})
    return [record(NoteRow, row) for row in rows]


async def assign_notice(tx: Tx, notice: NoticeRow, assigned_to: str | None) -> int:
    """Set who works on a held notice; gives its new version."""
    row = await tx.sql.execute(_ASSIGN, {"id": notice.id, "assigned_to": assigned_to})
    version: int = row.scalar_one()
    return version
