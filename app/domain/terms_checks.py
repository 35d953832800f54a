"""What is wrong with terms as a whole: pure checks that return JSON pointers.

Reading (canonical.py) has already settled types and names; here stands what makes sense together.
"""

from app.domain.canonical import decode
from app.domain.clauses.allowances import Days, Services, TableDays
from app.domain.condition_checks import check_conditions, check_waiting
from app.domain.errors import Fault, Invalid, TermsInvalid
from app.domain.extra_checks import check_extra
from app.domain.figures import Selector, Sourced, Unit
from app.domain.findings import Findings
from app.domain.funding_checks import check_funding
from app.domain.limits import BASE, DEDUCTIBLE, WITHIN_ONE_CLAIM, Exceeded, Limit, LimitUnit, Scope
from app.domain.measure_checks import check_measure
from app.domain.recurring import Recurring
from app.domain.terms import Advance, Cover, Terms

_NEAREST_UNIT = {
    LimitUnit.FEN: Unit.FEN,
    LimitUnit.DAYS: Unit.DAYS,
    LimitUnit.COUNT: Unit.COUNT,
    LimitUnit.MINUTES: Unit.MINUTES,
}
INSTALMENTS_MIN, INSTALMENTS_MAX = 2, 120
_RESERVED = frozenset({DEDUCTIBLE, BASE})
_A_STAY = frozenset({Selector.LEVEL})


def read_terms(value: object) -> Terms:
    """Build terms from plain JSON values and check them as a whole.

    Raises TermsInvalid with one Fault per wrong place; pointers are JSON pointers into `value`.
    """
    try:
        terms = decode(Terms, value)
    except Invalid as wrong:
        raise TermsInvalid(*wrong.faults) from None
    faults = check_terms(terms)
    if faults:
        raise TermsInvalid(*faults)
    return terms


def check_terms(terms: Terms) -> tuple[Fault, ...]:
    """Give every contradiction in the terms, with pointers; empty when there is none."""
    found = Findings(terms)
    if not (terms.scheme_code and terms.version and terms.name_zh and terms.source.title_zh):
        found.add(
            "", "编码、版本、名称和来源都不能为空。", "Code, version, name and source are needed."
        )
    if terms.effective_to is not None and terms.effective_to < terms.effective_from:
        found.add("/effective_to", "止期早于起期。", "Ends before it begins.")
    if not terms.categories:
        found.add("/categories", "至少要有一类被保人。", "At least one category is needed.")
    if not terms.covers:
        found.add("/covers", "至少要有一项责任。", "At least one cover is needed.")
    if terms.premium is not None:
        found.figure("/premium", terms.premium, Unit.FEN)
    found.unique("/covers", [cover.code for cover in terms.covers])
    for i, cover in enumerate(terms.covers):
        _check_cover(found, f"/covers/{i}", cover)
    _check_shared(found, terms)
    check_conditions(found, "/conditions", terms.conditions)
    check_extra(found, terms)
    check_funding(found, terms)
    return tuple(found.faults)


def _check_cover(found: Findings, at: str, cover: Cover) -> None:
    if not cover.events:
        found.add(f"{at}/events", "至少要有一种事故。", "At least one event kind is needed.")
    for i, category in enumerate(cover.categories):
        if category not in found.terms.categories:
            found.add(f"{at}/categories/{i}", "没有这类被保人。", "Unknown category.")
    check_measure(found, f"{at}/measure", cover)
    _check_own_limits(found, f"{at}/limits", cover)
    if cover.waiting is not None:
        check_waiting(found, f"{at}/waiting", cover.waiting)
    check_conditions(found, f"{at}/conditions", cover.conditions)
    found.unique(f"{at}/documents", [document.code for document in cover.documents])
    for i, document in enumerate(cover.documents):
        check_conditions(found, f"{at}/documents/{i}/when", document.when)
    if cover.multiplier is not None:
        check_conditions(found, f"{at}/multiplier/when", cover.multiplier.when)
        times = f"{at}/multiplier/times"
        found.number(times, cover.multiplier.times, Unit.BP, above_whole=True)
    _check_when_paid(found, at, cover)


def _check_when_paid(found: Findings, at: str, cover: Cover) -> None:
    if cover.advance is not None:
        _check_advance(found, f"{at}/advance", cover.advance)
    if cover.recurring is not None:
        _check_recurring(found, f"{at}/recurring", cover.recurring)


def _check_recurring(found: Findings, at: str, recurring: Recurring) -> None:
    found.number(f"{at}/instalments", recurring.instalments, Unit.COUNT)
    if not INSTALMENTS_MIN <= recurring.instalments.value <= INSTALMENTS_MAX:
        found.add(
            f"{at}/instalments/value", "期数须为 2 至 120。", "There are 2 to 120 instalments."
        )
    found.unique(f"{at}/ends", recurring.ends)


