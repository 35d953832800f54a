"""Where an insurer's amount is not ours: the difference has a name, and a county resolves it.

It holds nothing back: the decision stands and is paid meanwhile (Insurance Law art. 23).
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from app.domain.money import yuan_zh


class DifferenceKind(StrEnum):
    """What the difference is."""

    LESS = "less_than_assessed"
    MORE = "more_than_assessed"
    NOTHING = "nothing_of_assessed"


class DifferenceState(StrEnum):
    """What became of it; a dispute may still end by accepting."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DISPUTED = "disputed"


DIFFERENCE_KIND_ZH: dict[DifferenceKind, str] = {
    DifferenceKind.LESS: "少于理算",
    DifferenceKind.MORE: "多于理算",
    DifferenceKind.NOTHING: "理算有额而未赔付",
}
DIFFERENCE_STATE_ZH: dict[DifferenceState, str] = {
    DifferenceState.OPEN: "待县级处理",
    DifferenceState.ACCEPTED: "已认可",
    DifferenceState.DISPUTED: "有异议",
}
RESOLVED_FROM: dict[DifferenceState, frozenset[DifferenceState]] = {
    DifferenceState.ACCEPTED: frozenset({DifferenceState.OPEN, DifferenceState.DISPUTED}),
    DifferenceState.DISPUTED: frozenset({DifferenceState.OPEN}),
}


def kind_of(assessed_fen: int, decided_fen: int) -> DifferenceKind:
    """Name the difference of two amounts in fen that are not the same."""
    if decided_fen > assessed_fen:
        return DifferenceKind.MORE
    return DifferenceKind.LESS if decided_fen else DifferenceKind.NOTHING


def beyond_zh(limits: Sequence[Mapping[str, object]]) -> str:
    """Say which limits a decision goes beyond; it is booked and paid all the same.

    Each has `limit_zh` and what is beyond: `over_fen`, `over_days`, `over_times`, `over_minutes`.
    """
    return "、".join(f"超出{one['limit_zh']} {_over_zh(one)}" for one in limits)


_COUNTED_ZH = {"over_days": "天", "over_times": "次", "over_minutes": "分钟"}


def _over_zh(one: Mapping[str, object]) -> str:
    fen = one.get("over_fen")
    if isinstance(fen, int):
        return yuan_zh(fen)
    return "".join(f"{one[name]} {unit}" for name, unit in _COUNTED_ZH.items() if name in one)
