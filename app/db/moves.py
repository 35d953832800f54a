"""People who move: their record goes along, their cases stay; what was done for them before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.db.rows import record, sql
from app.db.session import Tx

_MOVE = sql("SELECT move_person(:person_id, :area_code)")
_HISTORY = sql("SELECT * FROM history_of(:person_id)")
_LIVING = sql(
    """
    SELECT id, area_code FROM person WHERE area_code >= :lo AND area_code < :hi
    ORDER BY id LIMIT :limit FOR UPDATE
    """
)


@dataclass(frozen=True, slots=True)
class PastCase:
    """A notice that was filed for somebody, with one of its claims if there is any; fen and UTC."""

    notice_no: str
    area_code: int
    notice_status: str
    submitted_at: datetime
    claim_no: str | None
    event_on: date | None
    scheme_name_zh: str | None
    status: str | None
    outcome: str | None
    decided_fen: int | None
    paid_fen: int | None


async def move_person(tx: Tx, person_id: UUID, area_code: int) -> list[str]:
    """Take a held person's record, consents and covers to another area, also beyond the caller's.

    Gives the numbers of the policies whose cover does not go along: they are of the old place.
    """
    values = {"person_id": person_id, "area_code": area_code}
    return list((await tx.sql.execute(_MOVE, values)).scalars())


async def history_of(tx: Tx, person_id: UUID) -> list[PastCase]:
    """Give what was filed for a person of the caller's area, wherever, newest first, at most 200.

    Nothing for a person whom the caller does not see.
    """
    rows = await tx.sql.execute(_HISTORY, {"person_id": person_id})
    return [record(PastCase, row) for row in rows]


async def people_within(tx: Tx, lo: int, hi: int, limit: int) -> Sequence[tuple[UUID, int]]:
    """Give and hold some people of a half-open range of areas, each with their area."""
    rows = await tx.sql.execute(_LIVING, {"lo": lo, "hi": hi, "limit": limit})
    return [(row.id, row.area_code) for row in rows]
