from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from app.domain.facts import Injury, LocalStandard, Loss, Service, Stay
from app.domain.notice import (
    EventReport,
    FiledBy,
    NoticeBill,
    NoticeContent,
    NoticeInjury,
    NoticeLoss,
    NoticeService,
    NoticeStay,
    Payee,
    PersonRef,
)
from app.domain.notice_checks import draft_warnings, life_faults, submit_faults, word_faults
from app.domain.notice_facts import CoverSpell, Insured, facts_of, settlement_names
from app.domain.words import BillKind, Carer, Cause, EventKind, Level, Liable, Sex

TODAY = date(2026, 6, 15)
ON = date(2026, 6, 1)
PERSON = PersonRef(person_id=UUID(int=1))
WHOLE = NoticeContent(
    person=PERSON,
    event=EventReport("illness", "disease", ON),
    bills=(NoticeBill("inpatient", 5_000_000, settlement_id="S-1"),),
)
INSURED = Insured(date(1960, 1, 1), "male", None)
SPELL = CoverSpell(
    "dibao", date(2026, 1, 1), date(2026, 1, 1), date(2026, 12, 31), date(2025, 1, 1)
)


def pointers(content: NoticeContent) -> set[str]:
    return {fault.pointer for fault in submit_faults(content, TODAY)}


def test_a_whole_notice_may_be_submitted() -> None:
    assert submit_faults(WHOLE, TODAY) == ()


def test_an_empty_draft_names_everything_that_is_missing() -> None:
    assert pointers(NoticeContent()) == {"/person", "/event/kind", "/event/cause", "/event/on"}


def test_days_in_the_future_are_refused() -> None:
    late = date(2026, 6, 16)
    content = replace(
        WHOLE,
        event=replace(WHOLE.event, on=late),
        bills=(replace(WHOLE.bills[0], settled_on=late),),
        stays=(NoticeStay(ON, late),),
    )

    assert pointers(content) == {"/event/on", "/bills/0/settled_on", "/stays/0"}


@pytest.mark.parametrize(
    ("stays", "wrong"),
    [
        ((NoticeStay(ON, ON), NoticeStay(ON, ON)), set()),
        ((NoticeStay(ON, date(2026, 5, 31)),), {"/stays/0/discharged_on"}),
        (
            (NoticeStay(ON, date(2026, 6, 5)), NoticeStay(date(2026, 6, 4), date(2026, 6, 7))),
            {"/stays/1"},
        ),
        (
            (NoticeStay(ON, date(2026, 6, 5)), NoticeStay(date(2026, 6, 5), date(2026, 6, 7))),
            set(),
        ),
    ],
)
def test_stays_may_touch_and_may_not_overlap(
    stays: tuple[NoticeStay, ...], wrong: set[str]
) -> None:
    assert pointers(replace(WHOLE, stays=stays)) == wrong


def test_words_that_are_none_of_ours_are_refused_even_in_a_draft() -> None:
    content = NoticeContent(
        event=EventReport("party", "joy", liable="mayor"),
        bills=(NoticeBill("bar", 1, category="x", hospital_level="y"),),
        stays=(NoticeStay(ON, hospital_level="z"),),
        services=(NoticeService("home", ON, carer="robot"),),
    )

    assert {fault.pointer for fault in word_faults(content)} == {
        "/event/kind",
        "/event/cause",
        "/event/liable",
        "/bills/0/kind",
        "/bills/0/category",
        "/bills/0/hospital_level",
        "/stays/0/hospital_level",
        "/services/0/carer",
    }


def test_payees_must_share_the_whole() -> None:
    half = Payee("张某某", "6222000011112222", "示范农商银行", share_bp=5_000)

    assert pointers(replace(WHOLE, payees=(half,))) == {"/payees"}
    assert pointers(replace(WHOLE, payees=(half, half))) == set()


def test_a_wrong_number_is_refused_at_submitting_and_warned_of_before() -> None:
    content = replace(WHOLE, person=PersonRef(id_number="990127196005010010"))

    assert {fault.code for fault in submit_faults(content, TODAY)} == {"person.id_checksum"}
    assert "person.id_checksum" in {fault.code for fault in draft_warnings(content, TODAY)}


