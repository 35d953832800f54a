"""One endpoint's turn: hand the news out to it, say what goes now, keep what came of each call."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from app.db.session import Tx
from app.db.webhook_deliveries import (
    DeliveryRow,
    bring_forward,
    due_deliveries,
    hand_out,
    record_attempt,
)
from app.db.webhook_endpoints import EndpointRow, end_endpoint, endpoint_keys, find_endpoint
from app.db.webhook_turns import (
    HANDED_OUT_MOST,
    feed_head,
    leave_turn,
    move_on,
    news_after,
    note_refused,
    note_taken,
    still_ours,
    take_turns,
)
from app.domain.webhook import (
    BREAKER_FAILURES,
    GONE,
    JITTER_PER_MILLE,
    UNREACHABLE,
    DeliveryState,
    EndpointState,
    pause_after,
    rest_after,
)
from app.outside.webhooks import Told
from app.services.webhooks.held import tell_endpoint

NEWS_AT_ONCE = 100
AT_ONCE = 20  # deliveries of one turn


@dataclass(frozen=True, slots=True)
class Turn:
    """What one endpoint is to be told now, in this order, and the keys that sign it."""

    endpoint: EndpointRow
    due: Sequence[DeliveryRow]
    secrets: Sequence[str] = field(repr=False)


async def begin_turns(tx: Tx, limit: int, lease: timedelta) -> list[EndpointRow]:
    """Take endpoints that have something to be told; as the service itself."""
    taken = await take_turns(tx, await feed_head(tx), limit, lease)
    found = [await find_endpoint(tx, endpoint_id) for endpoint_id in taken]
    return [endpoint for endpoint in found if endpoint is not None]


async def open_turn(tx: Tx, endpoint: EndpointRow) -> Turn | None:
    """Hand out what is new in its scope, as its own principal; None when the turn was lost."""
    if not await still_ours(tx, endpoint):
        return None
    if endpoint.waiting < HANDED_OUT_MOST:
        news = await news_after(tx, endpoint.position, endpoint.types, NEWS_AT_ONCE)
        await hand_out(tx, endpoint.id, news.events)
        await move_on(tx, endpoint.id, news.position)
    due = await due_deliveries(tx, endpoint.id, AT_ONCE)
    return Turn(endpoint, due, await endpoint_keys(tx, endpoint.id))


async def record_told(tx: Tx, endpoint: EndpointRow, delivery: DeliveryRow, told: Told) -> bool:
    """Keep what came of a call; tell whether the turn goes on.

    It ends when the endpoint was taken over or switched off, when it rests, and when it wants
    nothing any more (410) or nothing reached it over the whole table of retries: then it is
    switched off, which is an event like any other.
    """
    if not await still_ours(tx, endpoint):
        return False
    now = await find_endpoint(tx, endpoint.id)
    assert now is not None, "it is held"
    if told.taken:
        await _keep(tx, delivery.id, DeliveryState.DELIVERED, told)
        if now.failures >= BREAKER_FAILURES:
            await bring_forward(tx, endpoint.id)
        await note_taken(tx, endpoint.id)
        return True
    jitter = random.randint(0, JITTER_PER_MILLE)  # noqa: S311 - spreads calls, keeps no secret
    pause = pause_after(delivery.attempts + 1, jitter)
    over = told.gone or pause is None
    state = DeliveryState.FAILED if over else DeliveryState.WAITING
    await _keep(tx, delivery.id, state, told, pause or timedelta())
    rest = max(rest_after(now.failures + 1), timedelta(seconds=told.retry_after_seconds or 0))
    await note_refused(tx, endpoint.id, rest)
    if told.gone or (pause is None and _nothing_since(now, delivery)):
        await _switch_off(tx, now, GONE if told.gone else UNREACHABLE)
        return False
    return rest == timedelta()


async def end_turn(tx: Tx, endpoint: EndpointRow) -> None:
    """Give the endpoint back."""
    await leave_turn(tx, endpoint)


def _nothing_since(endpoint: EndpointRow, delivery: DeliveryRow) -> bool:
    """Tell whether nothing reached the endpoint since a delivery was handed out."""
    return endpoint.delivered_at is None or endpoint.delivered_at < delivery.created_at


async def _keep(
    tx: Tx,
    delivery_id: UUID,
    state: DeliveryState,
    told: Told,
    pause: timedelta = timedelta(),
) -> None:
    await record_attempt(
        tx,
        delivery_id,
        state.value,
        status=told.status,
        reason=told.reason,
        took_ms=told.took_ms,
        pause=pause,
    )


async def _switch_off(tx: Tx, endpoint: EndpointRow, reason: str) -> None:
    version = await end_endpoint(tx, endpoint.id, EndpointState.DISABLED, reason)
    detail = {"reason": reason}
    await tell_endpoint(
        tx, endpoint, version, "webhook.disable", detail, now=EndpointState.DISABLED
    )
