"""Give events their places in the feed: one round of its tail."""

from app.db.feed import advance
from app.db.session import Database
from app.domain.caller import worker

MOST = 50_000  # a backlog of a day is then taken in a minute
_TAIL = worker("feed")


async def number_events(database: Database, most: int = MOST) -> bool:
    """Number what has committed since the last round; tell whether there may be more at once.

    Any number of tails may try: one is at work at a time, and what it did counts when it commits.
    """
    async with database.asking(_TAIL) as tx:
        return await advance(tx, most) == most
