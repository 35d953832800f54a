"""A stored assessment made again from what it was made of; it must come out bit for bit."""

import json
from dataclasses import dataclass

from app.domain.assess import assess
from app.domain.canonical import Json, decode, to_json
from app.domain.errors import Invalid
from app.domain.facts import Facts
from app.domain.limits import LimitKey
from app.domain.terms import Terms


@dataclass(frozen=True, slots=True)
class Stored:
    """JSON texts as kept: facts, usage before as [[key, units], ...], and the result."""

    facts: str
    usage: str
    result: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Mismatch:
    """The first place that differs, as a JSON pointer, and the amount as it comes out now.

    `pointer` begins with /facts or /usage where those cannot be read any more (amount None).
    """

    pointer: str
    amount_fen: int | None


def mismatch(terms: Terms, stored: Stored) -> Mismatch | None:
    """Assess again and compare canonical JSON; None when every bit is the same."""
    try:
        facts = decode(Facts, json.loads(stored.facts))
    except Invalid as wrong:
        return Mismatch(f"/facts{wrong.faults[0].pointer}", None)
    try:
        usage = {decode(LimitKey, key): int(units) for key, units in json.loads(stored.usage)}
    except (Invalid, TypeError, ValueError):
        return Mismatch("/usage", None)
    answer = assess(terms, facts, usage)
    kept, now = json.loads(stored.result), to_json(answer)
    if canonical(kept) != now:
        pointer = first_difference(kept, json.loads(now))
        return Mismatch(pointer, answer.amount_fen)
    if stored.amount_fen != answer.amount_fen:
        return Mismatch("/amount_fen", answer.amount_fen)
    return None


def canonical(value: Json) -> str:
    """Write plain JSON values in the canonical form, which the database does not keep."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def first_difference(one: Json, other: Json, at: str = "") -> str:
    """Give the JSON pointer of the first place where two unequal values differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted({*one, *other}):
            if name not in one or name not in other:
                return f"{at}/{name}"
            if canonical(one[name]) != canonical(other[name]):
                return first_difference(one[name], other[name], f"{at}/{name}")
    if isinstance(one, list) and isinstance(other, list):
        for i, (mine, its) in enumerate(zip(one, other, strict=False)):
            if canonical(mine) != canonical(its):
                return first_difference(mine, its, f"{at}/{i}")
        return f"{at}/{min(len(one), len(other))}"
    return at or "/"
