"""The engine: which covers respond, which counters they need, and what each owes and why.

Pure and in whole numbers. Later covers of the same terms see what earlier ones took of shared
limits and bills.
"""

from collections.abc import Mapping, Sized
from dataclasses import dataclass
from datetime import date

from app.domain.assessment import Assessment, CoverAssessment, Reason, ReasonCode
from app.domain.clauses.allowances import Days, Services, TableDays
from app.domain.clauses.bills import Accrual, Bills, Deductible
from app.domain.clauses.sums import FixedSum, Grades
from app.domain.clauses.things import Things
from app.domain.conditions import holds
from app.domain.facts import Facts
from app.domain.figures import pick
from app.domain.lifecycle import Outcome
from app.domain.limits import (
    WITHIN_ONE_CLAIM,
    Limit,
    LimitKey,
    LimitUnit,
    Scope,
    bill_key,
    in_lock_order,
)
from app.domain.measures.amounts import cover_fen
from app.domain.measures.bases import chosen, looks_at_ledger
from app.domain.measures.days import (
    booked_on,
    known_injuries,
)
from app.domain.measures.services import known_services
from app.domain.measures.sheet import Books, Sheet
from app.domain.measures.steps import base_key, deductible_key
from app.domain.terms import CapsToo, Cover, Document, Nature, Terms


def responds(terms: Terms, facts: Facts) -> tuple[str, ...]:
    """Give the codes of the covers that this event calls on, in the order of the terms.

    A cover responds when kind and cause of the event and the person's category are its own and
    there is a bill, stay or loss for it; waiting periods and preconditions do not stop it from
    responding, they make it pay nothing and say why.
    """
    return tuple(cover.code for cover in _responding(terms, facts))


def _responding(terms: Terms, facts: Facts) -> tuple[Cover, ...]:
    return tuple(cover for cover in terms.covers if _calls_on(cover, facts))


def _calls_on(cover: Cover, facts: Facts) -> bool:
    return (
        facts.event.kind in cover.events
        and (not cover.causes or facts.event.cause in cover.causes)
        and (not cover.categories or facts.person.category in cover.categories)
        and _has_matter(cover, facts)
    )


def _has_matter(cover: Cover, facts: Facts) -> bool:
    match cover.measure:
        case Bills() as measure:
            found: Sized = chosen(measure, facts)
        case Days():
            found = facts.stays
        case Things() as measure:
            kinds = {thing.kind for thing in measure.things}
            found = [loss for loss in facts.losses if loss.kind in kinds]
        case TableDays() as measure:
            found = known_injuries(measure, facts)
        case Services() as measure:
            found = known_services(measure, facts)
        case Grades():
            found = [injury for injury in facts.injuries if injury.grade is not None]
        case FixedSum():
            return True
    return len(found) > 0


def documents_needed(terms: Terms, facts: Facts) -> tuple[Document, ...]:
    """Give the papers that the responding covers ask for, each code once, in order."""
    found: dict[str, Document] = {}
    for cover in _responding(terms, facts):
        for document in cover.documents:
            if all(holds(condition, facts) for condition in document.when):
                found.setdefault(document.code, document)
    return tuple(found.values())


def fields_used(terms: Terms, facts: Facts) -> dict[str, frozenset[str]]:
    """Give the parts (`Part.field`) of each bill, by ref, that responding covers use."""
    used: dict[str, frozenset[str]] = {}
    for cover in _responding(terms, facts):
        if isinstance(cover.measure, Bills):
            names = frozenset(part.field for part in cover.measure.parts)
            for bill in chosen(cover.measure, facts):
                used[bill.ref] = used.get(bill.ref, frozenset()) | names
    return used


def limits_of(terms: Terms, facts: Facts) -> tuple[tuple[LimitKey, int], ...]:
    """Give the bounded counters that `assess` will read and take from, in lock order, with bounds.

    Bounds are fen, days, times or minutes; the bound of a bill is what is left of it. A base that
    accumulates over a year has a counter (see `limits_needed`) but no bound.
    """
    books = Books(facts, {})
    bounds: dict[LimitKey, int] = {}
    for cover in _responding(terms, facts):
        sheet = _sheet(terms, cover, facts, books)
        for limit in sheet.limits():
            bound = sheet.bound(limit)
            if bound is not None and limit.scope not in WITHIN_ONE_CLAIM:
                for key in _keys(limit, sheet):
                    bounds[key] = bound.value
        if isinstance(cover.measure, Bills):
            bounds.update(_bill_counters(cover.measure, sheet))
    return tuple((key, bounds[key]) for key in sorted(bounds, key=in_lock_order))


