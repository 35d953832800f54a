"""Local standards as recorded for places and days; rows are only ever added."""

from collections.abc import Iterable
from datetime import date
from itertools import groupby

from app.db.ids import new_id
from app.db.session import Tx
from app.domain.figures import Sourced, Unit
from app.domain.standards import Standard, StandardRow

_ADD = """
    INSERT INTO local_standard (id, code, name_zh, place, from_on, value_fen, clause, unconfirmed,
                                recorded_by)
    SELECT $1::uuid, $2::text, $3::text, $4::text, $5::date, $6::bigint, $7::text, $8::text,
           $9::text
    WHERE ROW($6::bigint, $7::text, $8::text) IS DISTINCT FROM (
        SELECT ROW(s.value_fen, s.clause, s.unconfirmed) FROM local_standard AS s
        WHERE s.code = $2 AND s.place = $4 AND s.from_on = $5 ORDER BY s.id DESC LIMIT 1
    )
    RETURNING id
"""
# The last word for a place and day counts; places that hold the area, days up to the asked one.
_READ = """
    SELECT DISTINCT ON (code, place, from_on)
        code, name_zh, place, from_on, value_fen, clause, unconfirmed
    FROM local_standard
    WHERE code = ANY($1) AND from_on <= $3 AND starts_with($2, place)
    ORDER BY code, place, from_on, id DESC
"""


async def add_standard(tx: Tx, standard: Standard) -> int:
    """Record the rows that are new or say something else; gives how many those were."""
    added = 0
    for row in standard.rows:
        value = row.value
        written = await tx.row(
            _ADD,
            new_id(),
            standard.code,
            standard.name_zh,
            row.place,
            row.from_on,
            value.value,
            value.clause,
            value.unconfirmed,
            tx.caller.actor,
        )
        added += written is not None
    return added


async def standards_at(tx: Tx, codes: Iterable[str], area: str, on: date) -> dict[str, Standard]:
    """Give what is recorded of these standards for an area (digits) up to a day, by code.

    One statement; works outside of a transaction too, as standards are everybody's.
    """
    rows = await tx.rows(_READ, sorted(codes), area, on)
    return {
        code: Standard(
            code,
            found[-1]["name_zh"],
            tuple(
                StandardRow(
                    row["place"],
                    row["from_on"],
                    Sourced(row["value_fen"], Unit.FEN, row["clause"], row["unconfirmed"]),
                )
                for row in found
            ),
        )
        for code, group in groupby(rows, key=lambda row: str(row["code"]))
        for found in [list(group)]
    }
