"""One person once: in which of several categories, and under which of several schemes."""

from collections.abc import Iterable

from app.domain.clauses.conditions import NotUnder
from app.domain.terms import Terms


def entered_as(terms: Terms, categories: Iterable[str]) -> str | None:
    """Give the one category in which a person who is in several is entered: the first of the terms.

    None when the scheme insures none of them. Chongqing insures once whoever is in several.
    """
    held = frozenset(categories)
    return next((code for code in terms.categories if code in held), None)


def schemes_named(terms: Terms) -> frozenset[str]:
    """Give the other schemes that any condition of the terms names: the only ones to tell it of."""
    covers = (condition for cover in terms.covers for condition in cover.conditions)
    return frozenset(
        code
        for condition in (*terms.conditions, *covers)
        if isinstance(condition, NotUnder)
        for code in condition.schemes
    )


def excludes(terms: Terms, other_schemes: Iterable[str]) -> frozenset[str]:
    """Give those of the other schemes that keep a person out of this one altogether."""
    barred = {
        code
        for condition in terms.conditions
        if isinstance(condition, NotUnder)
        for code in condition.schemes
    }
    return frozenset(other_schemes) & barred
