"""The days of a book: their figures, and what was signed when they closed."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.db.reconciliation_books import Book
from app.db.rows import plain, record, sql
from app.db.session import Tx
from app.domain.errors import NotFound

_COLUMNS = """
    r.book_id, r.day_on, r.number, r.area_code, r.insurer_code, b.party, r.state, r.figures,
    r.matched_at, r.closed_at, r.closed_by, r.before, r.roots, r.digest, r.signature,
    (SELECT count(*) FROM reconciliation_item AS i WHERE i.book_id = r.book_id
        AND i.day_on = r.day_on AND i.state = 'open') AS unowned,
    (SELECT count(*) FROM reconciliation_item AS i WHERE i.book_id = r.book_id
        AND i.day_on = r.day_on AND i.state = 'owned') AS in_hand,
    (SELECT count(*) FROM reconciliation_item AS i WHERE i.book_id = r.book_id
        AND i.state = 'carried' AND i.cleared_on IS NULL AND i.day_on <= r.day_on) AS carried
"""
_FROM = "FROM reconciliation AS r JOIN reconciliation_book AS b ON b.id = r.book_id"
_KEEP = sql(
    """
    INSERT INTO reconciliation (book_id, day_on, number, area_code, insurer_code, figures,
                                matched_at)
    VALUES (:book_id, :day, :number, :area_code, :insurer_code, CAST(:figures AS jsonb),
            business_now())
    ON CONFLICT (book_id, day_on) DO UPDATE SET figures = excluded.figures,
        matched_at = excluded.matched_at
    """
)
_CLOSE = sql(
    """
    UPDATE reconciliation SET state = 'closed', closed_by = ctx_actor(),
        closed_at = business_now(), before = :before, roots = CAST(:roots AS jsonb),
        figures = CAST(:figures AS jsonb), digest = :digest, signature = :signature
    WHERE book_id = :book_id AND day_on = :day
    """
)
_READ = sql(f"SELECT {_COLUMNS} {_FROM} WHERE r.number = :number")
_OF_BOOK = sql(
    f"SELECT {_COLUMNS} {_FROM} WHERE r.book_id = :book_id AND r.state = :state ORDER BY r.day_on"
)
_LIST = sql(
    f"""
    SELECT {_COLUMNS} {_FROM}
    WHERE (CAST(:party AS text) IS NULL OR b.party = :party)
      AND (CAST(:state AS text) IS NULL OR r.state = :state)
      AND (CAST(:before_day AS date) IS NULL
           OR (r.day_on, r.number) < (CAST(:before_day AS date), CAST(:before_number AS text)))
    ORDER BY r.day_on DESC, r.number DESC LIMIT :limit
    """
)
# Days that something happened on and that are not closed: lines, movements of ours, differences.
_BUSY = sql(
    """
    SELECT min(day) FROM (
        SELECT min(l.book_on) AS day FROM statement_line AS l
        JOIN statement AS s ON s.id = l.statement_id AND s.discarded_at IS NULL
        WHERE l.book_id = :book_id AND l.book_on >= :first_open
        UNION ALL
        SELECT min(i.day_on) FROM reconciliation_item AS i
        WHERE i.book_id = :book_id AND i.day_on >= :first_open
        UNION ALL
        SELECT min(i.cleared_on) FROM reconciliation_item AS i
        WHERE i.book_id = :book_id AND i.cleared_on >= :first_open
        UNION ALL
        SELECT min(a.paid_on) FROM payout_attempt AS a
        WHERE a.area_code >= :lo AND a.area_code < :hi AND a.paid_on >= :first_open
          AND a.insurer_code IS NOT DISTINCT FROM CAST(:insurer_code AS text)
    ) AS seen
    """
)
_MOVED = sql(
    """
    SELECT EXISTS (
        SELECT FROM payout_attempt AS a
        WHERE a.area_code >= :lo AND a.area_code < :hi AND a.paid_on = :day
          AND a.insurer_code IS NOT DISTINCT FROM CAST(:insurer_code AS text))
    """
)
# Every difference that was found on a day or settled on it, as it stood when the day closed.
_SIGNED_ITEMS = sql(
    """
    SELECT jsonb_build_array(i.id, i.side, i.subject, i.kind, i.reason, i.direction, i.ours,
                             i.theirs, i.state, i.owner, i.note_zh, i.effect, i.proposed_by,
                             i.settled_by)::text AS told, i.id, 0 AS part
    FROM reconciliation_item AS i WHERE i.book_id = :book_id AND i.day_on = :day
    UNION ALL
    SELECT jsonb_build_array(i.id, i.cleared_note_zh, i.cleared_effect, i.cleared_by)::text,
           i.id, 1
    FROM reconciliation_item AS i WHERE i.book_id = :book_id AND i.cleared_on = :day
    ORDER BY part, id
    """
)
_LEAVES = """
    SELECT l.settlement_no || '|' || l.direction || '|' || l.claim_no || '|' || l.payout_reference
           || '|' || l.amount_fen || '|' || l.settled_on AS told
    FROM statement_line AS l
    JOIN statement AS s ON s.id = l.statement_id AND s.discarded_at IS NULL
