"""What has outlived its purpose, by class; removed a few rows at a time by nobody but the keeper.

The context `retention` is no caller's. What the law keeps for six months the database itself keeps:
see the trigger on `access`. Ledger, events and audit have no end.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID

from app.db.feed import forget_old
from app.db.rows import sql
from app.db.session import Database, Tx
from app.db.webhook_deliveries import drop_deliveries
from app.domain.caller import AREA_END, Caller, Role

CHUNK = 500
JOB_DAYS = 30
_NOBODY = Caller(Role.SECURITY, 0, AREA_END, "cli")
_AS_RETENTION = sql("SELECT set_context(0, :end, NULL, 'retention', 'cli', NULL)")
_ANSWERS = sql(
    """
    DELETE FROM idempotency WHERE (principal, route, key) IN (
        SELECT principal, route, key FROM idempotency
        WHERE expires_at < business_now() LIMIT :limit)
    """
)
_JOBS = sql(
    """
    DELETE FROM job WHERE id IN (
        SELECT id FROM job
        WHERE state = 'done' AND done_at < now() - make_interval(days => :days) LIMIT :limit)
    """
)
_ACCESSES = sql(
    """
    DELETE FROM access WHERE id IN (
        SELECT id FROM access
        WHERE at < clock_timestamp() - make_interval(days => :days) ORDER BY id LIMIT :limit)
    """
)
_CALLBACKS = sql(
    """
    UPDATE callback_event SET body_sealed = '' WHERE id IN (
        SELECT id FROM callback_event
        WHERE body_sealed <> '' AND state NOT IN ('received', 'parked')
          AND settled_at < business_now() - make_interval(days => :days)
        ORDER BY id LIMIT :limit)
    """
)
_DRAFTS = sql(
    """
    SELECT id, notice_no FROM notice
    WHERE status = 'draft' AND updated_at < business_now() - make_interval(days => :days)
    ORDER BY id LIMIT :limit
    """
)
_EMPTY_DRAFT = sql(
    """
    UPDATE notice SET personal_sealed = '', client_ref = NULL, content = (
        content - 'stays' - 'injuries' - 'extra') || '{"bills": []}'
    WHERE id = :id
    """
)


@asynccontextmanager
async def keeper(database: Database) -> AsyncGenerator[Tx]:
    """Open a transaction in the context that may remove; no caller of the door has it."""
    async with database.bare(_NOBODY) as tx:
        await tx.sql.execute(_AS_RETENTION, {"end": AREA_END})
        yield tx


async def drop_answers(tx: Tx) -> int:
    """Remove some kept answers whose 30 days are over."""
    return (await tx.sql.execute(_ANSWERS, {"limit": CHUNK})).rowcount


async def drop_jobs(tx: Tx) -> int:
    """Remove some jobs that were done long ago; dead ones wait for a person."""
    return (await tx.sql.execute(_JOBS, {"limit": CHUNK, "days": JOB_DAYS})).rowcount


async def drop_accesses(tx: Tx, days: int) -> int:
    """Remove some records of access older than `days`; the audit chain keeps its own rows."""
    return (await tx.sql.execute(_ACCESSES, {"limit": CHUNK, "days": days})).rowcount


async def empty_callbacks(tx: Tx, days: int) -> int:
    """Empty the bodies of some callbacks settled more than `days` ago; the rows stay for ever."""
    return (await tx.sql.execute(_CALLBACKS, {"limit": CHUNK, "days": days})).rowcount


async def drop_news(tx: Tx) -> int:
    """Remove some of the feed that is older than it keeps; the events themselves have no end."""
    return await forget_old(tx, CHUNK)


async def drop_told(tx: Tx) -> int:
    """Remove some deliveries that are over and older than the feed keeps events."""
    return await drop_deliveries(tx, CHUNK)


async def old_drafts(tx: Tx, days: int) -> list[tuple[UUID, str]]:
    """Give (row id, number) of some drafts nobody has touched for `days`."""
    rows = await tx.sql.execute(_DRAFTS, {"limit": CHUNK, "days": days})
    return [(row.id, row.notice_no) for row in rows]


async def empty_draft(tx: Tx, notice_id: UUID) -> None:
    """Empty a discarded draft of everybody it names."""
    await tx.sql.execute(_EMPTY_DRAFT, {"id": notice_id})
