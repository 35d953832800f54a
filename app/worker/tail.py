"""The feed's tail: a few times a second it numbers what has committed, beside the jobs."""

import asyncio

from app.db.session import Database
from app.observe import get_logger
from app.services.feed.number_events import number_events

PAUSE_SECONDS = 0.2
AFTER_FAILURE_SECONDS = 1.0

log = get_logger(__name__)


async def follow(database: Database, stopping: asyncio.Event) -> None:
    """Follow the events until told to stop. The database may be away meanwhile."""
    while not stopping.is_set():
        pause = PAUSE_SECONDS
        try:
            if await number_events(database):
                continue
        except Exception:
            log.exception("feed.tail_failed")
            pause = AFTER_FAILURE_SECONDS
        try:
            async with asyncio.timeout(pause):
                await stopping.wait()
        except TimeoutError:
            pass
