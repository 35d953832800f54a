"""Settling a policy year between bureau and insurer: expenses, surplus, overrun bands."""

from dataclasses import dataclass

from app.domain.clauses.premiums import RiskSharing, Surplus
from app.domain.money import BP, share_fen


@dataclass(frozen=True, slots=True)
class YearSettled:
    """Who bears and gets what of a policy year, in fen.

    `returned_fen` goes back to those who paid the premium, `carried_fen` into the next year; of
    the claims paid, `insurer_fen` and `bureau_fen` make the whole.
    """

    expenses_fen: int
    surplus_fen: int
    returned_fen: int
    carried_fen: int
    insurer_fen: int
    bureau_fen: int


@dataclass(frozen=True, slots=True)
class BandPart:
    """What of the claims lies between two shares of the premium, and what of it the bureau bears.

    Shares in basis points, `to_bp` None: without an end; amounts in fen.
    """

    above_bp: int
    to_bp: int | None
    insurer_bp: int
    inside_fen: int
    bureau_fen: int


def settle_year(sharing: RiskSharing, premium_fen: int, claims_fen: int) -> YearSettled:
    """Settle a year's premium against the claims decided for it, both in fen.

    Expenses come off the premium first. A surplus is shared as the terms say. Of an overrun each
    band's share is the insurer's, the rest the bureau's; below the first band all is the insurer's,
    and above the last one all is the bureau's.
    """
    expenses = share_fen(premium_fen, sharing.expenses.value)
    surplus = max(0, premium_fen - expenses - claims_fen)
    shared = share_fen(surplus, sharing.shared.value)
    bureau = sum(part.bureau_fen for part in band_parts(sharing, premium_fen, claims_fen))
    return YearSettled(
        expenses,
        surplus,
        shared if sharing.surplus is Surplus.RETURNED else 0,
        shared if sharing.surplus is Surplus.CARRIED else 0,
        claims_fen - bureau,
        bureau,
    )


def band_parts(sharing: RiskSharing, premium_fen: int, claims_fen: int) -> tuple[BandPart, ...]:
    """Give what of the claims lies in each band; above the last one all is the bureau's."""
    parts = []
    for band in sharing.overrun:
        low = share_fen(premium_fen, band.above.value)
        high = claims_fen if band.to is None else share_fen(premium_fen, band.to.value)
        inside = max(0, min(claims_fen, high) - low)
        bureau = inside - share_fen(inside, band.insurer.value)
        to_bp = None if band.to is None else band.to.value
        parts.append(BandPart(band.above.value, to_bp, band.insurer.value, inside, bureau))
    last = sharing.overrun[-1].to if sharing.overrun else None
    if last is not None:
        beyond = max(0, claims_fen - share_fen(premium_fen, last.value))
        parts.append(BandPart(last.value, None, 0, beyond, beyond))
    return tuple(parts)


def loss_ratio_bp(premium_fen: int, claims_fen: int) -> int | None:
    """Give claims over premium in basis points, rounded down; None without a premium."""
    return None if premium_fen == 0 else claims_fen * BP // premium_fen
