"""Scaling back many claims when one disaster, or one year, exceeds its limit."""

from collections.abc import Sequence

from app.domain.money import split_fen


def scaled_back(limit_fen: int, dues: Sequence[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """Give what each claim gets of a limit: (ref, fen), in the order given.

    Within the limit everybody gets what is due. Above it each gets the same share, in whole fen by
    the largest remainder: the parts sum to the limit and none is above what was due. The Shenzhen
    catastrophe scheme cuts back so when an event exceeds its limit.
    """
    if not dues or sum(fen for _, fen in dues) <= limit_fen:
        return tuple(dues)
    parts = split_fen(limit_fen, [fen for _, fen in dues])
    return tuple((ref, part) for (ref, _), part in zip(dues, parts, strict=True))


def held_back(limit_fen: int, dues: Sequence[tuple[str, int]], rate_bp: int) -> tuple[int, int]:
    """Give (now, later) in fen of what a limit allows while the count of claims is not final.

    `rate_bp` is the share of the allowed sum that waits, rounded down for the family.
    """
    allowed = min(limit_fen, sum(fen for _, fen in dues))
    later = allowed * rate_bp // 10_000
    return allowed - later, later
