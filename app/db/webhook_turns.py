"""Turns: an endpoint is worked on by one process at a time, under a lease with a fence.

So its events leave in order, and one that hangs keeps nobody waiting but itself. Leases use the
server's real clock; rests and retries business time, as what people wait for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from app.db.feed import page_within
from app.db.rows import sql
from app.db.session import Tx
from app.db.webhook_deliveries import Told
from app.db.webhook_endpoints import EndpointRow

HANDED_OUT_MOST = 500  # waiting at once; beyond it the feed keeps the rest
_TAKE = sql(
    """
    WITH due AS (
        SELECT e.id FROM webhook_endpoint AS e
        WHERE e.state = 'active'
          AND (e.lease_until IS NULL OR e.lease_until < clock_timestamp())
          AND (e.rest_until IS NULL OR e.rest_until <= business_now())
          AND (e.position < :head OR EXISTS (
            SELECT FROM webhook_delivery AS d
            WHERE d.endpoint_id = e.id AND d.state = 'waiting' AND d.next_at <= business_now()))
        ORDER BY e.turn_at NULLS FIRST LIMIT :limit FOR UPDATE OF e SKIP LOCKED
    )
    UPDATE webhook_endpoint AS t SET lease_until = clock_timestamp() + CAST(:lease AS interval),
        turn_at = clock_timestamp(), fence = t.fence + 1
    FROM due WHERE t.id = due.id
    RETURNING t.id
    """
)
_STILL_OURS = sql(
    "SELECT e.id FROM webhook_endpoint AS e "
    "WHERE e.id = :id AND e.fence = :fence AND e.state = 'active' FOR UPDATE"
)
_MOVE_ON = sql(
    "UPDATE webhook_endpoint SET position = greatest(position, :position) WHERE id = :id"
)
_WELL = sql(
    "UPDATE webhook_endpoint SET failures = 0, rest_until = NULL, delivered_at = business_now() "
    "WHERE id = :id"
)
_ILL = sql(
    """
    UPDATE webhook_endpoint SET failures = failures + 1,
        rest_until = CASE WHEN CAST(:rest AS interval) > interval '0'
                          THEN business_now() + CAST(:rest AS interval) END
    WHERE id = :id
    """
)
_LEAVE = sql("UPDATE webhook_endpoint SET lease_until = NULL WHERE id = :id AND fence = :fence")
_HEAD = sql("SELECT t.position FROM feed_tail AS t")


@dataclass(frozen=True, slots=True)
class News:
    """Events after a position, in order, and how far the feed has been looked through."""

    events: Sequence[Told]
    position: int


async def feed_head(tx: Tx) -> int:
    """Give the position of the newest event that anybody may be told."""
    head: int = (await tx.sql.execute(_HEAD)).scalar_one()
    return head


async def take_turns(tx: Tx, head: int, limit: int, lease: timedelta) -> list[UUID]:
    """Take endpoints that have something to be told, who waited longest first."""
    values = {"head": head, "limit": limit, "lease": lease}
    return list((await tx.sql.execute(_TAKE, values)).scalars())


async def still_ours(tx: Tx, endpoint: EndpointRow) -> bool:
    """Hold an endpoint whose turn is ours; False when it was taken over, ended or switched off."""
    values = {"id": endpoint.id, "fence": endpoint.fence}
    return (await tx.sql.execute(_STILL_OURS, values)).one_or_none() is not None


async def news_after(tx: Tx, after: int, types: Sequence[str], limit: int) -> News:
    """Give what the caller may be told of what happened after a position."""
    page = await page_within(tx, after, list(types) or None, limit)
    told = [
        Told(item.position, item.type, item.resource, item.number, item.version, item.at)
        for item in page.items
    ]
    return News(told, told[-1].seq if len(told) == limit else page.reached)


async def move_on(tx: Tx, endpoint_id: UUID, position: int) -> None:
    """Note how far in the feed a held endpoint's events are handed out."""
    await tx.sql.execute(_MOVE_ON, {"id": endpoint_id, "position": position})


async def note_taken(tx: Tx, endpoint_id: UUID) -> None:
    """Note that a held endpoint took something: it is well."""
    await tx.sql.execute(_WELL, {"id": endpoint_id})


async def note_refused(tx: Tx, endpoint_id: UUID, rest: timedelta) -> None:
    """Count a failure of a held endpoint, which rests for a while if it is not the first."""
    await tx.sql.execute(_ILL, {"id": endpoint_id, "rest": rest})


async def leave_turn(tx: Tx, endpoint: EndpointRow) -> None:
    """Give an endpoint back, if it is still ours."""
    await tx.sql.execute(_LEAVE, {"id": endpoint.id, "fence": endpoint.fence})
