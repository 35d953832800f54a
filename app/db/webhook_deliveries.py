"""Deliveries: one row for each event that an endpoint is to be told, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.db.ids import new_id
from app.db.rows import plain, record, sql
from app.db.session import Tx
from app.db.webhook_endpoints import EndpointRow

KEPT_DAYS = 90  # as the change feed
_COLUMNS = """
    d.id, d.endpoint_id, d.seq, d.type, d.resource, d.number, d.event_version, d.happened_at,
    d.state, d.attempts, d.next_at, d.tried_at, d.status, d.reason, d.took_ms, d.delivered_at,
    d.created_at
"""
_READ = sql(
    f"SELECT {_COLUMNS} FROM webhook_delivery AS d "
    "WHERE d.endpoint_id = :endpoint_id AND d.id = :id"
)
_LIST = sql(
    f"""
    SELECT {_COLUMNS} FROM webhook_delivery AS d
    WHERE d.endpoint_id = :endpoint_id
      AND (CAST(:state AS text) IS NULL OR d.state = :state)
      AND (CAST(:before AS uuid) IS NULL OR d.id < :before)
    ORDER BY d.id DESC LIMIT :limit
    """
)
_HAND_OUT = sql(
    """
    INSERT INTO webhook_delivery (id, endpoint_id, area_lo, area_hi, insurer_code, seq, type,
                                  resource, number, event_version, happened_at)
    SELECT e.id, :endpoint_id, ctx_lo(), ctx_hi(), ctx_insurer(), e.seq, e.type, e.resource,
           e.number, e.event_version, e.happened_at
    FROM jsonb_to_recordset(CAST(:events AS jsonb)) AS e (
        id uuid, seq bigint, type text, resource text, number text, event_version integer,
        happened_at timestamptz)
    ON CONFLICT (endpoint_id, seq) WHERE seq > 0 DO NOTHING
    """
)
_PING = sql(
    """
    INSERT INTO webhook_delivery (id, endpoint_id, area_lo, area_hi, insurer_code, seq, type,
                                  resource, number, event_version, happened_at)
    VALUES (:id, :endpoint_id, ctx_lo(), ctx_hi(), ctx_insurer(), 0, 'webhook.ping', 'webhook',
            :number, :version, business_now())
    """
)
# In the feed's order, whatever was tried before; a ping goes first, since somebody waits for it.
_DUE = sql(
    f"""
    SELECT {_COLUMNS} FROM webhook_delivery AS d
    WHERE d.endpoint_id = :endpoint_id AND d.state = 'waiting' AND d.next_at <= business_now()
    ORDER BY d.seq, d.id LIMIT :limit
    """
)
_RECORD = sql(
    """
    UPDATE webhook_delivery SET attempts = attempts + 1, tried_at = clock_timestamp(),
        state = :state, status = :status, reason = :reason, took_ms = :took_ms,
        next_at = business_now() + CAST(:pause AS interval),
        delivered_at = CASE WHEN :state = 'delivered' THEN business_now() END
    WHERE id = :id AND state = 'waiting'
    """
)
_AGAIN = """
    SET state = 'waiting', attempts = 0, next_at = business_now(), delivered_at = NULL,
        reason = NULL, status = NULL
"""
_REPLAY = sql(
    f"""
    UPDATE webhook_delivery {_AGAIN}
    WHERE endpoint_id = :endpoint_id AND id = :id RETURNING id
    """
)
_REPLAY_FAILED = sql(
    f"""
    UPDATE webhook_delivery {_AGAIN}
    WHERE endpoint_id = :endpoint_id AND state = 'failed' AND happened_at >= :since
    """
)
# After an outage what waits for its next attempt need not wait longer.
_BACK = sql(
    """
    UPDATE webhook_delivery SET next_at = business_now()
    WHERE endpoint_id = :endpoint_id AND state = 'waiting' AND next_at > business_now()
    """
)
_OUTLIVED = sql(
    """
    DELETE FROM webhook_delivery WHERE id IN (
        SELECT d.id FROM webhook_delivery AS d
        WHERE d.created_at < business_now() - make_interval(days => :days)
          AND d.state <> 'waiting' LIMIT :limit)
    """
)


@dataclass(frozen=True, slots=True)
class Told:
    """One event as an endpoint is told of it: its place in the feed, what it is about, when."""

    seq: int
    type: str
    resource: str
    number: str
    version: int
    at: datetime


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One delivery; its id is the message's id for ever, however often it is sent (instants UTC).

    `status` and `reason` tell of the last attempt, `took_ms` how long that was; `next_at` when a
    waiting one is tried next; `seq` is 0 for a ping.
    """

    id: UUID
    endpoint_id: UUID
    seq: int
    type: str
    resource: str
    number: str
    event_version: int
    happened_at: datetime
    state: str
    attempts: int
    next_at: datetime
    tried_at: datetime | None
    status: int | None
    reason: str | None
    took_ms: int | None
    delivered_at: datetime | None
    created_at: datetime


