"""Where a reader of the change feed stands, and whether it may go on from there.

A *life* of the feed begins when it is made, and again when the database is restored or moved: what
was told after the backup is undone then, and its positions are given to other events.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.errors import FeedExpired, FeedRestored

KEPT_DAYS = 90
# A page of a wide scope, or of rare types, looks at so many positions and no more.
LOOKED_AT_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Place:
    """A reader's place: everything up to `position`, in that life, is behind it."""

    life: str
    position: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the feed has come: the newest position, the newest that is removed, and its lives.

    `lives` are (id, position at which it began), the present one last.
    """

    tail: int
    forgotten: int
    lives: Sequence[tuple[str, int]]

    @property
    def life(self) -> str:
        """The present life."""
        return self.lives[-1][0]


def check_place(place: Place, standing: Standing) -> None:
    """Let a reader go on from its place.

    A place in an earlier life holds as long as nothing after it was undone. Raises FeedRestored,
    FeedExpired.
    """
    ends = [began for _, began in standing.lives[1:]] + [standing.tail]
    last = {life: end for (life, _), end in zip(standing.lives, ends, strict=True)}
    if place.life not in last or place.position > last[place.life]:
        raise FeedRestored
    if place.position < standing.forgotten:
        raise FeedExpired


def next_position(began: int, reached: int, standing: Standing) -> int:
    """Give where a reader stands after a page without news, `reached` being looked at in full.

    It stays where it was, so that the same answer can be given as "nothing new" without a body; but
    not until its place is forgotten, nor until the way from there to the news is long.
    """
    far = reached - began >= LOOKED_AT_MOST
    old = began - standing.forgotten < standing.tail - began
    return reached if far or old else began
