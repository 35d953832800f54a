"""Notices as filed: drafts, their changes, their documents, and what submitting them writes."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.db.ids import new_id
from app.db.lists import Listing, Position
from app.db.notice_content import open_content, seal_content
from app.db.rows import fields_of, sql
from app.db.session import Tx
from app.domain.errors import NotFound
from app.domain.lifecycle import NoticeStatus
from app.domain.notice import NoticeContent

COLUMNS = """
    n.id, n.notice_no, n.area_code, n.status, n.person_id, n.content, n.personal_sealed,
    n.client_ref, n.coverage, n.created_by, n.version, n.created_at, n.updated_at, n.submitted_at,
    n.assigned_to, n.protected
"""
_DRAFT = sql(
    """
    WITH serial AS (
        INSERT INTO notice_serial AS s (county, year, last)
        VALUES (:county, extract(year FROM business_today())::integer, 1)
        ON CONFLICT (county, year) DO UPDATE SET last = s.last + 1
        RETURNING s.county, s.year, s.last
    )
    INSERT INTO notice (id, notice_no, area_code, status, content, personal_sealed, client_ref,
                        created_by)
    SELECT :id, (county / 1000000)::text || '-' || year || '-' || lpad(last::text, 6, '0'),
           :area_code, 'draft', CAST(:content AS jsonb), :sealed, :client_ref, ctx_actor()
    FROM serial
    RETURNING notice_no
    """
)
# Under a number that an insurer knows and this database has lost; see `restorations`.
_DRAFT_AS = sql(
    """
    INSERT INTO notice (id, notice_no, area_code, status, content, personal_sealed, client_ref,
                        created_by)
    SELECT :id, :notice_no, :area_code, 'draft', CAST(:content AS jsonb), :sealed, :client_ref,
           ctx_actor()
    WHERE NOT EXISTS (SELECT FROM notice AS n WHERE n.notice_no = :notice_no)
    ON CONFLICT (notice_no) DO NOTHING RETURNING notice_no
    """
)
_READ = sql(f"SELECT {COLUMNS} FROM notice AS n WHERE n.notice_no = :notice_no")
_LOCK = sql(f"SELECT {COLUMNS} FROM notice AS n WHERE n.notice_no = :notice_no FOR UPDATE")
_LOCK_ID = sql(f"SELECT {COLUMNS} FROM notice AS n WHERE n.id = :id FOR UPDATE")
_LISTING = Listing(
    f"SELECT {COLUMNS} FROM notice AS n",
    "n",
    {
        "status": "n.status = :status",
        "client_ref": "n.client_ref = :client_ref",
        "person": "n.person_id = :person",
        "since": "n.updated_at >= :since",
        # Any number that belongs to it: its own, or one of a claim of it.
        "number": """
            n.id IN (
                SELECT m.id FROM notice AS m WHERE m.notice_no = :number
                UNION ALL SELECT k.notice_id FROM claim AS k WHERE k.claim_no = :number
                UNION ALL SELECT j.notice_id FROM claim AS j WHERE j.insurer_case_no = :number
                UNION ALL
                SELECT c.notice_id FROM instruction AS i JOIN claim AS c ON c.id = i.claim_id
                WHERE i.platform_case_no = :number)
        """,
    },
)
_CHANGE = sql(
    """
    UPDATE notice SET content = CAST(:content AS jsonb), personal_sealed = :sealed,
        version = version + 1, updated_at = business_now()
    WHERE id = :id AND status = 'draft' AND version = :version
    RETURNING version, updated_at
    """
)
_REWRITE = sql(
    """
    UPDATE notice SET content = CAST(:content AS jsonb), personal_sealed = :sealed,
        version = version + 1, updated_at = business_now()
    WHERE id = :id RETURNING version
    """
)
_MARK = sql(
    """
    UPDATE notice SET status = :status, version = version + 1, updated_at = business_now()
    WHERE id = :id RETURNING version
    """
)
_RELEASE = sql("UPDATE notice_settlement SET live = false WHERE notice_id = :id")


@dataclass(frozen=True, slots=True)
class NoticesWanted:
    """Which notices to list; None: any. `number` is any number of a notice or of its claims."""

    status: NoticeStatus | None = None
    client_ref: str | None = None
    number: str | None = None
    person: UUID | None = None
    area: int | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One notice with its content put together again; instants are UTC.

    `protected` asks for the closest mask; of an `erased` one nobody is named any more.
    """

    id: UUID
    notice_no: str
    area_code: int
    status: NoticeStatus
    person_id: UUID | None
    content: NoticeContent
    client_ref: str | None
    coverage: Sequence[Mapping[str, Any]]
    created_by: str
    version: int
    created_at: datetime
    updated_at: datetime
    submitted_at: datetime | None
    assigned_to: str | None
    protected: bool
    erased: bool


