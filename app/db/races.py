"""Units of work that lost a race against another transaction are done again, from their start."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from app.db.readiness import is_lost_race, state_of
from app.observe import get_logger

T = TypeVar("T")

ATTEMPTS = 4
PAUSE_SECONDS = 0.05  # doubled with each attempt, with jitter

log = get_logger(__name__)


async def until_won(unit: Callable[[], Awaitable[T]]) -> T:
    """Do a whole unit of work, its transaction included; at most four times.

    After a deadlock or a serialisation failure nothing of it is there, and it is done again after a
    pause with jitter; each time is logged. Every other error, and the last, is raised as it is.
    """
    for attempt in range(1, ATTEMPTS):
        try:
            return await unit()
        except Exception as error:
            if not is_lost_race(error):
                raise
            log.warning("database.race_lost", attempt=attempt, state=state_of(error))
        await asyncio.sleep(PAUSE_SECONDS * 2 ** (attempt - 1) * random.uniform(0.5, 1.5))  # noqa: S311
    return await unit()
