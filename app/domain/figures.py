"""Numbers of the terms: each with its origin, flat or by a table."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from app.domain.facts import Facts
from app.domain.words import Level


class Unit(StrEnum):
    FEN = "fen"
    BP = "bp"
    DAYS = "days"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Sourced:
    """One number with its unit and either the clause it stands in or why it is unconfirmed."""

    value: int
    unit: Unit
    clause: str = ""
    unconfirmed: str = ""


class Selector(StrEnum):
    """By what a table is looked up."""

    CATEGORY = "category"
    CAUSE = "cause"
    LEVEL = "level"
    EXTRA = "extra"


@dataclass(frozen=True, slots=True)
class Table:
    """A number that depends on a word of the facts; `otherwise` null means: nothing is due.

    `field` names the extra field when `by` is extra and is empty otherwise.
    """

    TAG: ClassVar[str] = "table"
    by: Selector
    field: str
    rows: Mapping[str, Sourced]
    otherwise: Sourced | None


Figure = Sourced | Table


def pick(figure: Figure, facts: Facts, level: Level | None = None) -> Sourced | None:
    """Give the number that applies to the facts, or None when the table has none for them.

    `level` is that of the bill or stay at hand. An extra field is compared as text.
    """
    if isinstance(figure, Sourced):
        return figure
    return figure.rows.get(_key(figure, facts, level), figure.otherwise)


def _key(table: Table, facts: Facts, level: Level | None) -> str:
    match table.by:
        case Selector.CATEGORY:
            return facts.person.category
        case Selector.CAUSE:
            return facts.event.cause
        case Selector.LEVEL:
            return level or ""
        case Selector.EXTRA:
            return str(facts.extra.get(table.field, ""))
