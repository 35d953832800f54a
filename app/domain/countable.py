"""Which limits of some terms accumulate beyond one claim, so that a balance may be brought in."""

from app.domain.clauses.bills import Accrual, Bills, Deductible
from app.domain.limits import BASE, DEDUCTIBLE, LASTING, LimitUnit, Scope
from app.domain.terms import Terms

_SCOPES = {
    Accrual.PERSON_YEAR: Scope.PERSON_YEAR,
    Accrual.HOUSEHOLD_YEAR: Scope.HOUSEHOLD_YEAR,
}


def countable(terms: Terms) -> dict[str, tuple[Scope, LimitUnit]]:
    """Give scope and unit of every counter code of the terms that a year or a life has.

    A code is `cover.limit`, the code of a shared limit, `cover.deductible` where a deductible is
    eaten once a year (or the name that covers share it by), and `cover.base` where a base
    accumulates. Counters of a month, an accident or a disaster begin anew and bring nothing in.
    """
    found: dict[str, tuple[Scope, LimitUnit]] = {}
    for cover in terms.covers:
        for limit in cover.limits:
            if limit.scope in LASTING:
                found[f"{cover.code}.{limit.code}"] = (limit.scope, limit.unit)
        if isinstance(cover.measure, Bills):
            found.update(_of_bills(cover.code, cover.measure))
    for limit in terms.limits:
        if limit.scope in LASTING:
            found[limit.code] = (limit.scope, limit.unit)
    return found


def _of_bills(code: str, measure: Bills) -> dict[str, tuple[Scope, LimitUnit]]:
    found: dict[str, tuple[Scope, LimitUnit]] = {}
    if measure.accumulates is not Accrual.EACH:
        found[f"{code}.{BASE}"] = (_SCOPES[measure.accumulates], LimitUnit.FEN)
    for step in measure.steps:
        if isinstance(step, Deductible) and step.accrues is not Accrual.EACH:
            found[f"{step.shared or code}.{DEDUCTIBLE}"] = (_SCOPES[step.accrues], LimitUnit.FEN)
    return found
