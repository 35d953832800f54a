"""Numbers of the terms with their origin: flat, by table or band, by day, of a standard."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar

from app.domain.errors import Fault, Invalid
from app.domain.facts import Bill, Facts, Loss, Service, Stay
from app.domain.money import BP, half_up

At = Bill | Stay | Loss | Service | None  # the bill, stay, loss or service at hand


class Unit(StrEnum):
    FEN = "fen"
    BP = "bp"
    DAYS = "days"
    COUNT = "count"
    MONTHS = "months"
    MINUTES = "minutes"


@dataclass(frozen=True, slots=True)
class Sourced:
    """One number with its unit and either the clause it stands in or why it is unconfirmed."""

    value: int
    unit: Unit
    clause: str = ""
    unconfirmed: str = ""


class Selector(StrEnum):
    """By what a table is looked up.

    `level`, `grade`, `paid` and `place` look at the bill, stay or loss at hand. `paid` is yes or
    no: whether the payer or fund that `field` names has paid on the bill. `place` takes the row
    whose area code is the longest beginning of the hospital's, or else of the event's.
    """

    CATEGORY = "category"
    EVENT = "event"
    CAUSE = "cause"
    LEVEL = "level"
    GRADE = "grade"
    PAID = "paid"
    PLACE = "place"
    EXTRA = "extra"


@dataclass(frozen=True, slots=True)
class Table:
    """A number that depends on a word of the facts; `otherwise` null means: nothing is due.

    `field` names the extra field or the payer when `by` is extra or paid and is empty otherwise. A
    row may itself be a table, so that combinations (category and level) are spelt out.
    """

    TAG: ClassVar[str] = "table"
    by: Selector
    field: str
    rows: Mapping[str, "Figure"]
    otherwise: "Figure | None"


class BandBy(StrEnum):
    """What is measured: age in whole years on the event day, whole years of unbroken cover up to
    it, or an extra field that is a whole number."""

    AGE = "age"
    COVERED_YEARS = "covered_years"
    EXTRA = "extra"


@dataclass(frozen=True, slots=True)
class Band:
    """From `least` to `most`, both included; `most` null means no upper end."""

    least: Sourced
    most: Sourced | None
    value: "Figure"


@dataclass(frozen=True, slots=True)
class Bands:
    """A number that depends on a measured number; outside every band `otherwise` holds."""

    TAG: ClassVar[str] = "bands"
    by: BandBy
    field: str
    bands: tuple[Band, ...]
    otherwise: "Figure | None"


@dataclass(frozen=True, slots=True)
class OfStandard:
    """So many times (a count, or basis points) a dated local standard; see standards.py.

    `policy_premium` is the standard that stands for the whole premium of the policy.
    """

    TAG: ClassVar[str] = "of_standard"
    standard: str
    times: Sourced


@dataclass(frozen=True, slots=True)
class From:
    """A number that holds for events from this day on."""

    from_on: date
    value: "Figure"


@dataclass(frozen=True, slots=True)
class Dated:
    """A number that changed within one version, by the day of the event; rows from old to new.

    `before` holds for events before the first row; null means: nothing is due.
    """

    TAG: ClassVar[str] = "dated"
    rows: tuple[From, ...]
    before: "Figure | None"


Figure = Sourced | Table | Bands | OfStandard | Dated


class StandardMissing(Invalid):
    """The facts lack a local standard that the terms refer to; nothing can be worked out.

    `area` is the area code of the place as digits, empty where none was told.
    """

    def __init__(self, code: str, area: str = "", on: date | None = None) -> None:
        place = f"{area or '未填地区'} {on} " if on else ""
        super().__init__(
            Fault(
                "/standards",
                "terms.invalid",
                f"缺少 {place}适用的当地标准（{code}），无法理算。",
                f"The local standard {code} is not known for this place and day.",
                "请在条款目录的 standards/ 下写一个 YAML 文件（code、name_zh、rows："
                "place、from_on、value），再运行 relief schemes load 目录。",
            )
        )


def pick(figure: Figure, facts: Facts, at: At = None) -> Sourced | None:
    """Give the number that applies to the facts, or None when the terms have none for them.

    `at` is the bill, stay, loss or service at hand. An extra field is compared as text. Raises
    StandardMissing when a standard that the figure needs is not among the facts.
    """
    if isinstance(figure, Sourced):
        return figure
    found: Figure | None
    if isinstance(figure, Table):
        found = _row(figure, facts, at)
    elif isinstance(figure, Bands):
        found = _band(figure, facts)
    elif isinstance(figure, Dated):
        begun = [row.value for row in figure.rows if row.from_on <= facts.event.on]
        found = begun[-1] if begun else figure.before
    else:
        return _times(figure, facts)
    if found is None or isinstance(found, Sourced):
        return found
    return pick(found, facts, at)


def _row(table: Table, facts: Facts, at: At) -> Figure | None:
    if table.by is Selector.PLACE:
        place = at.area if isinstance(at, Bill) and at.area else facts.event.area
        fitting = [code for code in table.rows if place.startswith(code)]
        return table.rows[max(fitting, key=len)] if fitting else table.otherwise
    return table.rows.get(_key(table, facts, at), table.otherwise)


def _key(table: Table, facts: Facts, at: At) -> str:  # noqa: PLR0911 - one answer per selector
    match table.by:
        case Selector.CATEGORY:
            return facts.person.category
        case Selector.EVENT:
            return facts.event.kind
        case Selector.CAUSE:
            return facts.event.cause
        case Selector.LEVEL:
            return (at.level if isinstance(at, Bill | Stay) else None) or ""
        case Selector.GRADE:
            return (at.grade if isinstance(at, Loss) else None) or ""
        case Selector.PAID:
            return "yes" if isinstance(at, Bill) and _paid(table.field, at) else "no"
    return str(facts.extra.get(table.field, ""))


def _paid(payer: str, bill: Bill) -> bool:
    """Tell whether a fund of the settlement, or a later payer, has paid anything on the bill."""
    if bill.amounts.get(payer, 0) > 0:
        return True
    return any(name == payer and fen > 0 for name, fen in bill.paid_by)


def _band(bands: Bands, facts: Facts) -> Figure | None:
    measured = _measured(bands, facts)
    if measured is None:
        return bands.otherwise
    for band in bands.bands:
        most = band.most
        if band.least.value <= measured and (most is None or measured <= most.value):
            return band.value
    return bands.otherwise


def _measured(bands: Bands, facts: Facts) -> int | None:
    match bands.by:
        case BandBy.AGE:
            born = facts.person.birth_on
            return None if born is None else whole_years(born, facts.event.on)
        case BandBy.COVERED_YEARS:
            return whole_years(facts.enrolment.first_covered_on, facts.event.on)
    told = str(facts.extra.get(bands.field, ""))
    return int(told) if told.isdecimal() else None


def whole_years(since: date, on: date) -> int:
    """Count whole years; one is full on the anniversary (of 29 February: on 1 March)."""
    full = on.year - since.year
    return full if (on.month, on.day) >= (since.month, since.day) else full - 1


def _times(figure: OfStandard, facts: Facts) -> Sourced:
    for standard in facts.standards:
        if standard.code == figure.standard:
            times = figure.times
            value = standard.value_fen * times.value
            return Sourced(
                half_up(value, BP) if times.unit is Unit.BP else value,
                Unit.FEN,
                "；".join(part for part in (times.clause, standard.source_zh) if part),
                times.unconfirmed or standard.unconfirmed,
            )
    raise StandardMissing(figure.standard, facts.event.area, facts.event.on)
