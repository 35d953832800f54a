"""What three small policies owe, in plain arithmetic: the oracle of the machine of limits.

Nothing of the rule book is used here but its records. All figures are in fen, days and times.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.facts import Facts
from app.domain.limits import LimitKey, Scope

YEAR = "2026-01-01"
DEDUCTIBLE = 100_000
PERCENT = 60
PERSON_MOST, HOUSEHOLD_MOST, POLICY_MOST = 600_000, 900_000, 1_200_000
DAY, DAYS_MOST = 10_000, 20
TIMES_MOST = 4

MEDICAL = {
    Scope.POLICY_YEAR: POLICY_MOST,
    Scope.HOUSEHOLD_YEAR: HOUSEHOLD_MOST,
    Scope.PERSON_YEAR: PERSON_MOST,
}


@dataclass(frozen=True, slots=True)
class Due:
    """An amount in fen, and what it takes of each counter."""

    amount_fen: int
    taken: Mapping[LimitKey, int]


def medical_key(scope: Scope) -> LimitKey:
    return LimitKey(scope, f"medical.{scope.value}", YEAR)


EATEN = LimitKey(Scope.PERSON_YEAR, "medical.deductible", YEAR)
DAYS = LimitKey(Scope.PERSON_YEAR, "medical.days", YEAR)
TIMES = LimitKey(Scope.PERSON_YEAR, "medical.times", YEAR)


def bill_of(ref: str) -> LimitKey:
    return LimitKey(Scope.BILL, ref, "all")


def due(policy: int, facts: Facts, usage: Mapping[LimitKey, int]) -> Due:
    """What policy 1 (medical), 2 (days) or 3 (the rest of the bill, so many times) owes."""
    return {1: _medical, 2: _days, 3: _rest}[policy](facts, usage)


def _medical(facts: Facts, usage: Mapping[LimitKey, int]) -> Due:
    bases = [bill.total_fen for bill in facts.bills]
    base = sum(bases)
    eaten = min(base, max(0, DEDUCTIBLE - usage.get(EATEN, 0)))
    amount = ((base - eaten) * PERCENT * 2 + 100) // 200
    pieces = [min(part, _left(facts, at, usage)) for at, part in enumerate(shared(amount, bases))]
    for override in facts.overrides:  # of this cover alone, the latest one
        parts = shared(override.amount_fen, pieces)
        pieces = [min(part, _left(facts, at, usage)) for at, part in enumerate(parts)]
    amount = sum(pieces)
    for scope, most in MEDICAL.items():
        amount = min(amount, max(0, most - usage.get(medical_key(scope), 0)))
    taken = {EATEN: eaten, **{medical_key(scope): amount for scope in MEDICAL}}
    return _taken(amount, taken, facts, shared(amount, pieces))


def _days(facts: Facts, usage: Mapping[LimitKey, int]) -> Due:
    days = sum((stay.discharged_on - stay.admitted_on).days + 1 for stay in facts.stays)
    days = min(days, max(0, DAYS_MOST - usage.get(DAYS, 0)))
    return _taken(days * DAY, {DAYS: days}, facts, [])


def _rest(facts: Facts, usage: Mapping[LimitKey, int]) -> Due:
    pieces = [min(bill.total_fen, _left(facts, at, usage)) for at, bill in enumerate(facts.bills)]
    if usage.get(TIMES, 0) >= TIMES_MOST:
        pieces = [0 for _ in pieces]
    return _taken(sum(pieces), {TIMES: int(sum(pieces) > 0)}, facts, pieces)


def _left(facts: Facts, at: int, usage: Mapping[LimitKey, int]) -> int:
    bill = facts.bills[at]
    others = sum(fen for _, fen in bill.paid_by) + usage.get(bill_of(bill.ref), 0)
    return max(0, bill.total_fen - others)


def _taken(amount: int, taken: Mapping[LimitKey, int], facts: Facts, pieces: list[int]) -> Due:
    bills = {bill_of(bill.ref): piece for bill, piece in zip(facts.bills, pieces, strict=False)}
    return Due(amount, {key: units for key, units in (taken | bills).items() if units})


def shared(total: int, weights: list[int]) -> list[int]:
    """Largest remainder: whole parts first, then one more to the largest rests, in order."""
    whole = sum(weights)
    if whole == 0:
        return [total, *[0] * (len(weights) - 1)]
    parts = [total * weight // whole for weight in weights]
    rests = sorted(range(len(weights)), key=lambda at: (-(total * weights[at] % whole), at))
    for at in rests[: total - sum(parts)]:
        parts[at] += 1
    return parts


def after_decision(
    policy: int, one: Due, decided: int, room: Mapping[LimitKey, int]
) -> Mapping[LimitKey, int]:
    """What is held once so much is decided: money follows it, what was borne stays borne.

    `room` is what is left of each bill of the notice; nothing is held beyond it.
    """
    if decided == one.amount_fen:
        return one.taken
    if one.amount_fen == 0:
        return _unforeseen(policy, one, decided, room)
    bills = [key for key in one.taken if key.scope is Scope.BILL]
    parts = shared(decided, [one.taken[key] for key in bills]) if bills else []
    held = dict(_within(dict(zip(bills, parts, strict=True)), room))
    for key, units in one.taken.items():
        if key == EATEN:
            held[key] = units
        elif key in (DAYS, TIMES):
            held[key] = units if decided else 0
        elif key.scope is not Scope.BILL:
            held[key] = (2 * units * decided + one.amount_fen) // (2 * one.amount_fen)
    return {key: units for key, units in held.items() if units}


def _unforeseen(
    policy: int, one: Due, decided: int, room: Mapping[LimitKey, int]
) -> Mapping[LimitKey, int]:
    """Assessed at nothing, paid all the same: on the only cover there is, as its limits count."""
    held = dict(one.taken)
    if policy == 1:
        held |= {medical_key(scope): decided for scope in MEDICAL}
    elif policy == 3:
        held[TIMES] = 1
    if policy != 2:
        lefts = list(room.values())
        parts = shared(min(decided, sum(lefts)), lefts)
        held |= dict(zip(room, parts, strict=True))
    return {key: units for key, units in held.items() if units}


def _within(parts: Mapping[LimitKey, int], room: Mapping[LimitKey, int]) -> Mapping[LimitKey, int]:
    held = {key: min(part, room[key]) for key, part in parts.items()}
    over = sum(parts.values()) - sum(held.values())
    for key in parts:
        more = min(over, room[key] - held[key])
        held[key] += more
        over -= more
    return held
