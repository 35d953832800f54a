"""Documents of a notice: what was uploaded; the bytes are in the document store."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db.rows import record, sql
from app.db.session import Tx
from app.domain.errors import NotFound

_ADD = sql(
    """
    INSERT INTO document (id, area_code, notice_id, kind, sha256, size, media_type, storage_key,
                          created_by)
    VALUES (:id, :area_code, :notice_id, :kind, :sha256, :size, :media_type, :storage_key,
            ctx_actor())
    """
)
_LIST = sql(
    """
    SELECT id, notice_id, kind, sha256, size, media_type, storage_key, created_by, created_at
    FROM document WHERE notice_id = :notice_id AND removed_at IS NULL ORDER BY created_at, id
    """
)
_REMOVE = sql(
    """
    UPDATE document SET removed_at = business_now()
    WHERE id = :id AND notice_id = :notice_id AND removed_at IS NULL
    """
)


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One uploaded paper; `sha256` is hex, `size` in bytes."""

    id: UUID
    notice_id: UUID
    kind: str
    sha256: str
    size: int
    media_type: str
    storage_key: str
    created_by: str
    created_at: datetime


async def add_document(
    tx: Tx, area_code: int, notice_id: UUID, document_id: UUID, **stored: str | int
) -> None:
    """File an upload: kind, sha256, size, media_type and storage_key."""
    await tx.sql.execute(
        _ADD, {"id": document_id, "area_code": area_code, "notice_id": notice_id, **stored}
    )


async def documents_of(tx: Tx, notice_id: UUID) -> list[DocumentRow]:
    """Give the papers of a notice, oldest first."""
    rows = await tx.sql.execute(_LIST, {"notice_id": notice_id})
    return [record(DocumentRow, row) for row in rows]


async def remove_document(tx: Tx, notice_id: UUID, document_id: UUID) -> None:
    """Take a paper out of the notice; the row stays. NotFound when it is not there."""
    done = await tx.sql.execute(_REMOVE, {"id": document_id, "notice_id": notice_id})
    if done.rowcount != 1:
        raise NotFound("没有找到这份材料。", "There is no such document.")
