"""A year of claims assessed again under other terms: same `assess`, same order, limits kept.

What a claim takes of a limit stands against the next claim of the same person, household or policy,
as it did in the year. Terms are compared with the first of the alternatives, which is replayed as
well, so that every difference comes from the terms alone.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeVar

from app.domain.assess import assess
from app.domain.assessment import Assessment
from app.domain.canonical import decode
from app.domain.facts import Facts
from app.domain.limits import LimitKey, Scope, bill_key
from app.domain.terms import Terms

K = TypeVar("K", int, str)

LARGEST = 50  # differences that are told one by one
_SHARED_BY_ALL = frozenset({Scope.POLICY_YEAR, Scope.EVENT})


class PastClaim(NamedTuple):
    """One claim as stored, in the order of its assessment.

    `family` is the household, or the person where there is none; `facts` is canonical JSON; `held`
    is what other policies held of the bills, as JSON: [[key, units], ...].
    """

    claim_no: str
    family: str
    person: str
    area_code: int
    facts: str
    held: str


class Opening(NamedTuple):
    """What was used of a limit before the year's first claim; units are fen or days."""

    subject: str
    key: LimitKey
    units: int


class Chunk(NamedTuple):
    """Claims that are replayed together, and the opening balances of their subjects."""

    claims: tuple[PastClaim, ...]
    opening: tuple[Opening, ...]


class Difference(NamedTuple):
    """One claim's amount under the first and under another alternative, in fen."""

    claim_no: str
    was_fen: int
    now_fen: int


@dataclass(slots=True)
class Share:
    """People of one category: how many had claims, and their amounts' sum and sum of squares."""

    people: int = 0
    fen: int = 0
    squares: int = 0


@dataclass(slots=True)
class Tally:
    """What one alternative comes to; amounts in fen, months as `2026-06`.

    `better` and `worse` compare with the first alternative, by claim and by family. `left_fen` is
    what stays with the families of all bills.
    """

    claims: int = 0
    paid: int = 0
    fen: int = 0
    left_fen: int = 0
    better: int = 0
    worse: int = 0
    families: int = 0
    families_better: int = 0
    families_worse: int = 0
    by_cover: dict[str, int] = field(default_factory=dict)
    by_area: dict[int, int] = field(default_factory=dict)
    by_month: dict[str, int] = field(default_factory=dict)
    by_category: dict[str, Share] = field(default_factory=dict)
    largest: list[Difference] = field(default_factory=list)


class _Family:
    """What a family has used and been paid so far, under each alternative."""

    __slots__ = ("paid", "people", "used")

    def __init__(self, alternatives: int) -> None:
        self.paid = [0] * alternatives
        self.people: list[dict[tuple[str, str], int]] = [{} for _ in range(alternatives)]
        self.used: list[dict[str, dict[LimitKey, int]]] = [{} for _ in range(alternatives)]


def one_sequence(alternatives: Iterable[Terms]) -> bool:
    """Tell whether a limit is shared by all people, so that claims cannot be replayed apart."""
    return any(
        limit.scope in _SHARED_BY_ALL
        for terms in alternatives
        for limit in (*terms.limits, *(own for cover in terms.covers for own in cover.limits))
    )


