"""The engine: which covers respond, which counters they need, and what each owes and why.

Pure and in whole numbers. Later covers of the same terms see what earlier ones took of shared
limits and bills.
"""

from collections.abc import Mapping

from app.domain.assessment import Assessment, CoverAssessment, Reason, ReasonCode, Rule
from app.domain.conditions import condition_zh, holds, in_waiting
from app.domain.facts import Facts
from app.domain.figures import pick
from app.domain.lifecycle import Outcome
from app.domain.limits import DEDUCTIBLE, WITHIN_ONE_CLAIM, LimitKey, Scope, bill_key, in_lock_order
from app.domain.measures.bills import book_bills, chosen, looks_at_ledger, measure_bills
from app.domain.measures.caps import cap
from app.domain.measures.days import measure_days
from app.domain.measures.fixed import measure_fixed
from app.domain.measures.sheet import Books, Sheet
from app.domain.measures.things import measure_things
from app.domain.money import split_fen
from app.domain.terms import (
    Accrual,
    Bills,
    Cover,
    Days,
    Deductible,
    Document,
    FixedSum,
    Nature,
    Terms,
    Things,
)

_NO_PIECES: tuple[tuple[str, int], ...] = ()


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
            return bool(chosen(measure, facts))
        case Days():
            return bool(facts.stays)
        case Things() as measure:
            kinds = {thing.kind for thing in measure.things}
            return any(loss.kind in kinds for loss in facts.losses)
        case FixedSum():
            return True


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
    """Give the counters that `assess` will read and take from, in lock order, with their bounds.

    Bounds are fen or days; the bound of a bill is what is left of it.
    """
    books = Books(facts, {})
    bounds: dict[LimitKey, int] = {}
    for cover in _responding(terms, facts):
        sheet = Sheet(terms, cover, facts, books)
        for limit in sheet.limits():
            key, bound = sheet.counter(limit), sheet.bound(limit)
            if key is not None and bound is not None and key.scope not in WITHIN_ONE_CLAIM:
                bounds[key] = bound.value
        if isinstance(cover.measure, Bills):
            bounds.update(_bill_counters(cover.measure, sheet))
    return tuple((key, bounds[key]) for key in sorted(bounds, key=in_lock_order))


def _bill_counters(measure: Bills, sheet: Sheet) -> dict[LimitKey, int]:
    bounds: dict[LimitKey, int] = {}
    for step in measure.steps:
        if isinstance(step, Deductible) and step.accrues is Accrual.PERSON_YEAR:
            amount = pick(step.amount, sheet.facts)
            if amount is not None:
                key = sheet.books.key(Scope.PERSON_YEAR, f"{sheet.cover.code}.{DEDUCTIBLE}")
                bounds[key] = amount.value
    if sheet.cover.nature is Nature.INDEMNITY or looks_at_ledger(measure):
        for bill in chosen(measure, sheet.facts):
            bounds[bill_key(bill.ref)] = bill.left_fen
    return bounds


def limits_needed(terms: Terms, facts: Facts) -> tuple[LimitKey, ...]:
    """Give the keys of `limits_of`: policy, household, person, bill."""
    return tuple(key for key, _ in limits_of(terms, facts))


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
        sheet = Sheet(terms, cover, facts, books)
        amount, pieces = _cover_fen(sheet)
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


def _cover_fen(sheet: Sheet) -> tuple[int, tuple[tuple[str, int], ...]]:
    """Give a cover's amount in fen and, for an indemnity over bills, its split over them."""
    if not _open(sheet):
        return 0, _NO_PIECES
    match sheet.cover.measure:
        case Bills() as measure:
            return _over_bills(measure, sheet)
        case FixedSum() as measure:
            due = measure_fixed(measure, sheet)
        case Days() as measure:
            due = measure_days(measure, sheet)
        case Things() as measure:
            due = measure_things(measure, sheet)
    return cap(due, sheet), _NO_PIECES


def _over_bills(measure: Bills, sheet: Sheet) -> tuple[int, tuple[tuple[str, int], ...]]:
    pieces = measure_bills(measure, sheet)
    amount = cap(sum(fen for _, fen in pieces), sheet)
    if sheet.cover.nature is not Nature.INDEMNITY:
        return amount, _NO_PIECES
    parts = split_fen(amount, [fen for _, fen in pieces])
    split = tuple((ref, part) for (ref, _), part in zip(pieces, parts, strict=True))
    book_bills(split, sheet)
    return amount, split


def _open(sheet: Sheet) -> bool:
    """Tell whether waiting period and preconditions let the cover pay; say so where they do not."""
    waiting = sheet.cover.waiting
    if waiting is not None and in_waiting(waiting, sheet.facts):
        days = waiting.days
        sheet.write(
            Rule.WAITING, sheet.cover.name_zh, (("waiting_days", days.value),), 0, origin=days
        )
        sheet.because(ReasonCode.WAITING_PERIOD, sheet.cover.name_zh)
        return False
    for condition in sheet.cover.conditions:
        if not holds(condition, sheet.facts):
            label = condition_zh(condition)
            sheet.write(Rule.CONDITION, label, (), 0)
            sheet.because(ReasonCode.CONDITION_UNMET, label)
            return False
    return True
