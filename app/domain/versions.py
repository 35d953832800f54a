"""Which version of a scheme holds for an event: the newest one that is in force on its day."""

from collections.abc import Sequence
from datetime import date

from app.domain.terms import Terms


def version_on(versions: Sequence[Terms], on: date) -> Terms | None:
    """Give the version for an event on a day (both ends of a version included), or None.

    Of several in force the one that began last holds. A late change that is made retroactive is a
    version whose `effective_from` lies before the day it was written: closed claims assessed anew
    under it yield a difference.
    """
    in_force = [
        terms
        for terms in versions
        if terms.effective_from <= on and (terms.effective_to is None or on <= terms.effective_to)
    ]
    return max(in_force, key=lambda terms: (terms.effective_from, terms.version), default=None)


def succeeds(later: Terms, earlier: Terms) -> bool:
    """Tell whether a version begins after an earlier one has ended, or ends it by beginning."""
    if earlier.effective_to is None:
        return later.effective_from > earlier.effective_from
    return later.effective_from > earlier.effective_to


def days_zh(terms: Terms) -> str:
    """Say from when to when a version holds, as its own text has it."""
    if terms.effective_to is None:
        return f"{terms.effective_from} 起"
    return f"{terms.effective_from} 至 {terms.effective_to}"
