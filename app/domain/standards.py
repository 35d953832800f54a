"""Local standards as dated tables: what terms refer to by name changes without a new version.

The rows that applied on the event day travel in the facts, so a decision can be recomputed after
the table has grown.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from app.domain.canonical import decode
from app.domain.errors import Fault, Invalid, TermsInvalid
from app.domain.facts import LocalStandard
from app.domain.figures import OfStandard, Sourced, Unit
from app.domain.origins import children
from app.domain.terms import Terms

PREMIUM = "policy_premium"  # the whole premium of the policy: its books know it, no table does


@dataclass(frozen=True, slots=True)
class StandardRow:
    """An amount from a day on, for the places whose area code begins with `place` (empty: all)."""

    place: str
    from_on: date
    value: Sourced


@dataclass(frozen=True, slots=True)
class Standard:
    """A standard that places set, such as the monthly 低保 standard."""

    code: str
    name_zh: str
    rows: tuple[StandardRow, ...]


def read_standard(value: object) -> Standard:
    """Build a standard from plain JSON values; raises TermsInvalid with a Fault per wrong place."""
    try:
        standard = decode(Standard, value)
    except Invalid as wrong:
        raise TermsInvalid(*wrong.faults) from None
    faults = tuple(_faults(standard))
    if faults:
        raise TermsInvalid(*faults)
    return standard


def _faults(standard: Standard) -> Iterator[Fault]:
    if not (standard.code and standard.name_zh and standard.rows):
        yield _fault("", "编码、名称和各行都不能为空。", "Code, name and rows are needed.")
    seen: set[tuple[str, date]] = set()
    for i, row in enumerate(standard.rows):
        if row.place and not row.place.isdecimal():
            yield _fault(f"/rows/{i}/place", "地区须为行政区划代码。", "A place is an area code.")
        if (row.place, row.from_on) in seen:
            yield _fault(f"/rows/{i}", "同一地区同一天重复。", "This place and day stand twice.")
        seen.add((row.place, row.from_on))
        if row.value.unit is not Unit.FEN:
            yield _fault(f"/rows/{i}/value", "标准是金额。", "A standard is money.")
        if bool(row.value.clause) == bool(row.value.unconfirmed):
            yield _fault(f"/rows/{i}/value", "须注明来源或未证实原因。", "Its origin is needed.")


def _fault(pointer: str, message_zh: str, message_en: str) -> Fault:
    return Fault(pointer, "terms.invalid", message_zh, message_en)


def standard_on(standard: Standard, area: str, on: date) -> LocalStandard | None:
    """Give the standard at a place on a day: the nearest place wins, then the latest row.

    `area` is an area code as digits. None where no row applies.
    """
    fitting = [row for row in standard.rows if area.startswith(row.place) and row.from_on <= on]
    if not fitting:
        return None
    row = max(fitting, key=lambda row: (len(row.place), row.from_on))
    source = f"{standard.name_zh}（{row.from_on} 起）"
    return LocalStandard(
        standard.code,
        row.value.value,
        f"{source}：{row.value.clause}" if row.value.clause else source,
        row.value.unconfirmed,
    )


def premium_of(policy_no: str, due_fen: int) -> LocalStandard:
    """Give the whole premium of a policy as a standard: what is due of it now, in fen."""
    return LocalStandard(PREMIUM, due_fen, f"保单 {policy_no} 应收保费合计")


def joined(first: Mapping[str, Standard], second: Mapping[str, Standard]) -> dict[str, Standard]:
    """Join two sets of tables by code; for the same place and day the first one's row counts."""
    both = dict(second)
    for code, standard in first.items():
        other = second.get(code)
        rows = standard.rows if other is None else (*standard.rows, *other.rows)
        both[code] = Standard(code, standard.name_zh, rows)
    return both


def standards_needed(terms: Terms) -> frozenset[str]:
    """Give the codes of the standards that any number of the terms refers to."""
    return frozenset(_named(terms))


def _named(value: object) -> Iterator[str]:
    if isinstance(value, OfStandard):
        yield value.standard
        return
    for _, child in children(value):
        yield from _named(child)


def local_standards(
    tables: Mapping[str, Standard], needed: Iterable[str], area: str, on: date
) -> tuple[LocalStandard, ...]:
    """Give the needed standards that the tables have for a place and day, in order of code."""
    found = (standard_on(tables[code], area, on) for code in sorted(needed) if code in tables)
    return tuple(standard for standard in found if standard is not None)
