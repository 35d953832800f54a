"""What is wrong with terms as a whole: pure checks that return JSON pointers.

Reading (canonical.py) has already settled types and names; here stands what makes sense together.
"""

from app.domain.canonical import decode
from app.domain.errors import Fault, Invalid, TermsInvalid
from app.domain.extra_checks import check_extra
from app.domain.figures import Sourced, Unit
from app.domain.findings import Findings
from app.domain.limits import DEDUCTIBLE, Limit, LimitUnit, Scope
from app.domain.measure_checks import check_measure
from app.domain.terms import Cover, Days, ExtraAtLeast, Terms

_NEAREST_UNIT = {LimitUnit.FEN: Unit.FEN, LimitUnit.DAYS: Unit.DAYS}


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
    check_extra(found, terms)
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
        found.number(f"{at}/waiting/days", cover.waiting.days, Unit.DAYS)
    for i, condition in enumerate(cover.conditions):
        if isinstance(condition, ExtraAtLeast):
            found.number(f"{at}/conditions/{i}/least", condition.least, Unit.COUNT)
    found.unique(f"{at}/documents", [document.code for document in cover.documents])


def _check_own_limits(found: Findings, at: str, cover: Cover) -> None:
    found.unique(at, [limit.code for limit in cover.limits])
    for i, limit in enumerate(cover.limits):
        if limit.covers:
            found.add(
                f"{at}/{i}/covers",
                "共用限额写在 terms.limits。",
                "A shared limit stands in the limits of the terms.",
            )
        if limit.code == DEDUCTIBLE:
            found.add(f"{at}/{i}/code", "此编码留给年度起付额。", "This code is reserved.")
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
    found.figure(f"{at}/amount", limit.amount, _NEAREST_UNIT[limit.unit], by_level=anew)
    if in_days and not all(isinstance(cover.measure, Days) for cover in covers):
        found.add(f"{at}/unit", "按天限额只用于按天给付。", "A limit in days needs a day measure.")
    if anew and not in_days:
        found.add(f"{at}/scope", "每次住院的限额按天计。", "A limit per stay counts days.")
    if limit.levels and not in_days:
        found.add(f"{at}/levels", "按级别的限额按天计。", "A limit by level counts days.")
    if limit.scope is Scope.BILL:
        found.add(
            f"{at}/scope", "单据余额由系统自行控制。", "What is left of a bill is not a limit."
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
