"""Misbehaviour at random from a seed: how an insurer is on a bad day, and how often it was.

A share of the answers to instructions is lost or spoilt, a share of the letters is repeated,
delayed, overtaken, corrupted or forged. Its books are always right: it only speaks badly.
"""

import random
from collections import Counter

DELAY_SECONDS_MAX = 1.0
# Kinds of `faults` with their weights; what costs the service a whole deadline is rare.
ANSWERS: dict[str, int] = {
    "500_after_effect": 6,
    "503_after_effect": 3,
    "html_200": 3,
    "not_json": 3,
    "duplicate_keys": 2,
    "floats": 2,
    "redirect": 2,
    "too_large": 1,
    "close_after_effect": 8,
    "half_body": 4,
    "late_effect": 6,
    "drop": 6,
    "hang": 1,
    "slow_drip": 1,
}
TO_QUESTIONS = tuple(kind for kind in ANSWERS if kind not in ("late_effect", "too_large"))
LETTERS: dict[str, int] = {
    "delayed": 6,
    "twice_at_once": 3,
    "told_again": 4,  # the service's answer is lost: the same letter comes again
    "cut_off": 2,
    "bit_flipped": 2,
    "forged": 2,
    "other_body": 3,
    "new_id": 3,
    "wrong_sum": 3,
}
# Events that say which payment they mean, or that are the same however often they are said.
SAYABLE_AGAIN = frozenset({"claim.accepted", "claim.decided", "payout.paid", "payout.returned"})


class Mischief:
    """Rolls the dice for one insurer; `share` (0 to 1) of what it says goes wrong."""

    def __init__(self, share: float = 0.0, seed: int = 0) -> None:
        self.share = share
        self.done: Counter[str] = Counter()
        self._chance = random.Random(seed)  # noqa: S311 - to be repeatable, not secret

    def answer(self, *, question: bool) -> str | None:
        """Pick how the next answer is spoilt; None: not at all."""
        if self._chance.random() >= self.share:
            return None
        kinds = TO_QUESTIONS if question else tuple(ANSWERS)
        return self._noted("answer", self._one(ANSWERS, kinds))

    def letter(self, type_: str) -> str | None:
        """Pick what goes wrong with the next delivery of a letter; None: nothing."""
        if self._chance.random() >= self.share:
            return None
        kind = self._one(LETTERS, tuple(LETTERS))
        if kind == "new_id" and type_ not in SAYABLE_AGAIN:
            kind = "told_again"
        if kind == "wrong_sum" and type_ != "payout.paid":
            kind = "other_body"
        return self._noted("letter", kind)

    def delay_seconds(self) -> float:
        """Pick a delay."""
        return self._chance.uniform(0.1, DELAY_SECONDS_MAX)

    def shuffled(self, ids: list[int]) -> list[int]:
        """Give the letters in the order in which they are posted today."""
        if self.share > 0:
            self._chance.shuffle(ids)
        return ids

    def _one(self, weights: dict[str, int], kinds: tuple[str, ...]) -> str:
        return self._chance.choices(kinds, [weights[kind] for kind in kinds])[0]

    def _noted(self, what: str, kind: str) -> str:
        self.done[f"{what}.{kind}"] += 1
        return kind