async def list_deliveries(
    tx: Tx, endpoint_id: UUID, *, state: str | None, before: UUID | None, limit: int
) -> list[DeliveryRow]:
    """Give an endpoint's deliveries, newest first."""
    rows = await tx.sql.execute(
        _LIST, {"endpoint_id": endpoint_id, "state": state, "before": before, "limit": limit}
    )
    return [record(DeliveryRow, row) for row in rows]


async def find_delivery(tx: Tx, endpoint_id: UUID, delivery_id: UUID) -> DeliveryRow | None:
    """Give one delivery of an endpoint."""
    values = {"endpoint_id": endpoint_id, "id": delivery_id}
    row = (await tx.sql.execute(_READ, values)).one_or_none()
    return None if row is None else record(DeliveryRow, row)


async def hand_out(tx: Tx, endpoint_id: UUID, events: Sequence[Told]) -> None:
    """Hand events out to an endpoint in their order; what it has already stays as it is."""
    if not events:
        return
    handed = [
        {
            "id": str(row_id),
            "seq": event.seq,
            "type": event.type,
            "resource": event.resource,
            "number": event.number,
            "event_version": event.version,
            "happened_at": event.at.isoformat(),
        }
        for row_id, event in zip(sorted(new_id() for _ in events), events, strict=True)
    ]
    await tx.sql.execute(_HAND_OUT, {"endpoint_id": endpoint_id, "events": plain(handed)})


async def add_ping(tx: Tx, endpoint: EndpointRow) -> UUID:
    """Have an endpoint called for a trial; give the delivery's id."""
    row_id = new_id()
    await tx.sql.execute(
        _PING,
        {
            "id": row_id,
            "endpoint_id": endpoint.id,
            "number": str(endpoint.id),
            "version": endpoint.version,
        },
    )
    return row_id


async def due_deliveries(tx: Tx, endpoint_id: UUID, limit: int) -> list[DeliveryRow]:
    """Give what an endpoint is to be told now, in the feed's order."""
    rows = await tx.sql.execute(_DUE, {"endpoint_id": endpoint_id, "limit": limit})
    return [record(DeliveryRow, row) for row in rows]


async def record_attempt(
    tx: Tx,
    delivery_id: UUID,
    state: str,
    *,
    status: int | None,
    reason: str | None,
    took_ms: int,
    pause: timedelta = timedelta(),
) -> None:
    """Note what came of an attempt; a waiting one is tried again after the pause."""
    values = {"status": status, "reason": reason, "took_ms": took_ms, "pause": pause}
    await tx.sql.execute(_RECORD, {"id": delivery_id, "state": state, **values})


async def replay_delivery(tx: Tx, endpoint_id: UUID, delivery_id: UUID) -> bool:
    """Have a delivery sent anew under its own message id; False when there is none."""
    values = {"endpoint_id": endpoint_id, "id": delivery_id}
    return (await tx.sql.execute(_REPLAY, values)).one_or_none() is not None


async def replay_failed(tx: Tx, endpoint_id: UUID, since: datetime) -> int:
    """Have everything sent anew that happened since then and failed; give how many."""
    values = {"endpoint_id": endpoint_id, "since": since}
    return (await tx.sql.execute(_REPLAY_FAILED, values)).rowcount


async def bring_forward(tx: Tx, endpoint_id: UUID) -> None:
    """Let everything that waits for a later attempt be due now."""
    await tx.sql.execute(_BACK, {"endpoint_id": endpoint_id})


async def drop_deliveries(tx: Tx, limit: int) -> int:
    """Remove some deliveries that are over and older than the feed keeps events."""
    return (await tx.sql.execute(_OUTLIVED, {"days": KEPT_DAYS, "limit": limit})).rowcount
