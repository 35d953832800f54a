"""When payouts that we order are held: an invariant that names their policy is broken."""

from collections.abc import Sequence
from enum import StrEnum


class HoldState(StrEnum):
    """Where a hold is; released by a person while the invariant is still broken, or over."""

    OPEN = "open"
    RELEASED = "released"
    OVER = "over"


class Step(StrEnum):
    """What a new finding does to the latest hold of a policy."""

    NOTHING = "nothing"
    OPEN = "open"
    RENEW = "renew"
    END = "end"


HOLD_ZH: dict[HoldState, str] = {
    HoldState.OPEN: "暂停中",
    HoldState.RELEASED: "人工恢复",
    HoldState.OVER: "已恢复一致",
}


def next_step(latest: str | None, known: Sequence[str], found: Sequence[str]) -> Step:
    """Tell what follows from the places found broken under a policy now.

    What a person released stays released while nothing breaks that was not known then; a new place
    holds again.
    """
    if not found:
        return Step.NOTHING if latest in (None, HoldState.OVER) else Step.END
    if latest == HoldState.OPEN:
        return Step.NOTHING if set(found) == set(known) else Step.RENEW
    if latest == HoldState.RELEASED and set(found) <= set(known):
        return Step.NOTHING
    return Step.OPEN
