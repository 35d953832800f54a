"""Areas: names and levels of the administrative divisions."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.db.rows import plain, record, sql
from app.db.session import Tx

_LOAD = sql(
    """
    INSERT INTO area (code, name_zh, level, parent_code)
    SELECT code, name_zh, level, parent_code FROM jsonb_to_recordset(CAST(:areas AS jsonb))
        AS a (code bigint, name_zh text, level text, parent_code bigint)
    ON CONFLICT (code) DO UPDATE SET name_zh = excluded.name_zh
        WHERE area.name_zh <> excluded.name_zh
    """
)
_LIST = sql(
    "SELECT code, name_zh, level, parent_code FROM area "
    "WHERE code >= :lo AND code < :hi ORDER BY code LIMIT :limit"
)


@dataclass(frozen=True, slots=True)
class Area:
    """One area by its 12-digit code; `parent_code` is None at the top."""

    code: int
    name_zh: str
    level: str
    parent_code: int | None


async def load_areas(tx: Tx, areas: Sequence[Area]) -> None:
    """Store areas; one that is there already gets the given name."""
    rows = [{name: getattr(area, name) for name in Area.__slots__} for area in areas]
    await tx.sql.execute(_LOAD, {"areas": plain(rows)})


async def list_areas(tx: Tx, lo: int, hi: int, limit: int) -> list[Area]:
    """Give the areas in a half-open range of codes, in order, at most `limit`."""
    rows = await tx.sql.execute(_LIST, {"lo": lo, "hi": hi, "limit": limit})
    return [record(Area, row) for row in rows]
