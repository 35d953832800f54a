"""The guard: asks round after round whether everything that must hold does hold.

Bounded: a round ends within its seconds, each question is cut off with it, and what was not come to
is asked first in the next round. Nothing is written while a question is open.
"""

import time
from datetime import UTC, datetime, timedelta

from app.db.guard import (
    MEASURES,
    Unanswered,
    keep_gauge,
    keep_miss,
    last_tried,
    looking,
    measure,
)
from app.db.invariants import INVARIANTS, Finding, Invariant, check
from app.db.jobs import Job, enqueue, finish
from app.db.session import Database
from app.domain.caller import worker
from app.observe import get_logger
from app.services.holds.keep_finding import keep_finding

log = get_logger(__name__)

GUARD = "guard"
SUBJECT = "invariants"
CALLER = worker(GUARD)
_NEVER = datetime.min.replace(tzinfo=UTC)


async def do_guard_job(
    database: Database, job: Job, *, every: timedelta, round_seconds: float
) -> None:
    """Do one round, then finish the job and enqueue the next round."""
    await guard_round(database, round_seconds)
    async with database.transaction(CALLER) as tx:
        if await finish(tx, job):
            await enqueue(tx, GUARD, SUBJECT, delay=every)


async def guard_round(database: Database, seconds: float) -> int:
    """Take every figure and ask about every invariant that there is time for; give how many."""
    until = time.monotonic() + seconds
    asked = 0
    for invariant in await _longest_waiting(database):
        left = until - time.monotonic()
        if left <= 0:
            break
        await _ask(database, invariant, left)
        asked += 1
    for name in MEASURES:
        left = until - time.monotonic()
        if left <= 0:
            break
        await _measure(database, name, left)
    return asked


async def _longest_waiting(database: Database) -> list[Invariant]:
    async with database.transaction(CALLER) as tx:
        tried = await last_tried(tx)
    return sorted(INVARIANTS, key=lambda one: tried.get(one.number, _NEVER))


async def _ask(database: Database, invariant: Invariant, seconds: float) -> None:
    began = time.monotonic()
    try:
        async with looking(database, CALLER, seconds) as tx:
            found = await check(tx, invariant)
    except Unanswered as unanswered:
        log.warning("guard.unanswered", invariant=invariant.number, fault=unanswered.fault)
        async with database.transaction(CALLER) as tx:
            await keep_miss(tx, invariant.number, unanswered.fault, _since(began))
        return
    await keep_finding(database, found, _since(began))
    if found.broken:
        _sound(found)


def _since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)


def _sound(found: Finding) -> None:
    log.error(
        "guard.red",
        invariant=found.invariant.number,
        name=found.invariant.name_en,
        broken=found.broken,
        policies=len(found.by_policy),
    )


async def _measure(database: Database, name: str, seconds: float) -> None:
    try:
        async with looking(database, CALLER, seconds) as tx:
            samples = await measure(tx, name)
    except Unanswered as unanswered:
        log.warning("guard.unmeasured", name=name, fault=unanswered.fault)
        return
    async with database.transaction(CALLER) as tx:
        await keep_gauge(tx, name, samples)
