"""The days of a book: their figures, their differences, and what was signed when they closed."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.db.rows import fields_of, plain, record, sql
from app.db.session import Tx
from app.db.statements import Book
from app.domain.errors import NotFound
from app.domain.matching import ItemState, Kind

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
_ITEM_COLUMNS = """
    i.id, i.book_id, i.day_on, r.number, b.party, i.area_code, i.insurer_code, i.side, i.kind,
    i.reason, i.direction, i.claim_no, i.statement_id, i.line_no, i.attempt_id, i.ours, i.theirs,
    i.state, i.owner, i.note_zh, i.effect, i.proposed_by, i.settled_by, i.settled_at, i.cleared_on,
    i.cleared_by, i.cleared_note_zh, i.cleared_effect, i.cleared_at, i.found_at,
    business_today() - i.day_on AS age_days
"""
_ITEM_FROM = """
    FROM reconciliation_item AS i JOIN reconciliation_book AS b ON b.id = i.book_id
    JOIN reconciliation AS r ON r.book_id = i.book_id AND r.day_on = i.day_on
"""
_ITEM = sql(f"SELECT {_ITEM_COLUMNS} {_ITEM_FROM} WHERE i.id = :id")
_LOCK_ITEM = sql(f"SELECT {_ITEM_COLUMNS} {_ITEM_FROM} WHERE i.id = :id FOR UPDATE OF i")
_ITEMS = sql(
    f"""
    SELECT {_ITEM_COLUMNS} {_ITEM_FROM}
    WHERE r.number = :number
      AND (CAST(:kind AS text) IS NULL OR i.kind = :kind)
      AND (CAST(:state AS text) IS NULL OR i.state = :state)
      AND (CAST(:after AS bigint) IS NULL OR i.id > :after)
    ORDER BY i.id LIMIT :limit
    """
)
_CARRIED = sql(
    f"""
    SELECT {_ITEM_COLUMNS} {_ITEM_FROM}
    WHERE i.state = 'carried' AND i.cleared_on IS NULL
      AND (CAST(:party AS text) IS NULL OR b.party = :party)
      AND (CAST(:after AS bigint) IS NULL OR i.id > :after)
    ORDER BY i.id LIMIT :limit
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
_OWN = sql(
    "UPDATE reconciliation_item SET owner = CAST(:owner AS text), "
    "state = CASE WHEN CAST(:owner AS text) IS NULL THEN 'open' ELSE 'owned' END WHERE id = :id"
)
_SETTLE = sql(
    """
    UPDATE reconciliation_item SET state = :state, note_zh = :note_zh, effect = :effect,
        settled_by = ctx_actor(), settled_at = business_now()
    WHERE id = :id
    """
)
_PROPOSE = sql(
    "UPDATE reconciliation_item SET proposed_by = ctx_actor(), note_zh = :note_zh WHERE id = :id"
)
_CLEAR = sql(
    """
    UPDATE reconciliation_item SET cleared_on = :day, cleared_by = ctx_actor(),
        cleared_note_zh = :note_zh, cleared_effect = :effect, cleared_at = business_now()
    WHERE id = :id
    """
)
_CLAIM_LINES = sql(
    """
    SELECT coalesce(sum(CAST(i.theirs ->> 'amount_fen' AS bigint)), 0)::bigint
    FROM reconciliation_item AS i
    WHERE i.book_id = :book_id AND i.claim_no = :claim_no AND i.kind = 'only_theirs'
      AND i.direction = 'paid' AND i.side = :side
      AND (i.state IN ('open', 'owned') OR i.state = 'carried' AND i.cleared_on IS NULL)
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


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One difference. `ours` and `theirs` hold references, `amount_fen` and `on` where known.

    `settled_by` carried or resolved it on its day; `cleared_*` tell how a carried one ended, on
    the day `cleared_on` of the same book. `age_days` counts from its day.
    """

    id: int
    book_id: UUID
    day_on: date
    number: str
    party: str
    area_code: int
    insurer_code: str | None
    side: str
    kind: Kind
    reason: str | None
    direction: str
    claim_no: str
    statement_id: UUID | None
    line_no: int | None
    attempt_id: UUID | None
    ours: Mapping[str, Any]
    theirs: Mapping[str, Any]
    state: ItemState
    owner: str | None
    note_zh: str | None
    effect: str | None
    proposed_by: str | None
    settled_by: str | None
    settled_at: datetime | None
    cleared_on: date | None
    cleared_by: str | None
    cleared_note_zh: str | None
    cleared_effect: str | None
    cleared_at: datetime | None
    found_at: datetime
    age_days: int


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


async def read_item(tx: Tx, item_id: int) -> ItemRow:
    """Give a difference, or NotFound."""
    return await _one_item(tx, _ITEM, item_id)


async def lock_item(tx: Tx, item_id: int) -> ItemRow:
    """Give a difference and hold it; its book is to be held before."""
    return await _one_item(tx, _LOCK_ITEM, item_id)


async def items_of(
    tx: Tx,
    number: str,
    *,
    kind: str | None = None,
    state: str | None = None,
    after: int | None = None,
    limit: int = 1_000,
) -> list[ItemRow]:
    """Give differences of a day, oldest first."""
    rows = await tx.sql.execute(
        _ITEMS, {"number": number, "kind": kind, "state": state, "after": after, "limit": limit}
    )
    return [_item(row) for row in rows]


async def carried_items(
    tx: Tx, *, party: str | None, after: int | None, limit: int
) -> list[ItemRow]:
    """Give what was carried forward and is not settled yet, oldest first."""
    rows = await tx.sql.execute(_CARRIED, {"party": party, "after": after, "limit": limit})
    return [_item(row) for row in rows]


async def own_item(tx: Tx, item_id: int, owner: str | None) -> None:
    """Say who works on a held difference; None: nobody."""
    await tx.sql.execute(_OWN, {"id": item_id, "owner": owner})


async def settle_item(
    tx: Tx, item_id: int, state: ItemState, note_zh: str | None, effect: str | None
) -> None:
    """Resolve or carry a held difference; the caller is who does."""
    values = {"id": item_id, "state": state.value, "note_zh": note_zh, "effect": effect}
    await tx.sql.execute(_SETTLE, values)


async def propose_carry(tx: Tx, item_id: int, note_zh: str) -> None:
    """Note that the caller would carry a held difference forward, and why."""
    await tx.sql.execute(_PROPOSE, {"id": item_id, "note_zh": note_zh})


async def clear_item(tx: Tx, item_id: int, day: date, note_zh: str, effect: str) -> None:
    """Settle a carried difference on a later day of its book."""
    values = {"id": item_id, "day": day, "note_zh": note_zh, "effect": effect}
    await tx.sql.execute(_CLEAR, values)


async def told_paid_fen(tx: Tx, item: ItemRow) -> int:
    """Add up what a side lists as paid for a claim, of which we know nothing (fen)."""
    values = {"book_id": item.book_id, "claim_no": item.claim_no, "side": item.side}
    told: int = (await tx.sql.execute(_CLAIM_LINES, values)).scalar_one()
    return told


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


async def _one_item(tx: Tx, statement: Any, item_id: int) -> ItemRow:
    row = (await tx.sql.execute(statement, {"id": item_id})).one_or_none()
    if row is None:
        raise NotFound("没有找到这条差异。", "There is no such difference.")
    return _item(row)


def _item(row: Any) -> ItemRow:
    fields = fields_of(row)
    return ItemRow(**(fields | {"kind": Kind(row.kind), "state": ItemState(row.state)}))
