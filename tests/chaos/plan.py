"""What the client means to file, and its own list of what must come of it: no engine is asked."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from tests.people import id_number

INSURERS = ("keeps-keys", "only-asked")
STORIES = {  # the fen of a bill's total that the stand-in reads as a story, and how many of 100
    "full": (1, 50),
    "partial": (2, 8),
    "declined": (3, 6),
    "papers": (4, 10),
    "below_deductible": (5, 4),
    "bank_failure": (6, 11),
    "bank_return": (7, 11),
}
SEQUENCES = 899  # identity numbers that end in 901 and more name stories of their own
RATE = (20, 100)  # of what is self-borne: the scheme's published rate
FIRST_BIRTH = date(1950, 1, 1)


class Ending(StrEnum):
    """How a claim must end."""

    PAID = "paid"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Plan:
    """One claim to be: sums in fen, `owed_fen` by the client's own arithmetic."""

    number: int
    insurer: str
    story: str
    self_borne_fen: int
    fund_fen: int
    owed_fen: int

    @property
    def name(self) -> str:
        return f"陈试{self.number}"

    @property
    def id_number(self) -> str:
        days, sequence = divmod(self.number, SEQUENCES)
        return id_number(sequence + 1, FIRST_BIRTH + timedelta(days=days))

    @property
    def total_fen(self) -> int:
        return self.self_borne_fen + self.fund_fen

    @property
    def ending(self) -> Ending:
        return Ending.PAID if self.owed_fen else Ending.NOTHING

    @property
    def corrected(self) -> bool:
        """Whether the first account is refused, before or after the credit."""
        return self.story in ("bank_failure", "bank_return")


def plans(count: int, seed: int) -> Iterator[Plan]:
    """Plan claims from a seed: half of them with each insurer."""
    chance = random.Random(seed)
    stories, weights = tuple(STORIES), [weight for _, weight in STORIES.values()]
    for number in range(count):
        story = chance.choices(stories, weights)[0]
        self_borne_fen = chance.randrange(10_000, 3_000_000)
        fund_fen = chance.randrange(10_000, 5_000_000) // 100 * 100
        fund_fen += (STORIES[story][0] - self_borne_fen) % 100
        yield Plan(
            number,
            INSURERS[number % 2],
            story,
            self_borne_fen,
            fund_fen,
            owed(story, self_borne_fen),
        )


def owed(story: str, self_borne_fen: int) -> int:
    """What the family must have in the end, in fen: 20 %, rounded half up, as the insurer says."""
    share, whole = RATE
    in_full = (self_borne_fen * share * 2 + whole) // (whole * 2)
    if story in ("declined", "below_deductible"):
        return 0
    return in_full // 2 if story == "partial" else in_full


def yuan(fen: int) -> str:
    """Write fen as yuan with two decimals."""
    return f"{fen // 100}.{fen % 100:02d}"


def fen(text: str) -> int:
    """Read yuan with two decimals as fen."""
    whole, _, cents = text.partition(".")
    return int(whole) * 100 + int(cents)