def _check_advance(found: Findings, at: str, advance: Advance) -> None:
    if advance.amount is None and advance.of_due is None:
        found.add(at, "须写明先付金额或比例。", "An advance needs a sum or a share.")
    if advance.amount is not None:
        found.figure(f"{at}/amount", advance.amount, Unit.FEN)
    if advance.of_due is not None:
        found.figure(f"{at}/of_due", advance.of_due, Unit.BP)


def _check_own_limits(found: Findings, at: str, cover: Cover) -> None:
    found.unique(at, [limit.code for limit in cover.limits])
    for i, limit in enumerate(cover.limits):
        if limit.covers:
            found.add(
                f"{at}/{i}/covers",
                "共用限额写在 terms.limits。",
                "A shared limit stands in the limits of the terms.",
            )
        if limit.code in _RESERVED:
            found.add(
                f"{at}/{i}/code", "此编码留给年度起付额和年度基数。", "This code is reserved."
            )
        _check_limit(found, f"{at}/{i}", limit, (cover,))
    _check_reach(found, at, cover.limits)


def _check_shared(found: Findings, terms: Terms) -> None:
    found.unique("/limits", [limit.code for limit in terms.limits])
    covers = {cover.code: cover for cover in terms.covers}
    for i, limit in enumerate(terms.limits):
        if not limit.covers:
            found.add(f"/limits/{i}/covers", "须列出共用的责任。", "Name the covers that share it.")
        for j, code in enumerate(limit.covers):
            if code not in covers:
                found.add(f"/limits/{i}/covers/{j}", "没有这项责任。", "Unknown cover.")
        sharing = tuple(covers[code] for code in limit.covers if code in covers)
        _check_limit(found, f"/limits/{i}", limit, sharing)


def _check_limit(found: Findings, at: str, limit: Limit, covers: tuple[Cover, ...]) -> None:
    in_days = limit.unit is LimitUnit.DAYS
    anew = limit.scope is Scope.STAY
    hand = _A_STAY if anew else frozenset[Selector]()
    found.figure(f"{at}/amount", limit.amount, _NEAREST_UNIT[limit.unit], at=hand)
    measures = tuple(cover.measure for cover in covers)
    if in_days and not all(isinstance(each, Days | TableDays | Services) for each in measures):
        found.add(f"{at}/unit", "按天限额只用于按天给付。", "A limit in days needs a day measure.")
    timed = all(isinstance(each, Services) for each in measures)
    if limit.unit is LimitUnit.MINUTES and not timed:
        found.add(f"{at}/unit", "按时限额只用于护理服务。", "A limit in hours needs services.")
    if limit.scope is Scope.PERSON_MONTH and not timed:
        found.add(f"{at}/scope", "按月限额只用于护理服务。", "A limit per month needs services.")
    if anew and not (in_days and all(isinstance(each, Days) for each in measures)):
        found.add(f"{at}/scope", "每次住院的限额按天计。", "A limit per stay counts days.")
    if limit.unit is LimitUnit.COUNT and limit.scope in WITHIN_ONE_CLAIM:
        found.add(f"{at}/scope", "一案只给付一次，按次限额须跨案。", "One claim pays once anyway.")
    _check_exceeded(found, at, limit)
    if limit.levels and not in_days:
        found.add(f"{at}/levels", "按级别的限额按天计。", "A limit by level counts days.")
    if limit.scope is Scope.BILL:
        found.add(
            f"{at}/scope", "单据余额由系统自行控制。", "What is left of a bill is not a limit."
        )


def _check_exceeded(found: Findings, at: str, limit: Limit) -> None:
    wide = limit.scope in (Scope.EVENT, Scope.POLICY_YEAR) and limit.unit is LimitUnit.FEN
    if limit.exceeded is Exceeded.SCALED_BACK and not wide:
        found.add(
            f"{at}/exceeded",
            "只有按金额计的一次灾害或保单年度限额可以按比例回调。",
            "Only a limit in fen of a disaster or a policy year is scaled back to.",
        )


def _check_reach(found: Findings, at: str, limits: tuple[Limit, ...]) -> None:
    """Refuse a limit of one claim that can never bite because the year's is not above it."""
    yearly = [
        limit.amount.value
        for limit in limits
        if limit.scope is Scope.PERSON_YEAR
        and limit.unit is LimitUnit.FEN
        and isinstance(limit.amount, Sourced)
    ]
    for i, limit in enumerate(limits):
        if limit.scope is not Scope.CLAIM or limit.unit is not LimitUnit.FEN:
            continue
        amount = limit.amount
        if isinstance(amount, Sourced) and any(amount.value >= year for year in yearly):
            found.add(f"{at}/{i}", "单次限额不低于年度限额，永远用不到。", "Never reached.")
