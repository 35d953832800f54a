"""The parts of a benefit that is paid month by month: when each is due, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from app.db.claims import ClaimRow
from app.db.ids import new_id
from app.db.rows import fields_of, plain, sql
from app.db.session import Tx
from app.domain.recurring import Ended, InstalmentState
from app.domain.schedule import Part

_COLUMNS = "i.id, i.claim_id, i.seq, i.due_on, i.amount_fen, i.state, i.ended_by, i.reason_zh"
_ADD = sql(
    """
    INSERT INTO instalment (id, area_code, insurer_code, claim_id, seq, due_on, amount_fen, state)
    SELECT p.id, :area_code, :insurer_code, :claim_id,
           p.place + coalesce((SELECT max(o.seq) FROM instalment AS o
                               WHERE o.claim_id = :claim_id), 0), p.due_on, p.amount_fen, 'planned'
    FROM jsonb_to_recordset(CAST(:parts AS jsonb)) AS p (
        id uuid, place integer, due_on date, amount_fen bigint)
    """
)
_OF = sql(f"SELECT {_COLUMNS} FROM instalment AS i WHERE i.claim_id = :claim_id ORDER BY i.seq")
_OPEN = sql("UPDATE instalment SET state = 'opened', updated_at = business_now() WHERE id = :id")
_STOP = sql(
    """
    UPDATE instalment SET state = 'stopped', ended_by = :ended_by, reason_zh = :reason_zh,
        updated_at = business_now()
    WHERE id = ANY(:ids)
    """
)
_DUE = sql(
    """
    SELECT DISTINCT c.claim_no FROM instalment AS i JOIN claim AS c ON c.id = i.claim_id
    WHERE i.state = 'planned' AND i.due_on <= business_today() AND c.status = 'paying'
    ORDER BY c.claim_no LIMIT 500
    """
)
# A death is told by the person's record or by the endorsement that takes the person off a roster.
# Cover under the scheme counts, by whichever of its policies; nobody is on an unnamed roster.
_LIFE = sql(
    """
    SELECT least(n.died_on, (
        SELECT min(d.effective_on) FROM endorsement_line AS l
        JOIN endorsement AS d ON d.id = l.endorsement_id
        WHERE l.person_id = n.id AND l.reason = 'died'
    )) AS died_on, (
        SELECT array_agg(upper(e.covered) - 1) FROM enrolment AS e
        JOIN policy AS p ON p.id = e.policy_id
        JOIN scheme_version AS v ON v.id = p.scheme_version_id
        WHERE e.person_id = n.id AND v.scheme_code = :scheme_code
    ) AS ends
    FROM person AS n WHERE n.id = :person_id
    """
)


@dataclass(frozen=True, slots=True)
class InstalmentRow:
    """One part of a benefit; fen, day in Asia/Shanghai."""

    id: UUID
    claim_id: UUID
    seq: int
    due_on: date
    amount_fen: int
    state: InstalmentState
    ended_by: Ended | None
    reason_zh: str | None


async def add_instalments(tx: Tx, claim: ClaimRow, parts: Sequence[Part]) -> None:
    """Plan the parts of a held claim's benefit."""
    if not parts:
        return
    rows = [
        {
            "id": str(new_id()),
            "place": place,
            "due_on": part.due_on.isoformat(),
            "amount_fen": part.amount_fen,
        }
        for place, part in enumerate(parts, start=1)
    ]
    values = {
        "area_code": claim.area_code,
        "insurer_code": claim.insurer_code,
        "claim_id": claim.id,
        "parts": plain(rows),
    }
    await tx.sql.execute(_ADD, values)


async def instalments_of(tx: Tx, claim_id: UUID) -> list[InstalmentRow]:
    """Give the parts of a claim's benefit in their order."""
    return [_opened(row) for row in await tx.sql.execute(_OF, {"claim_id": claim_id})]


async def planned_of(tx: Tx, claim_id: UUID) -> list[InstalmentRow]:
    """Give the parts of a held claim that are not due yet, or that nobody has opened."""
    found = await instalments_of(tx, claim_id)
    return [one for one in found if one.state is InstalmentState.PLANNED]


async def mark_opened(tx: Tx, instalment: InstalmentRow) -> None:
    """Mark a part of a held claim as opened: its payouts are there."""
    await tx.sql.execute(_OPEN, {"id": instalment.id})


async def mark_stopped(
    tx: Tx, instalments: Sequence[InstalmentRow], ended_by: Ended, reason_zh: str | None
) -> None:
    """Mark parts of a held claim as stopped, with what ended them."""
    values = {
        "ids": [one.id for one in instalments],
        "ended_by": ended_by.value,
        "reason_zh": reason_zh,
    }
    await tx.sql.execute(_STOP, values)


async def claims_with_due(tx: Tx) -> list[str]:
    """Give claims with a part that is due by the business day, at most 500."""
    return list((await tx.sql.execute(_DUE)).scalars())


async def life_of(tx: Tx, person_id: UUID, scheme_code: str) -> tuple[date | None, date | None]:
    """Give (the day a person died, the last day it is covered under a scheme); None: not known."""
    row = (await tx.sql.execute(_LIFE, {"person_id": person_id, "scheme_code": scheme_code})).one()
    return row.died_on, max(row.ends) if row.ends else None


def _opened(row: Any) -> InstalmentRow:
    fields = fields_of(row)
    fields["state"] = InstalmentState(row.state)
    fields["ended_by"] = None if row.ended_by is None else Ended(row.ended_by)
    return InstalmentRow(**fields)