async def add_draft(
    tx: Tx, content: NoticeContent, area_code: int, county: int, client_ref: str | None
) -> str:
    """File a draft and give its number: county, year and serial (`990127-2026-000123`)."""
    values = _sealed(tx, content, area_code, client_ref)
    row = await tx.sql.execute(_DRAFT, {**values, "county": county})
    notice_no: str = row.scalar_one()
    return notice_no


async def add_draft_as(
    tx: Tx, content: NoticeContent, area_code: int, notice_no: str, client_ref: str | None
) -> bool:
    """File a draft under a number that was lost; False when there is a notice of that number."""
    values = _sealed(tx, content, area_code, client_ref)
    row = await tx.sql.execute(_DRAFT_AS, {**values, "notice_no": notice_no})
    return row.one_or_none() is not None


def _sealed(
    tx: Tx, content: NoticeContent, area_code: int, client_ref: str | None
) -> dict[str, object]:
    notice_id = new_id()
    text, sealed = seal_content(tx.keyring, notice_id, content)
    return {
        "id": notice_id,
        "area_code": area_code,
        "content": text,
        "sealed": sealed,
        "client_ref": client_ref,
    }


async def read_notice(tx: Tx, notice_no: str) -> NoticeRow:
    """Give a notice, or NotFound when there is none that the caller may see."""
    return await _one(tx, _READ, {"notice_no": notice_no})


async def lock_notice(tx: Tx, notice_no: str) -> NoticeRow:
    """Give a notice and hold it until the transaction ends; the first lock of every act on it."""
    return await _one(tx, _LOCK, {"notice_no": notice_no})


async def lock_notice_by_id(tx: Tx, notice_id: UUID) -> NoticeRow:
    """Give and hold the notice of a claim."""
    return await _one(tx, _LOCK_ID, {"id": notice_id})


async def list_notices(
    tx: Tx, wanted: NoticesWanted, before: Position | None, limit: int
) -> list[NoticeRow]:
    """Give notices, last changed first, after a keyset position."""
    given = asdict(wanted)
    area = given.pop("area")
    statement, values = _LISTING.ask(tx.caller, given, area, before, limit)
    return [_opened(tx, row) for row in await tx.sql.execute(statement, values)]


async def change_draft(tx: Tx, notice: NoticeRow, content: NoticeContent) -> int | None:
    """Replace a draft's content; gives the new version, or None when it changed meanwhile."""
    text, sealed = seal_content(tx.keyring, notice.id, content)
    row = (
        await tx.sql.execute(
            _CHANGE,
            {"id": notice.id, "version": notice.version, "content": text, "sealed": sealed},
        )
    ).one_or_none()
    return None if row is None else row.version


async def rewrite_content(tx: Tx, notice: NoticeRow, content: NoticeContent) -> int:
    """Replace the content of a held notice, whatever its status; gives the new version."""
    text, sealed = seal_content(tx.keyring, notice.id, content)
    row = await tx.sql.execute(_REWRITE, {"id": notice.id, "content": text, "sealed": sealed})
    version: int = row.scalar_one()
    return version


async def mark_notice(tx: Tx, notice_id: UUID, status: NoticeStatus) -> int:
    """Set a notice's status and give its new version."""
    version: int = (
        await tx.sql.execute(_MARK, {"id": notice_id, "status": status.value})
    ).scalar_one()
    return version


async def release_settlements(tx: Tx, notice_id: UUID) -> None:
    """Let the settlements of a withdrawn notice be filed again."""
    await tx.sql.execute(_RELEASE, {"id": notice_id})


async def _one(tx: Tx, statement: Any, parameters: dict[str, object]) -> NoticeRow:
    row = (await tx.sql.execute(statement, parameters)).one_or_none()
    if row is None:
        raise no_such_notice()
    return _opened(tx, row)


def no_such_notice() -> NotFound:
    """Make the refusal of a number that the caller sees no notice of."""
    return NotFound("没有找到这份报案。", "There is no such notice.")


def notice_row(tx: Tx, fields: dict[str, Any]) -> NoticeRow:
    """Make a notice of `COLUMNS` by name; its content is put together again."""
    sealed = fields.pop("personal_sealed")
    fields["content"] = open_content(tx.keyring, fields["id"], fields["content"], sealed)
    fields["status"] = NoticeStatus(fields["status"])
    fields["erased"] = not sealed
    return NoticeRow(**fields)


def _opened(tx: Tx, row: Any) -> NoticeRow:
    return notice_row(tx, fields_of(row))
