"""How long a job rests before it is tried again."""

import random
from datetime import timedelta

LONGEST = timedelta(hours=1)
FIRST_SECONDS = 1


def pause_before(attempt: int) -> timedelta:
    """Give the pause after the attempt with this number (1 is the first): doubled, with jitter."""
    seconds = FIRST_SECONDS * 2 ** min(attempt - 1, 20) * random.uniform(0.5, 1.5)  # noqa: S311
    return min(timedelta(seconds=seconds), LONGEST)
