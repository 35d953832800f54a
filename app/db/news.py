"""What has moved since a process last looked: asked straight of the events, a few times a second.

Not told by LISTEN and NOTIFY. A lost notification is noticed by nobody, while a look that fails is
its own alarm; a look needs no session of its own, so it passes any pooler, and waits for no tail.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.db.session import Database
from app.domain.caller import worker

MOST = 2_000  # moves told one by one; more are told as "very much"
_EVERYTHING = 2**63 - 1
_SEES_ALL = f"{_EVERYTHING}:{_EVERYTHING}:"
_WATCHER = worker("watcher")


@dataclass(frozen=True, slots=True)
class News:
    """What one look found.

    `seen` is the snapshot that it saw by, on the server `cluster`; `today` and `ahead` are of the
    business clock. `moved` holds (resource, area, number of the notice or claim), None when there
    was too much. `tail` is how far the feed has come, `told` for whom: (county's first six digits,
    insurer, newest position), None when there was too much.
    """

    seen: str
    cluster: str
    today: date
    ahead: timedelta
    tail: int
    moved: Sequence[tuple[str, int, str | None]] | None
    told: Sequence[tuple[int, str | None, int]] | None


async def look_for_news(database: Database, since: News | None) -> News:
    """Look what has moved since a look (None: begin; nothing has). Raises what the driver raises.

    Every committed move is in exactly one of the looks that follow each other, in whatever order
    transactions began, and however long others stay open.
    """
    snapshot, position = (_SEES_ALL, _EVERYTHING) if since is None else (since.seen, since.tail)
    async with database.watching(_WATCHER) as tx:
        (row,) = await tx.asked("look_for_news", snapshot, position, MOST)
    return News(*row.values())