def _keys(limit: Limit, sheet: Sheet) -> set[LimitKey]:
    """Name a limit's counters: one, or one for each month of service or year of admission."""
    measure, facts = sheet.cover.measure, sheet.facts
    days: list[date | None] = [None]
    if limit.scope is Scope.PERSON_MONTH and isinstance(measure, Services):
        days = [service.month_on for service in known_services(measure, facts)]
    elif isinstance(measure, Days):
        days = [booked_on(measure, stay) for stay in facts.stays]
    return {key for day in days if (key := sheet.counter(limit, day)) is not None}


def _bill_counters(measure: Bills, sheet: Sheet) -> dict[LimitKey, int]:
    bounds: dict[LimitKey, int] = {}
    for step in measure.steps:
        if isinstance(step, Deductible) and step.accrues is not Accrual.EACH:
            amount = pick(step.amount, sheet.facts)
            if amount is not None:
                bounds[deductible_key(step, sheet)] = amount.value
    if sheet.cover.nature is Nature.INDEMNITY or looks_at_ledger(measure):
        for bill in chosen(measure, sheet.facts):
            bounds[bill_key(bill.ref)] = bill.left_fen
    return bounds


def limits_needed(terms: Terms, facts: Facts) -> tuple[LimitKey, ...]:
    """Give the keys of every counter that `assess` reads: policy, household, person, bill."""
    keys = {key for key, _ in limits_of(terms, facts)}
    books = Books(facts, {})
    for cover in _responding(terms, facts):
        measure = cover.measure
        if isinstance(measure, Bills) and measure.accumulates is not Accrual.EACH:
            keys.add(base_key(measure, Sheet(terms, cover, facts, books)))
    return tuple(sorted(keys, key=in_lock_order))


@dataclass(frozen=True, slots=True)
class FirstCover:
    """The first cover that responds: its counters that outlive the claim, and the bills it uses.

    Counters per month or day of admission stand in the first month or year alone.
    """

    counters: tuple[tuple[LimitKey, LimitUnit], ...]
    bills: tuple[LimitKey, ...]


def first_cover(terms: Terms, facts: Facts) -> FirstCover:
    """Describe the first cover that the event calls on; empty where none responds."""
    for cover in _responding(terms, facts):
        sheet = _sheet(terms, cover, facts, Books(facts, {}))
        counters = tuple(
            (min(_keys(limit, sheet), key=in_lock_order), limit.unit)
            for limit in sheet.limits()
            if limit.scope not in WITHIN_ONE_CLAIM and sheet.bound(limit) is not None
        )
        measure = cover.measure
        bills: tuple[LimitKey, ...] = ()
        if isinstance(measure, Bills) and cover.nature is Nature.INDEMNITY:
            bills = tuple(bill_key(bill.ref) for bill in chosen(measure, facts))
        return FirstCover(counters, bills)
    return FirstCover((), ())


def assess(terms: Terms, facts: Facts, usage: Mapping[LimitKey, int]) -> Assessment:
    """Work out what the terms owe for the facts, with a line for every step.

    `usage` is what other claims hold of each counter, in fen or days; a missing key is 0. It must
    not hold what an earlier assessment of this same claim took: a re-assessment replaces it.
    """
    books = Books(facts, usage)
    done: list[CoverAssessment] = []
    reasons: list[Reason] = []
    by_bill: dict[str, int] = {}
    for cover in _responding(terms, facts):
        sheet = _sheet(terms, cover, facts, books)
        amount, pieces = cover_fen(sheet)
        done.append(CoverAssessment(cover.code, cover.name_zh, amount, tuple(sheet.lines)))
        reasons += sheet.reasons
        for ref, fen in pieces:
            by_bill[ref] = by_bill.get(ref, 0) + fen
    total = sum(cover.amount_fen for cover in done)
    below = any(reason.code is ReasonCode.BELOW_DEDUCTIBLE for reason in reasons)
    return Assessment(
        terms.scheme_code,
        terms.version,
        total,
        _expected(total, below=below),
        tuple(done),
        tuple(reasons),
        tuple(by_bill.items()),
        books.taken(),
    )


def _expected(total_fen: int, *, below: bool) -> Outcome:
    if total_fen > 0:
        return Outcome.FULL
    return Outcome.BELOW_DEDUCTIBLE if below else Outcome.NIL


def _sheet(terms: Terms, cover: Cover, facts: Facts, books: Books) -> Sheet:
    """Open a cover's sheet, with what a multiplier makes of its limits."""
    sheet = Sheet(terms, cover, facts, books)
    multiplier = cover.multiplier
    if (
        multiplier is not None
        and multiplier.caps is CapsToo.MULTIPLIED
        and all(holds(condition, facts) for condition in multiplier.when)
    ):
        sheet.times_bp = multiplier.times.value
    return sheet
