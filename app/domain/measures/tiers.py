"""Turning a base into payable portions: one ratio, or tiers read as slab or as marginal."""

from dataclasses import dataclass

from app.domain.assessment import Rule
from app.domain.clauses.bills import Ratio, Tier, TierBounds, TierMode, Tiers, UpperBound
from app.domain.facts import Facts
from app.domain.figures import At, Sourced, pick
from app.domain.money import BP

_NET, _SLAB, _RATIO, _TIER = TierBounds.NET, TierMode.SLAB, Rule.RATIO, Rule.TIER
_NO_BOUNDS: tuple[tuple[str, int], ...] = ()


@dataclass(slots=True)
class Portion:
    """A piece of the base (fen x 10^4) with its rate, and the tier's bounds in fen for the line."""

    rule: Rule
    value: int
    rate: Sourced
    bounds: tuple[tuple[str, int], ...]


def portions(pay: Ratio | Tiers, net: int, whole: int, facts: Facts, at: At) -> list[Portion]:
    """Cut what is net of the deductible (`net`, out of `whole`, fen x 10^4) into rated portions.

    Pieces of nothing and pieces without a rate for these facts are left out.
    """
    if net == 0:
        return []
    if isinstance(pay, Ratio):
        rate = pick(pay.rate, facts, at)
        return [] if rate is None else [Portion(_RATIO, net, rate, _NO_BOUNDS)]
    if pay.mode is _SLAB:
        return _slab(pay, net, whole, facts, at)
    return _marginal(pay, net, whole, facts, at)


def _slab(pay: Tiers, net: int, whole: int, facts: Facts, at: At) -> list[Portion]:
    measured = net if pay.bounds is TierBounds.NET else whole
    for tier in pay.tiers:
        if _holds(tier, measured, pay.upper):
            rate = pick(tier.rate, facts, at)
            return [] if rate is None else [Portion(Rule.SLAB, net, rate, _bounds(tier))]
    return []


def _holds(tier: Tier, measured: int, upper: UpperBound) -> bool:
    """Tell whether the tier holds the amount; its lower bound belongs to it when uppers do not."""
    low = tier.above.value * BP
    if upper is UpperBound.INCLUDED:
        return low < measured and (tier.to is None or measured <= tier.to.value * BP)
    return low <= measured and (tier.to is None or measured < tier.to.value * BP)


def _marginal(pay: Tiers, net: int, whole: int, facts: Facts, at: At) -> list[Portion]:
    """Pay the part of [start, end] in each tier; absolute bounds leave the deductible below."""
    start, end = (0, net) if pay.bounds is _NET else (whole - net, whole)
    found = []
    for tier in pay.tiers:
        top = end if tier.to is None else min(end, tier.to.value * BP)
        inside = top - max(start, tier.above.value * BP)
        rate = pick(tier.rate, facts, at)
        if inside > 0 and rate is not None:
            found.append(Portion(_TIER, inside, rate, _bounds(tier)))
    return found


def _bounds(tier: Tier) -> tuple[tuple[str, int], ...]:
    low = (("above_fen", tier.above.value),)
    return low if tier.to is None else (*low, ("to_fen", tier.to.value))
