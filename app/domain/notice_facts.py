"""From what was told to what a rule may look at: the notice as facts under one spell of cover."""

from dataclasses import dataclass
from datetime import date

from app.domain.errors import Fault
from app.domain.facts import (
    Bill,
    EnrolmentFacts,
    EventFacts,
    Facts,
    Injury,
    LocalStandard,
    Loss,
    PersonFacts,
    Service,
    Stay,
)
from app.domain.notice import NoticeBill, NoticeContent
from app.domain.words import BillKind, Carer, Cause, EventKind, Level, Liable, OutpatientKind, Sex


@dataclass(frozen=True, slots=True)
class Insured:
    """The person as registered, without identity: days are calendar days."""

    birth_on: date
    sex: str | None
    died_on: date | None


@dataclass(frozen=True, slots=True)
class CoverSpell:
    """The spell of enrolment that holds the event day, and what terms may ask around it.

    `other_schemes` and `standards` hold what the terms of this spell refer to, nothing more.
    """

    category: str
    policy_from: date
    covered_from: date
    covered_to: date
    first_covered_on: date
    lapsed_on: date | None = None
    other_schemes: tuple[str, ...] = ()
    standards: tuple[LocalStandard, ...] = ()


def bill_ref(index: int) -> str:
    """Name a bill of a notice by its place in it (`bill-1` is the first)."""
    return f"bill-{index + 1}"


def bill_facts(bill: NoticeBill, index: int) -> Bill:
    """Give one bill of a notice as facts; words must be known (see notice_checks)."""
    return Bill(
        ref=bill_ref(index),
        kind=BillKind(bill.kind),
        total_fen=bill.total_fen,
        amounts=dict(bill.amounts),
        paid_by=tuple(bill.paid_by),
        category=None if bill.category is None else OutpatientKind(bill.category),
        hospital_level=None if bill.hospital_level is None else Level(bill.hospital_level),
        area=bill.hospital_area or "",
        stay_ref="" if bill.stay is None else f"stay-{bill.stay}",
    )


def facts_of(content: NoticeContent, insured: Insured, spell: CoverSpell) -> Facts:
    """Give the facts of a complete notice under one spell. Raises AssertionError when it is not.

    A stay without a discharge day counts to the event day's own day of admission only: an open
    stay is stated as one day and assessed again when it ends.
    """
    event = content.event
    assert event.kind is not None
    assert event.cause is not None
    assert event.on is not None
    return Facts(
        event=EventFacts(
            EventKind(event.kind),
            Cause(event.cause),
            event.on,
            same_as=event.same_as or "",
            occurrence=event.occurrence or "",
            liable=None if event.liable is None else Liable(event.liable),
        ),
        person=PersonFacts(
            spell.category,
            insured.birth_on,
            None if insured.sex is None else Sex(insured.sex),
            insured.died_on,
        ),
        enrolment=EnrolmentFacts(
            spell.policy_from,
            spell.covered_from,
            spell.covered_to,
            spell.first_covered_on,
            spell.lapsed_on,
        ),
        bills=tuple(bill_facts(bill, index) for index, bill in enumerate(content.bills)),
        stays=tuple(
            Stay(
                f"stay-{index + 1}",
                None if stay.hospital_level is None else Level(stay.hospital_level),
                stay.admitted_on,
                stay.discharged_on or stay.admitted_on,
            )
            for index, stay in enumerate(content.stays)
        ),
        losses=tuple(
            Loss(
                f"loss-{index + 1}",
                loss.item,
                loss.count,
                loss.grade,
                loss.value_fen,
                loss.hundredths,
                loss.worth_fen,
            )
            for index, loss in enumerate(content.losses)
        ),
        extra=dict(content.extra),
        injuries=tuple(
            Injury(f"injury-{index + 1}", injury.grade, injury.kind or "")
            for index, injury in enumerate(content.injuries)
        ),
        services=tuple(
            Service(
                f"service-{index + 1}",
                service.kind,
                service.month_on.replace(day=1),
                service.days,
                service.minutes,
                Carer(service.carer),
            )
            for index, service in enumerate(content.services)
        ),
        standards=spell.standards,
        other_schemes=spell.other_schemes,
    )


def settlement_names(content: NoticeContent, person_key: str) -> tuple[str, ...]:
    """Name what may be live in one notice only: (person, settlement) or (hospital, invoice).

    The names hold identity: only their blind index is ever stored.
    """
    named = []
    for bill in content.bills:
        if bill.settlement_id:
            named.append(f"settlement|{person_key}|{bill.settlement_id}")
        elif bill.invoice_no:
            named.append(f"invoice|{bill.hospital or ''}|{bill.invoice_no}")
    return tuple(dict.fromkeys(named))


def unknown(pointer: str, label_zh: str) -> Fault:
    """Give the fault of a word that is none of ours."""
    return Fault(
        pointer,
        "validation.failed",
        f"{label_zh}不在可选范围内。",
        "The word is not one of the known ones.",
        "可选的词见 /v1/meta/enums。",
    )