def test_lateness_and_kinship_are_warned_of_and_never_refused() -> None:
    content = replace(
        WHOLE,
        event=replace(WHOLE.event, on=date(2026, 5, 15)),
        filed_by=FiledBy(near_relative=True),
    )

    codes = {fault.code for fault in draft_warnings(content, TODAY)}
    on_time = replace(content, event=replace(WHOLE.event, on=date(2026, 5, 16)))

    assert {"notice.late", "notice.near_relative"} <= codes
    assert submit_faults(content, TODAY) == ()
    assert "notice.late" not in {fault.code for fault in draft_warnings(on_time, TODAY)}


@pytest.mark.parametrize(
    ("insured", "fits"),
    [
        (INSURED, True),
        (replace(INSURED, birth_on=date(2026, 6, 2)), False),
        (replace(INSURED, died_on=date(2026, 5, 31)), False),
        (replace(INSURED, died_on=ON), True),
    ],
)
def test_an_event_lies_between_birth_and_death(insured: Insured, fits: bool) -> None:
    assert (life_faults(WHOLE, insured) == ()) is fits
    assert life_faults(NoticeContent(), insured) == ()


# As facts


def test_a_notice_becomes_facts_without_identity() -> None:
    content = replace(
        WHOLE,
        event=EventReport("illness", "disease", ON, same_as="stroke-1", liable="nobody"),
        bills=(
            NoticeBill(
                "inpatient",
                5_000_000,
                hospital_level="county",
                amounts={"psn_part_amt": 800_000},
                paid_by=(("慈善", 1_000),),
                stay=1,
                hospital_area="3301",
            ),
        ),
        stays=(NoticeStay(ON, None, hospital_level="county"),),
        losses=(NoticeLoss("room", 2, "severe", 30_000, 50, 900_000),),
        injuries=(NoticeInjury(5), NoticeInjury(kind="femur")),
        services=(NoticeService("home", date(2026, 5, 20), minutes=90, carer="family"),),
        extra={"student": "yes"},
    )
    standard = LocalStandard("line", 300_000, "某县")
    spell = replace(
        SPELL,
        lapsed_on=date(2024, 1, 1),
        other_schemes=("other",),
        standards=(standard,),
    )

    facts = facts_of(content, replace(INSURED, died_on=TODAY), spell)

    assert (facts.event.kind, facts.event.cause) == (EventKind.ILLNESS, Cause.DISEASE)
    assert (facts.event.same_as, facts.event.liable) == ("stroke-1", Liable.NOBODY)
    assert (facts.person.sex, facts.person.died_on) == (Sex.MALE, TODAY)
    assert facts.enrolment.lapsed_on == date(2024, 1, 1)
    (bill,) = facts.bills
    assert (bill.ref, bill.kind, bill.stay_ref) == ("bill-1", BillKind.INPATIENT, "stay-1")
    assert (bill.area, bill.left_fen) == ("3301", 799_000)
    assert facts.stays == (Stay("stay-1", Level.COUNTY, ON, ON),)
    assert facts.losses == (Loss("loss-1", "room", 2, "severe", 30_000, 50, 900_000),)
    assert facts.injuries == (Injury("injury-1", 5), Injury("injury-2", kind="femur"))
    assert facts.services == (
        Service("service-1", "home", date(2026, 5, 1), minutes=90, carer=Carer.FAMILY),
    )
    assert (facts.standards, facts.other_schemes) == ((standard,), ("other",))
    assert facts.extra == {"student": "yes"}


def test_a_settlement_is_one_person_s_and_an_invoice_one_hospital_s() -> None:
    bills = (
        NoticeBill("inpatient", 1, settlement_id="S-1", invoice_no="I-1"),
        NoticeBill("outpatient", 1, hospital="县医院", invoice_no="I-2"),
        NoticeBill("outpatient", 1, settlement_id="S-1"),
        NoticeBill("outpatient", 1),
    )

    names = settlement_names(NoticeContent(bills=bills), "p1")

    assert names == ("settlement|p1|S-1", "invoice|县医院|I-2")
