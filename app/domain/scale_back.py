"""Scaling back many claims when one disaster, or one year, exceeds its limit."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from app.domain.assess import assess
from app.domain.facts import Facts
from app.domain.limits import Exceeded, Limit, LimitKey
from app.domain.money import split_fen
from app.domain.terms import Terms


def scalable(terms: Terms) -> dict[str, Limit]:
    """Give the limits that the terms scale claims back to, by the code of their counters' keys."""
    own = {f"{cover.code}.{limit.code}": limit for cover in terms.covers for limit in cover.limits}
    shared = {limit.code: limit for limit in terms.limits}
    return {
        code: limit
        for code, limit in (own | shared).items()
        if limit.exceeded is Exceeded.SCALED_BACK
    }


def due_beside(terms: Terms, facts: Facts, usage: Mapping[LimitKey, int], code: str) -> int:
    """Give what a claim is due in fen under the covers of a limit, were it not for that limit.

    Every other limit holds, and earlier shares of this one are forgotten.
    """
    free = replace(
        terms,
        limits=tuple(limit for limit in terms.limits if limit.code != code),
        covers=tuple(
            replace(
                cover,
                limits=tuple(
                    limit for limit in cover.limits if f"{cover.code}.{limit.code}" != code
                ),
            )
            for cover in terms.covers
        ),
    )
    others = tuple(one for one in facts.scale_backs if one.limit != code)
    answer = assess(free, replace(facts, scale_backs=others), usage)
    under = scalable(terms)[code].covers or (code.partition(".")[0],)
    return sum(cover.amount_fen for cover in answer.covers if cover.cover in under)


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
