"""List and count what waits for the caller, in its role and its area."""

from collections.abc import Sequence
from dataclasses import replace

from app.db.session import Tx
from app.db.shown_claims import shown_claims
from app.db.tasks import TaskCount, TaskRow
from app.db.tasks import count_tasks as count
from app.db.tasks import list_tasks as find
from app.domain.clocks import Clock, ClockKind
from app.domain.tasks import TaskKind
from app.services.claims.clocks_of import clocks_of

_CLOCKS = {TaskKind.DECIDE_CLAIM: ClockKind.DECIDE, TaskKind.PAY_CLAIM: ClockKind.PAY}


async def list_tasks(
    tx: Tx, kind: TaskKind | None, after: Sequence[str] | None, limit: int
) -> list[TaskRow]:
    """List what waits, by the day it is due; a kind that is not the role's finds nothing.

    Insurers' days are listed by the earliest that they can be and told as their clocks say: papers
    that were missing and days off only move them back.
    """
    return await find(tx, kind, after, limit)


async def with_days(tx: Tx, rows: Sequence[TaskRow]) -> list[TaskRow]:
    """Give the same rows with the days that the claims' clocks say."""
    timed = [row.claim_id for row in rows if row.claim_id is not None]
    if not timed:
        return list(rows)
    shown = {view.claim.id: clocks_of(view)[0] for view in await shown_claims(tx, timed)}
    return [row if row.claim_id is None else _timed(row, shown[row.claim_id]) for row in rows]


async def count_tasks(tx: Tx) -> list[TaskCount]:
    """Count what waits, by kind."""
    return await count(tx)


def _timed(row: TaskRow, running: Sequence[Clock]) -> TaskRow:
    wanted = _CLOCKS[TaskKind(row.kind)]
    found = [clock for clock in running if clock.kind is wanted and clock.done_on is None]
    return replace(row, due_on=found[-1].due_on if found else None)
