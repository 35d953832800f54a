"""What a claim holds of limits once it is decided: the decided amount replaces the assessed one.

What an insurer pays is recorded and never refused (faults F40 to F42), so a counter may come
to stand above its limit: that is told as a difference. Of a bill nothing is held above what is left
of it, since no later payer may be told that more than the bill was borne.
"""

from collections.abc import Mapping

from app.domain.assess import FirstCover
from app.domain.limits import LimitKey, LimitUnit, Scope, eaten
from app.domain.money import split_fen

Held = tuple[tuple[LimitKey, int], ...]


def settled_usage(
    used: Held,
    units: Mapping[LimitKey, LimitUnit],
    assessed_fen: int,
    decided_fen: int,
    room: Mapping[LimitKey, int],
) -> Held:
    """Give the usage after a decision of `decided_fen` on an assessment of `assessed_fen`.

    Amounts are scaled with the decision, half up to the fen each. Of a claim that pays out of bills
    alone, the parts over the bills sum to the decided amount, also where it is above the
    assessment, as far as `room` (what is left of each bill, in fen) lets them: payers after it find
    that much less left. Where other covers pay too, bills take at most what they were assessed at.
    Days, times and minutes stay as assessed when anything is paid; a decision of zero gives all of
    it back. What a deductible has eaten, and a base that accumulates, stay in any case: they have
    been borne.
    """
    if decided_fen == assessed_fen:
        return used
    bills = [(key, fen) for key, fen in used if key.scope is Scope.BILL]
    whole = _of_bills(used)
    paid = decided_fen if out_of_bills(used, assessed_fen) else min(decided_fen, whole)
    parts = split_fen(paid, [fen for _, fen in bills]) if whole else ()
    settled = _within(room, [(key, part) for (key, _), part in zip(bills, parts, strict=True)])
    for key, units_used in used:
        if key.scope is Scope.BILL:
            continue
        settled[key] = _settled(key, units_used, units, assessed_fen, decided_fen)
    return tuple((key, value) for key, value in settled.items() if value)


def unforeseen_usage(first: FirstCover, decided_fen: int, room: Mapping[LimitKey, int]) -> Held:
    """Give the usage of a decision on a claim that we assessed at nothing.

    There are no shares to split it by. It is booked on the first cover that responds: terms list
    their covers in the order in which they pay, so the first is the one meant where none is named.
    """
    found = {
        key: decided_fen if unit is LimitUnit.FEN else 1
        for key, unit in first.counters
        if decided_fen and unit in (LimitUnit.FEN, LimitUnit.COUNT)
    }
    lefts = [room.get(key, 0) for key in first.bills]
    if lefts:
        parts = split_fen(min(decided_fen, sum(lefts)), lefts)
        found |= _within(room, list(zip(first.bills, parts, strict=True)))
    return tuple((key, value) for key, value in found.items() if value)


def _within(room: Mapping[LimitKey, int], parts: list[tuple[LimitKey, int]]) -> dict[LimitKey, int]:
    """Cut parts to what is left of each bill; what one has no room for goes to the others."""
    found = {key: min(part, room.get(key, part)) for key, part in parts}
    over = sum(part for _, part in parts) - sum(found.values())
    for key, part in tuple(found.items()):
        more = min(over, room.get(key, part) - part)
        found[key] = part + more
        over -= more
    return found


def _settled(
    key: LimitKey,
    used: int,
    units: Mapping[LimitKey, LimitUnit],
    assessed_fen: int,
    decided_fen: int,
) -> int:
    if eaten(key.code) or assessed_fen == 0:
        return used
    if units.get(key, LimitUnit.FEN) is not LimitUnit.FEN:
        return used if decided_fen else 0
    return (2 * used * decided_fen + assessed_fen) // (2 * assessed_fen)


def beyond(
    bounds: Mapping[LimitKey, int], others: Mapping[LimitKey, int], reserved: Held, mine: Held
) -> tuple[tuple[LimitKey, int], ...]:
    """Give the limits that a decision goes beyond, each with the units that it adds beyond it.

    `others` is what other claims use and `reserved` what this one held before: what was beyond
    already was told with the decision that went there.
    """
    found = []
    before = dict(reserved)
    for key, units in mine:
        bound = bounds.get(key)
        if bound is None or key.scope is Scope.BILL:
            continue
        room = bound - others.get(key, 0)
        over = max(0, units - room) - max(0, before.get(key, 0) - room)
        if over > 0:
            found.append((key, over))
    return tuple(found)


def out_of_bills(used: Held, assessed_fen: int) -> bool:
    """Tell whether an assessment pays out of bills alone; nobody can split one that does not."""
    return assessed_fen > 0 and _of_bills(used) == assessed_fen


def beyond_bills(mine: Held, decided_fen: int) -> int:
    """Give what of a decision the bills, which it pays out of alone, have no room for, in fen."""
    return max(0, decided_fen - _of_bills(mine))


def _of_bills(held: Held) -> int:
    return sum(fen for key, fen in held if key.scope is Scope.BILL)
