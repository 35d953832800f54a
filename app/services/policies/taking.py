"""Take people onto a held policy's roster: by a roster, or by an endorsement."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.db.enrolments import NewEnrolment, add_enrolments
from app.db.people import read_people
from app.db.policies import PolicyRow
from app.db.session import Tx
from app.domain.errors import Fault, Invalid
from app.domain.roster import MEMBERS, Member, Period, line_fault, roster_faults
from app.domain.terms import Terms
from app.services.people.find_or_register import Settled, find_or_register


@dataclass(frozen=True, slots=True)
class Taken:
    """A line of a roster as it was taken."""

    enrolment_id: UUID
    person: Settled
    spell: NewEnrolment


async def take(
    tx: Tx,
    policy: PolicyRow,
    terms: Terms,
    members: Sequence[Member],
    charge: Callable[[Period], int],
    base: str = MEMBERS,
) -> list[Taken]:
    """Enrol people, all or none; unknown people are registered on the way.

    `charge` gives the premium (fen) of a spell where a line does not say it; `base` is the pointer
    of the list in what the caller sent. Raises Invalid with a fault for everything wrong.
    """
    refuse(roster_faults(members, period_of(policy), terms.categories, base))
    people = await _people(tx, members, base)
    spells = [
        _spell(policy, line, person, charge) for line, person in zip(members, people, strict=True)
    ]
    refuse(_area_faults(policy, spells, base))
    ids = await add_enrolments(tx, policy.id, policy.insurer_code, spells)
    refuse(_overlap_faults(ids, base))
    return [
        Taken(row_id, person, spell)
        for row_id, person, spell in zip(ids, people, spells, strict=True)
        if row_id is not None
    ]


def refuse(faults: Iterable[Fault]) -> None:
    """Raise Invalid when there are faults."""
    found = tuple(faults)
    if found:
        raise Invalid(*found)


def period_of(policy: PolicyRow) -> Period:
    """Give a policy's period."""
    return Period(policy.period_from, policy.period_to)


async def _people(tx: Tx, members: Sequence[Member], base: str) -> list[Settled]:
    """Everybody of the roster, in its order: those named by row id, the others by their papers."""
    named = [line.person_id for line in members if line.person_id is not None]
    known = await read_people(tx, named) if named else {}
    refuse(
        line_fault(place, "/person_id", "没有这个人员", "no such person", base=base)
        for place, line in enumerate(members)
        if line.person_id is not None and line.person_id not in known
    )
    described = [
        (line.person, f"{base}/{place}/person")
        for place, line in enumerate(members)
        if line.person is not None
    ]
    people = [person for person, _ in described]
    pointers = [pointer for _, pointer in described]
    found = iter(await find_or_register(tx, people, pointers, await tx.today()))
    return [
        next(found)
        if line.person_id is None
        else Settled(line.person_id, known[line.person_id].area_code, registered=False)
        for line in members
    ]


def _area_faults(policy: PolicyRow, spells: Sequence[NewEnrolment], base: str) -> Iterable[Fault]:
    for place, spell in enumerate(spells):
        if not policy.area_lo <= spell.area_code < policy.area_hi:
            yield line_fault(
                place, "/person", "此人不在保单覆盖的辖区", "outside the policy's area", base=base
            )


def _overlap_faults(ids: Sequence[UUID | None], base: str) -> Iterable[Fault]:
    for place, row_id in enumerate(ids):
        if row_id is None:
            yield line_fault(
                place,
                "/covered_from",
                "此人在这张保单上已有重叠的保障期间",
                "the person has an overlapping spell on this policy",
                "请先查看名册中此人的起止日期",
                base=base,
            )


def _spell(
    policy: PolicyRow, line: Member, person: Settled, charge: Callable[[Period], int]
) -> NewEnrolment:
    days = period_of(policy).of(line)
    return NewEnrolment(
        person.area_code,
        person.id,
        line.category,
        days.first,
        days.last,
        line.certificate_no,
        charge(days) if line.premium_fen is None else line.premium_fen,
    )
