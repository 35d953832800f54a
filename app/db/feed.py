"""The change feed: events in one order of their own, given after the commit by a single tail.

A sequence is drawn before the commit, so whoever reads by it loses what commits late. Two ways out
were weighed. To hold back to the oldest open transaction needs no second table, but one forgotten
session stops every reader, and transaction ids mean nothing after a restore to another server. So a
tail gives positions: each round takes exactly what the last round's snapshot did not see and its
own does. Nothing waits for anybody, a place is a plain number, and it costs the business
transaction one index entry; the copy is written beside it, in batches, and is what 90 days are kept
of.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.db.rows import sql
from app.db.session import Database, Tx
from app.domain.caller import Caller
from app.domain.feed import KEPT_DAYS, LOOKED_AT_MOST, Standing

_BEGIN_AGAIN = sql("SELECT feed_begin_again()")
_LAG = sql(
    """
    SELECT coalesce(extract(epoch FROM business_now() - min(e.at)) * 1000, 0)::bigint
    FROM event AS e, feed_tail AS t
    WHERE t.cluster = feed_cluster() AND e.seq > greatest(t.floor_seq, t.doing_seq)
      AND e.txid >= pg_snapshot_xmin(t.done::pg_snapshot)
      AND e.txid < pg_snapshot_xmax(pg_current_snapshot())
      AND NOT pg_visible_in_snapshot(e.txid, t.done::pg_snapshot)
    """
)
_FORGET = sql(
    """
    WITH gone AS (
        DELETE FROM feed WHERE position IN (
            SELECT position FROM feed
            WHERE told_at < business_now() - make_interval(days => :days)
              AND position <= (SELECT forgotten FROM feed_tail) + :limit)
        RETURNING position
    ), moved AS (
        UPDATE feed_tail SET forgotten = (SELECT max(position) FROM gone)
        WHERE EXISTS (SELECT FROM gone)
    )
    SELECT count(*) FROM gone
    """
)


@dataclass(frozen=True, slots=True)
class FeedItem:
    """What is told of one event; `number` is the thing's business number, `at` business time."""

    position: int
    type: str
    at: datetime
    resource: str
    number: str
    version: int


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Some items after a position, and how the feed stands.

    Up to `reached` everything was looked at, unless there are as many items as were asked for.
    """

    items: tuple[FeedItem, ...]
    reached: int
    standing: Standing


async def read_page(
    database: Database,
    caller: Caller,
    request_id: str | None,
    after: int | None,
    wanted: Sequence[str] | None,
    most: int,
) -> FeedPage:
    """Give up to `most` events that the caller may see, after a position (None: the first kept).

    `wanted` are types or resources, None for all. One round trip, outside of any transaction.
    """
    async with database.asking(caller, request_id) as tx:
        return await page_within(tx, after, wanted, most)


async def page_within(
    tx: Tx, after: int | None, wanted: Sequence[str] | None, most: int
) -> FeedPage:
    """Give what `read_page` gives, within what is open already."""
    types = None if wanted is None else list(wanted)
    *rows, head = await tx.asked("feed_page", after, types, most, LOOKED_AT_MOST)
    lives = [(life, began) for life, began in head["lives"]]
    standing = Standing(head["tail"], head["forgotten"], lives)
    items = tuple(FeedItem(*tuple(row.values())[4:]) for row in rows)
    return FeedPage(items, head["reached"], standing)


async def advance(tx: Tx, most: int) -> int | None:
    """Give positions to at most `most` events that have none; None when another tail is at work.

    As many as `most`: there may be more.
    """
    taken: int = (await tx.asked("feed_advance", most))[0][0]
    return None if taken < 0 else taken


async def begin_again(tx: Tx) -> None:
    """Begin another life of the feed, as after a restore that no other sign gives away."""
    await tx.sql.execute(_BEGIN_AGAIN)


async def lag_ms(tx: Tx) -> int:
    """Give the age in ms of the oldest event that has no position yet; 0 when there is none."""
    lag: int = (await tx.sql.execute(_LAG)).scalar_one()
    return max(0, lag)


async def forget_old(tx: Tx, limit: int) -> int:
    """Remove some of what is older than is kept, the oldest first; for the keeper alone."""
    values = {"days": KEPT_DAYS, "limit": limit}
    count: int = (await tx.sql.execute(_FORGET, values)).scalar_one()
    return count