class Replay:
    """Assesses claims one after the other under several terms and keeps count."""

    def __init__(self, alternatives: tuple[Terms, ...]) -> None:
        self._alternatives = alternatives
        self.tallies = [Tally() for _ in alternatives]
        self._families: dict[str, _Family] = {}
        self._policy: list[dict[LimitKey, int]] = [{} for _ in alternatives]
        self._opening: dict[str, dict[LimitKey, int]] = {}

    def run(self, chunk: Chunk) -> None:
        """Replay claims; their order within a family (or, see `one_sequence`, of all) matters."""
        for subject, key, units in chunk.opening:
            self._opening.setdefault(subject, {})[key] = units
            if key.scope in _SHARED_BY_ALL:
                for used in self._policy:
                    used[key] = units
        for claim in chunk.claims:
            self._one(claim)

    def end(self) -> list[Tally]:
        """Count the families, forget them, and give the tallies."""
        for family in self._families.values():
            for tally, paid, people in zip(self.tallies, family.paid, family.people, strict=True):
                tally.families += 1
                tally.families_better += paid > family.paid[0]
                tally.families_worse += paid < family.paid[0]
                for (_, category), fen in people.items():
                    share = tally.by_category.setdefault(category, Share())
                    share.people += 1
                    share.fen += fen
                    share.squares += fen * fen
        self._families.clear()
        for tally in self.tallies:
            tally.largest = largest(tally.largest)
        return self.tallies

    def _one(self, claim: PastClaim) -> None:
        facts = decode(Facts, json.loads(claim.facts))
        family = self._families.get(claim.family)
        if family is None:
            family = self._families[claim.family] = _Family(len(self._alternatives))
        held = _bills(claim.held)
        left = {bill.ref: bill.left_fen for bill in facts.bills}
        for key, units in held.items():
            left[key.code] = left.get(key.code, 0) - units
        who = (claim.person, facts.person.category)
        month = facts.event.on.isoformat()[:7]
        first = -1
        for i, terms in enumerate(self._alternatives):
            answer = assess(terms, facts, self._usage(i, family, claim, held))
            self._book(i, family, claim, answer)
            fen = answer.amount_fen
            first = fen if i == 0 else first
            _count(self.tallies[i], answer, claim.area_code, month, left)
            if fen != first:
                _differ(self.tallies[i], Difference(claim.claim_no, first, fen))
            family.paid[i] += fen
            people = family.people[i]
            people[who] = people.get(who, 0) + fen

    def _usage(
        self, i: int, family: _Family, claim: PastClaim, held: Mapping[LimitKey, int]
    ) -> dict[LimitKey, int]:
        """Give what stands against this claim: keys of different subjects never collide."""
        usage = {**self._policy[i], **held}
        used, opening = family.used[i], self._opening
        for subject in (claim.family, claim.person):
            found = used.get(subject) or opening.get(subject)
            if found:
                usage.update(found)
        return usage

    def _book(self, i: int, family: _Family, claim: PastClaim, answer: Assessment) -> None:
        for key, units in answer.used:
            if key.scope is Scope.BILL:
                continue
            if key.scope in _SHARED_BY_ALL:
                used = self._policy[i]
            else:
                subject = claim.family if key.scope is Scope.HOUSEHOLD_YEAR else claim.person
                used = family.used[i].setdefault(subject, dict(self._opening.get(subject, {})))
            used[key] = used.get(key, 0) + units


def _bills(held: str) -> dict[LimitKey, int]:
    """Read what is held of bills; of most nobody else holds anything."""
    if held == "[]":
        return {}
    return {bill_key(key["code"]): units for key, units in json.loads(held)}


def _count(
    tally: Tally, answer: Assessment, area_code: int, month: str, left: Mapping[str, int]
) -> None:
    """Add one answer; `left` is what is left of each bill before it, in fen."""
    fen = answer.amount_fen
    tally.claims += 1
    tally.paid += fen > 0
    tally.fen += fen
    tally.by_area[area_code] = tally.by_area.get(area_code, 0) + fen
    tally.by_month[month] = tally.by_month.get(month, 0) + fen
    for cover in answer.covers:
        tally.by_cover[cover.cover] = tally.by_cover.get(cover.cover, 0) + cover.amount_fen
    if left:
        borne = dict(answer.by_bill)
        for ref, before in left.items():
            tally.left_fen += max(0, before - borne.get(ref, 0))


def _differ(tally: Tally, one: Difference) -> None:
    tally.better += one.now_fen > one.was_fen
    tally.worse += one.now_fen < one.was_fen
    tally.largest.append(one)
    if len(tally.largest) > 4 * LARGEST:
        tally.largest = largest(tally.largest)


def largest(differences: list[Difference]) -> list[Difference]:
    """Give the largest differences, equal ones by claim number."""
    ordered = sorted(differences, key=lambda one: (-abs(one.now_fen - one.was_fen), one.claim_no))
    return ordered[:LARGEST]


def joined(one: Tally, other: Tally) -> Tally:
    """Add up two tallies of one alternative, over claims of different families."""
    both = replace(
        one,
        **{name: getattr(one, name) + getattr(other, name) for name in _COUNTS},
        by_cover=_summed(one.by_cover, other.by_cover),
        by_area=_summed(one.by_area, other.by_area),
        by_month=_summed(one.by_month, other.by_month),
        by_category={code: replace(share) for code, share in one.by_category.items()},
        largest=largest(one.largest + other.largest),
    )
    for code, share in other.by_category.items():
        mine = both.by_category.setdefault(code, Share())
        mine.people += share.people
        mine.fen += share.fen
        mine.squares += share.squares
    return both


_COUNTS = (
    "claims",
    "paid",
    "fen",
    "left_fen",
    "better",
    "worse",
    "families",
    "families_better",
    "families_worse",
)


def _summed(one: dict[K, int], other: dict[K, int]) -> dict[K, int]:
    return {key: one.get(key, 0) + other.get(key, 0) for key in one.keys() | other.keys()}
