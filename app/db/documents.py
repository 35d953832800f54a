"""Documents of a notice: what was uploaded; the bytes are in the document store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from app.db.rows import record, sql
from app.db.session import Tx
from app.domain.errors import NotFound

_ADD = sql(
    """
    INSERT INTO document (id, area_code, notice_id, kind, sha256, size, media_type, storage_key,
                          key_sealed, likeness, pages, created_by)
    VALUES (:id, :area_code, :notice_id, :kind, :sha256, :size, :media_type, :storage_key,
            :key_sealed, :likeness, :pages, ctx_actor())
    """
)
_LIST = sql(
    """
    SELECT id, area_code, notice_id, kind, sha256, size, media_type, storage_key, key_sealed,
           likeness, pages, created_by, created_at
    FROM document WHERE notice_id = :notice_id AND removed_at IS NULL ORDER BY created_at, id
    """
)
_SAME = sql(
    """
    SELECT d.likeness, n.notice_no FROM document AS d JOIN notice AS n ON n.id = d.notice_id
    WHERE d.likeness = ANY(:likenesses) AND d.notice_id <> :notice_id AND d.removed_at IS NULL
      AND n.status <> 'withdrawn'
    UNION
    SELECT e.likeness, NULL
    FROM shown_elsewhere(:likenesses, :notice_id, ctx_lo(), ctx_hi()) AS e (likeness)
    ORDER BY 2
    """
)
_PERSON = sql("SELECT person_of_notice(:notice_id)")
_REMOVE = sql(
    """
    UPDATE document SET removed_at = business_now()
    WHERE id = :id AND notice_id = :notice_id AND removed_at IS NULL
    RETURNING kind, sha256
    """
)


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A paper as it lies in the document store; `key_sealed` None: in clear, `pages` None: unknown.

    `likeness` is the SHA-256 (hex) of what it shows: see the document store.
    """

    kind: str
    sha256: str
    size: int
    media_type: str
    storage_key: str
    key_sealed: bytes | None = field(default=None, repr=False)
    likeness: str | None = None
    pages: int | None = None


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One uploaded paper; `sha256` is hex, `size` in bytes."""

    id: UUID
    area_code: int
    notice_id: UUID
    kind: str
    sha256: str
    size: int
    media_type: str
    storage_key: str
    key_sealed: bytes | None = field(repr=False)
    likeness: str | None
    pages: int | None
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SeenBefore:
    """Where else a paper serves: notices that the caller may see, and whether there are others."""

    notices: tuple[str, ...] = ()
    elsewhere: bool = False


async def add_document(
    tx: Tx, area_code: int, notice_id: UUID, document_id: UUID, new: NewDocument
) -> None:
    """File an upload."""
    await tx.sql.execute(
        _ADD,
        {
            "id": document_id,
            "area_code": area_code,
            "notice_id": notice_id,
            "kind": new.kind,
            "sha256": new.sha256,
            "size": new.size,
            "media_type": new.media_type,
            "storage_key": new.storage_key,
            "key_sealed": new.key_sealed,
            "likeness": new.likeness,
            "pages": new.pages,
        },
    )


async def seen_before(
    tx: Tx, notice_id: UUID, papers: Sequence[DocumentRow]
) -> Mapping[UUID, SeenBefore]:
    """Tell of each paper of a notice which other live notices show the same thing, by row id."""
    likenesses = sorted({paper.likeness for paper in papers if paper.likeness is not None})
    if not likenesses:
        return {}
    found = await tx.sql.execute(_SAME, {"likenesses": likenesses, "notice_id": notice_id})
    by_likeness: dict[str, list[str | None]] = {}
    for row in found:
        by_likeness.setdefault(row.likeness, []).append(row.notice_no)
    return {
        paper.id: SeenBefore(tuple(no for no in others if no is not None), None in others)
        for paper in papers
        if paper.likeness is not None and (others := by_likeness.get(paper.likeness))
    }


async def documents_of(tx: Tx, notice_id: UUID) -> list[DocumentRow]:
    """Give the papers of a notice, oldest first."""
    rows = await tx.sql.execute(_LIST, {"notice_id": notice_id})
    return [record(DocumentRow, row) for row in rows]


async def person_of_notice(tx: Tx, notice_id: UUID) -> UUID | None:
    """Tell whose notice it is, for the record of who read its papers; None: nobody named yet."""
    found: UUID | None = (await tx.sql.execute(_PERSON, {"notice_id": notice_id})).scalar_one()
    return found


async def remove_document(tx: Tx, notice_id: UUID, document_id: UUID) -> tuple[str, str]:
    """Take a paper out of the notice; the row stays. Gives its kind and SHA-256; else NotFound."""
    done = await tx.sql.execute(_REMOVE, {"id": document_id, "notice_id": notice_id})
    gone = done.one_or_none()
    if gone is None:
        raise NotFound("没有找到这份材料。", "There is no such document.")
    return gone.kind, gone.sha256
