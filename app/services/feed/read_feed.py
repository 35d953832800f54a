"""Read the change feed on from a place: what a caller may see, in one order, nothing twice."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.db.feed import FeedItem, read_page
from app.db.session import Database
from app.domain.caller import Caller
from app.domain.feed import Place, check_place, next_position


@dataclass(frozen=True, slots=True)
class FeedRead:
    """Some events, where their reader stands after them, and whether there are more now.

    Up to position `tail` nothing else was there for this caller.
    """

    items: tuple[FeedItem, ...]
    place: Place
    more: bool
    tail: int


async def read_feed(
    database: Database,
    caller: Caller,
    request_id: str | None,
    place: Place | None,
    wanted: Sequence[str] | None,
    limit: int,
) -> FeedRead:
    """Give up to `limit` events after a place; None is before the first that is kept.

    Raises FeedExpired, FeedRestored for a place that cannot be gone on from.
    """
    after = None if place is None else place.position
    page = await read_page(database, caller, request_id, after, wanted, limit + 1)
    if place is not None:
        check_place(place, page.standing)
    items, standing = page.items[:limit], page.standing
    more = len(page.items) > limit
    if more:
        position = items[-1].position
    else:
        began = items[-1].position if items else after
        if began is None:
            began = standing.forgotten
        position = next_position(began, page.reached, standing)
        more = page.reached < standing.tail and position == page.reached
    return FeedRead(items, Place(standing.life, position), more, standing.tail)


async def latest_place(database: Database, caller: Caller, request_id: str | None) -> Place:
    """Give the place after everything that is told by now."""
    standing = (await read_page(database, caller, request_id, None, (), 1)).standing
    return Place(standing.life, standing.tail)
