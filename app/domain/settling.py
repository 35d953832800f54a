"""What a claim holds of limits once it is decided: the decided amount replaces the assessed one."""

from app.domain.limits import LimitKey, LimitUnit, Scope, eaten
from app.domain.money import split_fen

Held = tuple[tuple[LimitKey, int], ...]


def settled_usage(
    used: Held, units: dict[LimitKey, LimitUnit], assessed_fen: int, decided_fen: int
) -> Held:
    """Give the usage after a decision of `decided_fen` on an assessment of `assessed_fen`.

    Amounts are scaled with the decision, half up to the fen each. Of a claim that pays out of bills
    alone, the parts over the bills sum to the decided amount exactly, also where it is above the
    assessment: payers after it find that much less left. Where other covers pay too, bills take at
    most what they were assessed at. Days, times and minutes stay as assessed when anything is paid;
    a decision of zero gives all of it back. What a deductible has eaten, and a base that
    accumulates, stay in any case: they have been borne.
    """
    if decided_fen == assessed_fen:
        return used
    bills = [(key, fen) for key, fen in used if key.scope is Scope.BILL]
    whole = sum(fen for _, fen in bills)
    paid = decided_fen if whole == assessed_fen else min(decided_fen, whole)
    parts = split_fen(paid, [fen for _, fen in bills]) if whole else ()
    settled = {key: part for (key, _), part in zip(bills, parts, strict=True)}
    for key, units_used in used:
        if key.scope is Scope.BILL:
            continue
        settled[key] = _settled(key, units_used, units, assessed_fen, decided_fen)
    return tuple((key, value) for key, value in settled.items() if value)


def _settled(
    key: LimitKey,
    used: int,
    units: dict[LimitKey, LimitUnit],
    assessed_fen: int,
    decided_fen: int,
) -> int:
    if eaten(key.code):
        return used
    if units.get(key, LimitUnit.FEN) is not LimitUnit.FEN:
        return used if decided_fen else 0
    if assessed_fen == 0:
        return decided_fen
    return (2 * used * decided_fen + assessed_fen) // (2 * assessed_fen)
