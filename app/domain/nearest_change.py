"""The nearest change: the smallest fact that would alter the amount, and by how much.

Found by trying: facts are changed one thing at a time and `assess` is asked again, so what is told
is what the engine would pay. Tried in this order, and the first that alters the amount is told: a
precondition that could be met (see near_conditions.py), more days of the last stay, more cost up to
the next edge of the terms (threshold, deductible, tier), a loss up to its franchise, the end of a
waiting period, the day on which a used-up limit begins anew, another category where the terms look
at it. At most MOST trials are made.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice

from app.domain.assess import assess
from app.domain.assessment import Assessment, ReasonCode, Rule
from app.domain.clauses.conditions import CategoryIs
from app.domain.conditions import holds, waiting_ends
from app.domain.facts import Facts
from app.domain.figures import Selector, Table
from app.domain.limits import LimitKey, policy_year
from app.domain.money import yuan_zh
from app.domain.near_conditions import ChangeKind, way_to_meet
from app.domain.near_cost import dearer, edges
from app.domain.origins import children
from app.domain.terms import Cover, Terms

MOST = (
    48  # trial assessments for one answer: 8 conditions, 11 for days, 12 edges, 5 dates, 12 words
)
DAYS_STEPS = (1, 2, 4, 8, 16, 32)
_MOST_CONDITIONS, _MOST_EDGES, _MOST_LOSSES, _MOST_WAITING, _MOST_CATEGORIES = 8, 12, 4, 4, 12
_A_LEAP_YEAR = timedelta(days=366)  # from a year's first day, always inside the year that follows


@dataclass(frozen=True, slots=True)
class NearestChange:
    """One fact changed: `facts` as they would be, what is due then, and the difference (never 0).

    `what_zh` names the change, `sentence_zh` says all of it; amounts in fen.
    """

    kind: ChangeKind
    what_zh: str
    amount_fen: int
    difference_fen: int
    sentence_zh: str
    facts: Facts


Try = Callable[[Facts], int]


def nearest_change(
    terms: Terms, facts: Facts, usage: Mapping[LimitKey, int], answer: Assessment
) -> NearestChange | None:
    """Give the nearest change of `answer`, which is `assess(terms, facts, usage)`; else None."""

    def due(changed: Facts) -> int:
        return assess(terms, changed, usage).amount_fen

    for tried in (_shown, _longer, _costlier, _worse, _later, _next_year, _other_category):
        for kind, what_zh, changed in tried(terms, facts, answer, due):
            amount = due(changed)
            if amount != answer.amount_fen:
                return _told(kind, what_zh, changed, answer.amount_fen, amount)
    return None


def _told(kind: ChangeKind, what_zh: str, changed: Facts, was: int, now: int) -> NearestChange:
    more = f"多 {yuan_zh(now - was)}" if now > was else f"少 {yuan_zh(was - now)}"
    sentence = f"{what_zh}，本保单应赔金额将由 {yuan_zh(was)} 变为 {yuan_zh(now)}（{more}）"
    return NearestChange(kind, what_zh, now, now - was, sentence, changed)


_Trial = tuple[ChangeKind, str, Facts]


def _called(terms: Terms, answer: Assessment, code: ReasonCode) -> Iterator[Cover]:
    """Give the covers that pay less for this reason, in the order of the terms."""
    codes = {reason.cover for reason in answer.reasons if reason.code is code}
    return (cover for cover in terms.covers if cover.code in codes)


def _shown(terms: Terms, facts: Facts, answer: Assessment, _: Try) -> Iterable[_Trial]:
    """Meet what preconditions ask for: one by one, then all of a cover together."""
    return islice(_conditions(terms, facts, answer), _MOST_CONDITIONS)


def _conditions(terms: Terms, facts: Facts, answer: Assessment) -> Iterator[_Trial]:
    for cover in _called(terms, answer, ReasonCode.CONDITION_UNMET):
        asked = (*terms.conditions, *cover.conditions)
        unmet = [condition for condition in asked if not holds(condition, facts)]
        ways = [way for condition in unmet if (way := way_to_meet(condition, facts))]
        for way in ways:
            yield way.kind, way.what_zh, way.change(facts)
        if len(ways) > 1:
            labels = "、".join(way.label_zh for way in ways)
            together = facts
            for way in ways:
                together = way.change(together)
            yield ChangeKind.CONDITION, f"如能证明“{labels}”", together


def _longer(_: Terms, facts: Facts, answer: Assessment, due: Try) -> Iterator[_Trial]:
    """Lengthen the last stay: find the first step that alters the amount, then the fewest days."""
    refs = {stay.ref for stay in facts.stays}
    if not any(line.about in refs for line in answer.lines):
        return
    enough = 0
    too_few = 0
    for days in DAYS_STEPS:
        if due(_longer_by(facts, days)) != answer.amount_fen:
            enough = days
            break
        too_few = days
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        if due(_longer_by(facts, middle)) != answer.amount_fen:
            enough = middle
        else:
            too_few = middle
    if enough:
        yield ChangeKind.MORE_DAYS, f"如多住 {enough} 天", _longer_by(facts, enough)


def _longer_by(facts: Facts, days: int) -> Facts:
    last = max(facts.stays, key=lambda stay: (stay.discharged_on, stay.ref))
    longer = replace(last, discharged_on=last.discharged_on + timedelta(days=days))
    return replace(facts, stays=tuple(longer if stay is last else stay for stay in facts.stays))


def _costlier(terms: Terms, facts: Facts, answer: Assessment, _: Try) -> Iterator[_Trial]:
    """Raise a bill to the next edge, the smallest rise first."""
    for edge in edges(terms, facts, answer)[:_MOST_EDGES]:
        what = f"如“{edge.part_zh}”再多 {yuan_zh(edge.more_fen)}（{edge.edge_zh}）"
        yield ChangeKind.MORE_COST, what, dearer(facts, edge)


def _worse(_: Terms, facts: Facts, answer: Assessment, __: Try) -> Iterable[_Trial]:
    """Raise an assessed loss to the franchise below which nothing is due."""
    below = {line.about: line for line in answer.lines if line.rule is Rule.FRANCHISE}
    short = [loss for loss in facts.losses if loss.ref in below and loss.loss_fen is not None]
    for loss in short[:_MOST_LOSSES]:
        franchise = dict(below[loss.ref].params)["franchise_fen"]
        what = f"如“{below[loss.ref].label_zh}”的核定损失达到免赔额 {yuan_zh(franchise)}"
        worse = replace(loss, loss_fen=franchise)
        losses = tuple(worse if other is loss else other for other in facts.losses)
        yield ChangeKind.MORE_LOSS, what, replace(facts, losses=losses)


def _later(terms: Terms, facts: Facts, answer: Assessment, _: Try) -> Iterable[_Trial]:
    return islice(_after_waiting(terms, facts, answer), _MOST_WAITING)


def _after_waiting(terms: Terms, facts: Facts, answer: Assessment) -> Iterator[_Trial]:
    end = facts.enrolment.covered_to
    for cover in _called(terms, answer, ReasonCode.WAITING_PERIOD):
        if cover.waiting is not None:
            first = waiting_ends(cover.waiting, facts.enrolment.first_covered_on)
            if end is None or first <= end:
                what = f"如出险日在 {first}（等待期满）或以后"
                yield ChangeKind.WAITING_OVER, what, _moved(facts, first)


def _next_year(_: Terms, facts: Facts, answer: Assessment, __: Try) -> Iterator[_Trial]:
    """Move the event into the next policy year, where the limits of a year begin anew."""
    if any(reason.code is ReasonCode.LIMIT_EXHAUSTED for reason in answer.reasons):
        start = facts.enrolment.policy_from
        this = date.fromisoformat(policy_year(start, facts.event.on))
        following = date.fromisoformat(policy_year(start, this + _A_LEAP_YEAR))
        what = f"限额至 {following} 起重新计算：如届时仍在保障期内出险"
        yield ChangeKind.LIMIT_ANEW, what, _moved(facts, following)


def _moved(facts: Facts, on: date) -> Facts:
    """Move the event, and stays and death with it, to another day."""
    by = on - facts.event.on
    end, died = facts.enrolment.covered_to, facts.person.died_on
    return replace(
        facts,
        event=replace(facts.event, on=on),
        person=replace(facts.person, died_on=None if died is None else died + by),
        enrolment=replace(facts.enrolment, covered_to=None if end is None else max(end, on)),
        stays=tuple(
            replace(stay, admitted_on=stay.admitted_on + by, discharged_on=stay.discharged_on + by)
            for stay in facts.stays
        ),
    )


def _other_category(terms: Terms, facts: Facts, answer: Assessment, due: Try) -> Iterator[_Trial]:
    """Give the category under which most is due, where it is not the same under all."""
    if not _by_category(terms):
        return
    others = [code for code in terms.categories if code != facts.person.category]
    found = [(due(_in(facts, code)), code) for code in others[:_MOST_CATEGORIES]]
    differing = [(amount, code) for amount, code in found if amount != answer.amount_fen]
    if differing:
        code = max(differing, key=lambda each: each[0])[1]
        what = f"如认定为“{terms.categories[code]}”"
        yield ChangeKind.CATEGORY, what, _in(facts, code)


_KNOWN: dict[int, tuple[Terms, bool]] = {}  # by id; with the terms, so that it stays theirs
_KNOWN_MOST = 2_000


def _by_category(terms: Terms) -> bool:
    """Tell whether anything in the terms looks at the category; terms are walked through once."""
    known = _KNOWN.get(id(terms))
    if known is None:
        if len(_KNOWN) >= _KNOWN_MOST:
            _KNOWN.clear()
        read = _names_category(terms.covers, terms.limits, terms.conditions)
        known = _KNOWN[id(terms)] = (terms, read)
    return known[1]


def _names_category(*values: object) -> bool:
    for value in values:
        if isinstance(value, CategoryIs | Cover) and value.categories:
            return True
        if isinstance(value, Table) and value.by is Selector.CATEGORY:
            return True
        if _names_category(*(child for _, child in children(value))):
            return True
    return False


def _in(facts: Facts, category: str) -> Facts:
    return replace(facts, person=replace(facts.person, category=category))
