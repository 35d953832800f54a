"""Rosters: the lines by which people come under a policy, and what can be wrong with them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from app.domain.errors import Fault
from app.domain.person import NewPerson

LINES_MAX = 1000
MEMBERS = "/members"


@dataclass(frozen=True, slots=True)
class Member:
    """One line of a roster: somebody, in a category of the terms, for a spell.

    Either `person_id` or `person` is given. A day left open is the policy's own; both days are
    covered. The premium (fen) left open is the policy's.
    """

    category: str
    person: NewPerson | None = None
    person_id: UUID | None = None
    covered_from: date | None = None
    covered_to: date | None = None
    certificate_no: str | None = None
    premium_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """First and last covered day, in Asia/Shanghai."""

    first: date
    last: date

    def of(self, line: Member) -> "Period":
        """Give a line's spell: its own days, or else the policy's, whose period this is."""
        return Period(line.covered_from or self.first, line.covered_to or self.last)


def roster_faults(
    lines: Sequence[Member], period: Period, categories: Collection[str], base: str = MEMBERS
) -> tuple[Fault, ...]:
    """Tell what is wrong with the lines of a roster on a policy with this period.

    `base` is the pointer of the list in what the caller sent.
    """
    if base == MEMBERS and not 1 <= len(lines) <= LINES_MAX:
        message_zh = f"一次须为 1 至 {LINES_MAX} 人"
        message_en = f"a roster has 1 to {LINES_MAX} lines"
        return (Fault(base, "validation.failed", message_zh, message_en),)
    return tuple(
        replace(fault, pointer=fault.pointer.replace(MEMBERS, base, 1))
        for place, line in enumerate(lines)
        for fault in (*_plain_faults(place, line, categories), *_spell_faults(place, line, period))
    )


def line_fault(
    place: int,
    field: str,
    message_zh: str,
    message_en: str,
    hint_zh: str = "",
    *,
    base: str = MEMBERS,
) -> Fault:
    """Make the fault of one field (`/person_id`) of the line at a place, counted from zero."""
    return Fault(f"{base}/{place}{field}", "validation.failed", message_zh, message_en, hint_zh)


def _plain_faults(place: int, line: Member, categories: Collection[str]) -> Iterator[Fault]:
    if line.category not in categories:
        known = "、".join(categories)
        yield line_fault(
            place,
            "/category",
            "条款中没有这个类别",
            "the terms know no such category",
            f"可用的类别：{known}",
        )
    if (line.person is None) == (line.person_id is None):
        yield line_fault(
            place, "/person", "须填人员或人员编号之一", "give either person or person_id"
        )
    if line.premium_fen is not None and line.premium_fen < 0:
        yield line_fault(place, "/premium", "保费不得为负", "a premium is not negative")


def _spell_faults(place: int, line: Member, period: Period) -> Iterator[Fault]:
    spell = period.of(line)
    span = f"保单期间为 {period.first} 至 {period.last}"
    if spell.first > spell.last:
        yield line_fault(
            place, "/covered_to", "保障止期早于起期", "the spell ends before it begins"
        )
    if not period.first <= spell.first <= period.last:
        yield line_fault(
            place, "/covered_from", "起期不在保单期间内", "it begins outside the policy", span
        )
    if not period.first <= spell.last <= period.last:
        yield line_fault(
            place, "/covered_to", "止期不在保单期间内", "it ends outside the policy", span
        )
