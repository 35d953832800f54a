"""The differences of a book's days: who works on them, how they were settled, what is carried."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.db.rows import fields_of, sql
from app.db.session import Tx
from app.domain.errors import NotFound
from app.domain.matching import ItemState, Kind

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


async def _one_item(tx: Tx, statement: Any, item_id: int) -> ItemRow:
    row = (await tx.sql.execute(statement, {"id": item_id})).one_or_none()
    if row is None:
        raise NotFound("没有找到这条差异。", "There is no such difference.")
    return _item(row)


def _item(row: Any) -> ItemRow:
    fields = fields_of(row)
    return ItemRow(**(fields | {"kind": Kind(row.kind), "state": ItemState(row.state)}))
