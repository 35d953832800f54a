"""Areas: names and levels of the administrative divisions, and which have been merged away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.db.rows import plain, record, sql
from app.db.session import Tx

_COLUMNS = "code, name_zh, level, parent_code, valid_from, valid_to, successor_code"
_LOAD = sql(
    """
    INSERT INTO area (code, name_zh, level, parent_code, valid_from)
    SELECT code, name_zh, level, parent_code, valid_from
    FROM jsonb_to_recordset(CAST(:areas AS jsonb)) AS a (
        code bigint, name_zh text, level text, parent_code bigint, valid_from date)
    ON CONFLICT (code) DO UPDATE SET name_zh = excluded.name_zh
        WHERE area.name_zh <> excluded.name_zh
    """
)
_LIST = sql(
    f"SELECT {_COLUMNS} FROM area WHERE code >= :lo AND code < :hi ORDER BY code LIMIT :limit"
)
_END = sql(
    """
    UPDATE area SET valid_to = :last_on, successor_code = :successor
    WHERE code >= :lo AND code < :hi AND valid_to IS NULL
    """
)
# The area itself or one that it lies in, whichever ended first.
_OVER = sql(
    f"""
    SELECT {_COLUMNS} FROM area
    WHERE code = ANY(CAST(:codes AS bigint[])) AND valid_to < CAST(:on AS date)
    ORDER BY valid_to, code LIMIT 1
    """
)


@dataclass(frozen=True, slots=True)
class Area:
    """One area by its 12-digit code; `parent_code` is None at the top.

    `valid_to` is its last day (Asia/Shanghai), `successor_code` the area that took its place.
    """

    code: int
    name_zh: str
    level: str
    parent_code: int | None
    valid_from: date | None = None
    valid_to: date | None = None
    successor_code: int | None = None


async def load_areas(tx: Tx, areas: Sequence[Area]) -> int:
    """Store areas; one that is there gets the given name. Give how many are new or renamed."""
    rows = [
        {
            "code": area.code,
            "name_zh": area.name_zh,
            "level": area.level,
            "parent_code": area.parent_code,
            "valid_from": area.valid_from.isoformat() if area.valid_from else None,
        }
        for area in areas
    ]
    return (await tx.sql.execute(_LOAD, {"areas": plain(rows)})).rowcount


async def list_areas(tx: Tx, lo: int, hi: int, limit: int) -> list[Area]:
    """Give the areas in a half-open range of codes, in order, at most `limit`."""
    rows = await tx.sql.execute(_LIST, {"lo": lo, "hi": hi, "limit": limit})
    return [record(Area, row) for row in rows]


async def end_areas(tx: Tx, lo: int, hi: int, last_on: date, successor: int) -> int:
    """End an area and all within it on a day, for a successor; give how many ended."""
    values = {"lo": lo, "hi": hi, "last_on": last_on, "successor": successor}
    return (await tx.sql.execute(_END, values)).rowcount


async def area_over(tx: Tx, codes: Sequence[int], on: date) -> Area | None:
    """Give the first of these areas that had ended before a day, None when all were in force."""
    row = (await tx.sql.execute(_OVER, {"codes": list(codes), "on": on})).one_or_none()
    return None if row is None else record(Area, row)