"""
_LEAVES_ORDER = """
    ORDER BY l.settlement_no COLLATE "C", l.direction COLLATE "C", l.claim_no COLLATE "C",
             l.payout_reference COLLATE "C", l.amount_fen, l.settled_on
"""
_ALL_LEAVES = sql(
    f"""
    {_LEAVES} WHERE l.book_id = :book_id AND l.side = :side AND l.book_on = :day {_LEAVES_ORDER}
    """
)
_PAIRED_LEAVES = sql(
    f"""
    {_LEAVES}
    JOIN reconciliation_pair AS p ON p.statement_id = l.statement_id AND p.line_no = l.line_no
    WHERE p.book_id = :book_id AND p.side = :side AND p.day_on = :day {_LEAVES_ORDER}
    """
)


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day of a book. `unowned`, `in_hand` and `carried` count differences; see `figures`."""

    book_id: UUID
    day_on: date
    number: str
    area_code: int
    insurer_code: str | None
    party: str
    state: str
    figures: Mapping[str, Any]
    matched_at: datetime | None
    closed_at: datetime | None
    closed_by: str | None
    before: bytes | None
    roots: Mapping[str, str] | None
    digest: bytes | None
    signature: bytes | None
    unowned: int
    in_hand: int
    carried: int


async def keep_day(
    tx: Tx, book: Book, day: date, number: str, figures: Mapping[str, object]
) -> None:
    """Write the figures of an open day of a held book."""
    await tx.sql.execute(
        _KEEP,
        {
            "book_id": book.id,
            "day": day,
            "number": number,
            "area_code": book.area_code,
            "insurer_code": book.insurer_code,
            "figures": plain(figures),
        },
    )


async def close_day(
    tx: Tx,
    book: Book,
    day: date,
    *,
    figures: Mapping[str, object],
    roots: Mapping[str, str],
    digest: bytes,
    signature: bytes,
) -> None:
    """Close a day of a held book for good, with what was signed."""
    await tx.sql.execute(
        _CLOSE,
        {
            "book_id": book.id,
            "day": day,
            "before": book.head,
            "figures": plain(figures),
            "roots": plain(roots),
            "digest": digest,
            "signature": signature,
        },
    )


async def read_day(tx: Tx, number: str) -> DayRow:
    """Give a day, or NotFound."""
    row = (await tx.sql.execute(_READ, {"number": number})).one_or_none()
    if row is None:
        raise NotFound("没有找到这一天的对账。", "There is no such reconciliation.")
    return record(DayRow, row)


async def days_of(tx: Tx, book: Book, state: str) -> list[DayRow]:
    """Give the open or the closed days of a book, oldest first."""
    rows = await tx.sql.execute(_OF_BOOK, {"book_id": book.id, "state": state})
    return [record(DayRow, row) for row in rows]


async def list_days(
    tx: Tx, *, party: str | None, state: str | None, before: tuple[date, str] | None, limit: int
) -> list[DayRow]:
    """Give days, the latest first."""
    rows = await tx.sql.execute(
        _LIST,
        {
            "party": party,
            "state": state,
            "before_day": None if before is None else before[0],
            "before_number": None if before is None else before[1],
            "limit": limit,
        },
    )
    return [record(DayRow, row) for row in rows]


async def first_busy_day(tx: Tx, book: Book, first_open: date, lo: int, hi: int) -> date | None:
    """Give the first open day on which anything happened; None when all is quiet."""
    values = {"book_id": book.id, "insurer_code": book.insurer_code, "lo": lo, "hi": hi}
    found: date | None = (
        await tx.sql.execute(_BUSY, {**values, "first_open": first_open})
    ).scalar_one()
    return found


async def moved_on(tx: Tx, book: Book, day: date, lo: int, hi: int) -> bool:
    """Tell whether we booked anything as paid on a day."""
    values = {"insurer_code": book.insurer_code, "lo": lo, "hi": hi, "day": day}
    found: bool = (await tx.sql.execute(_MOVED, values)).scalar_one()
    return found


async def leaves(tx: Tx, book: Book, side: str, day: date, *, paired: bool) -> AsyncIterator[str]:
    """Give the lines of a day as text, one after the other, in the order both sides can make."""
    statement = _PAIRED_LEAVES if paired else _ALL_LEAVES
    values = {"book_id": book.id, "side": side, "day": day}
    async with tx.sql.stream(statement, values) as rows:
        async for row in rows:
            yield row.told


async def signed_items(tx: Tx, book: Book, day: date) -> AsyncIterator[str]:
    """Give the differences of a day as text, one after the other."""
    async with tx.sql.stream(_SIGNED_ITEMS, {"book_id": book.id, "day": day}) as rows:
        async for row in rows:
            yield row.told
