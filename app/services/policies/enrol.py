"""Put people on a policy's roster."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.db.enrolments import NewEnrolment, add_enrolments
from app.db.events import NewEvent, write_event
from app.db.people import read_people
from app.db.policies import PolicyRow, lock_policy, touch_policy
from app.db.session import Tx
from app.db.terms import terms_of
from app.domain.errors import Fault, Invalid, OutOfArea
from app.domain.policy import PolicyStatus
from app.domain.roster import Member, Period, line_fault, roster_faults
from app.services.people.find_or_register import Settled, find_or_register


@dataclass(frozen=True, slots=True)
class EnrolledMember:
    """A line of a roster as it was taken; `registered` tells that the person is new here."""

    enrolment_id: UUID
    person_id: UUID
    registered: bool
    category: str
    covered_from: date
    covered_to: date


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What a roster has become, in its order; `version` is the policy's new version."""

    policy_no: str
    version: int
    members: tuple[EnrolledMember, ...]


async def enrol(tx: Tx, policy_no: str, members: Sequence[Member]) -> Enrolled:
    """Enrol 1 to 1000 people, all or none; unknown people are registered on the way.

    Raises NotFound for the policy, OutOfArea when the whole policy is not the caller's to keep,
    and Invalid with a fault at `/members/{line}/...` for everything wrong: a spell outside the
    policy's period or over another spell of the same person, a category the terms do not know,
    somebody from outside the policy's area, wrong numbers.
    """
    policy = await lock_policy(tx, policy_no)
    if policy.area_lo < tx.caller.area_lo or policy.area_hi > tx.caller.area_hi:
        raise OutOfArea("这张保单由上级辖区管理名册。", "A wider area keeps this policy's roster.")
    terms = await terms_of(tx, policy.terms_sha256)
    _refuse(_status_faults(policy))
    _refuse(roster_faults(members, _period(policy), terms.categories))
    people = await _people(tx, members)
    spells = [_spell(policy, line, person) for line, person in zip(members, people, strict=True)]
    _refuse(_area_faults(policy, spells))
    ids = await add_enrolments(tx, policy.id, policy.insurer_code, spells)
    _refuse(_overlap_faults(ids))
    version = await touch_policy(tx, policy.id)
    await write_event(tx, _event(policy, version, spells))
    enrolled = tuple(
        _enrolled(row_id, person, spell)
        for row_id, person, spell in zip(ids, people, spells, strict=True)
    )
    return Enrolled(policy_no, version, enrolled)


async def _people(tx: Tx, members: Sequence[Member]) -> list[Settled]:
    """Everybody of the roster, in its order: those named by row id, the others by their papers."""
    named = [line.person_id for line in members if line.person_id is not None]
    known = await read_people(tx, named) if named else {}
    _refuse(
        line_fault(place, "/person_id", "没有这个人员", "no such person")
        for place, line in enumerate(members)
        if line.person_id is not None and line.person_id not in known
    )
    described = [
        (line.person, f"/members/{place}/person")
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


def _refuse(faults: Iterable[Fault]) -> None:
    found = tuple(faults)
    if found:
        raise Invalid(*found)


def _status_faults(policy: PolicyRow) -> list[Fault]:
    if policy.status is PolicyStatus.ACTIVE:
        return []
    message = "the policy is not active"
    return [Fault("/policy_no", "validation.failed", "保单不在保障中", message)]


def _area_faults(policy: PolicyRow, spells: Sequence[NewEnrolment]) -> Iterable[Fault]:
    for place, spell in enumerate(spells):
        if not policy.area_lo <= spell.area_code < policy.area_hi:
            yield line_fault(
                place, "/person", "此人不在保单覆盖的辖区", "outside the policy's area"
            )


def _overlap_faults(ids: Sequence[UUID | None]) -> Iterable[Fault]:
    for place, row_id in enumerate(ids):
        if row_id is None:
            yield line_fault(
                place,
                "/covered_from",
                "此人在这张保单上已有重叠的保障期间",
                "the person has an overlapping spell on this policy",
                "请先查看名册中此人的起止日期",
            )


def _period(policy: PolicyRow) -> Period:
    return Period(policy.period_from, policy.period_to)


def _spell(policy: PolicyRow, line: Member, person: Settled) -> NewEnrolment:
    days = _period(policy).of(line)
    premium = policy.premium_per_person_fen if line.premium_fen is None else line.premium_fen
    return NewEnrolment(
        person.area_code,
        person.id,
        line.category,
        days.first,
        days.last,
        line.certificate_no,
        premium,
    )


def _event(policy: PolicyRow, version: int, spells: Sequence[NewEnrolment]) -> NewEvent:
    added = Counter(spell.category for spell in spells)
    return NewEvent(
        "policy",
        policy.policy_no,
        version,
        "policy.enrolled",
        policy.area_lo,
        was=policy.status.value,
        now=policy.status.value,
        insurer_code=policy.insurer_code,
        detail={"added": dict(sorted(added.items()))},
    )


def _enrolled(row_id: UUID | None, person: Settled, spell: NewEnrolment) -> EnrolledMember:
    assert row_id is not None, "overlaps were refused before"
    return EnrolledMember(
        row_id,
        person.id,
        person.registered,
        spell.category,
        spell.covered_from,
        spell.covered_to,
    )
