"""Which limits of some terms accumulate beyond one claim, so that a balance may be brought in."""

from app.domain.limits import WITHIN_ONE_CLAIM, LimitUnit, Scope
from app.domain.terms import Accrual, Bills, Deductible, Terms


def countable(terms: Terms) -> dict[str, tuple[Scope, LimitUnit]]:
    """Give scope and unit (fen or days) of every counter code of the terms.

    A code is `cover.limit`, the code of a shared limit, or `cover.deductible` where a deductible is
    eaten once a year.
    """
    found: dict[str, tuple[Scope, LimitUnit]] = {}
    for cover in terms.covers:
        for limit in cover.limits:
            if limit.scope not in WITHIN_ONE_CLAIM:
                found[f"{cover.code}.{limit.code}"] = (limit.scope, limit.unit)
        if isinstance(cover.measure, Bills) and any(
            isinstance(step, Deductible) and step.accrues is Accrual.PERSON_YEAR
            for step in cover.measure.steps
        ):
            found[f"{cover.code}.deductible"] = (Scope.PERSON_YEAR, LimitUnit.FEN)
    for limit in terms.limits:
        if limit.scope not in WITHIN_ONE_CLAIM:
            found[limit.code] = (limit.scope, limit.unit)
    return found
