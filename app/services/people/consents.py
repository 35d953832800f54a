"""By what right other offices' data about somebody are used: recorded, withdrawn, asked for."""

from uuid import UUID

from app.db.consents import ConsentRow, add_consent, consents_of, may_use
from app.db.consents import withdraw_consent as withdraw
from app.db.events import COUNTED, NewEvent, write_act
from app.db.people import read_people
from app.db.person_life import hold_person
from app.db.person_seals import PersonRow, number_indexes
from app.db.session import Tx
from app.domain.consent import NewConsent, Purpose, consent_fault
from app.domain.errors import Fault, IllegalMove, Invalid
from app.domain.masks import ERASED_ZH
from app.domain.notice import BillSource, NoticeContent, PersonRef
from app.services.people.held import no_such_person


async def record_consent(tx: Tx, person_id: UUID, consent: NewConsent) -> list[ConsentRow]:
    """Record a ground for a purpose; gives all of the person's. One stands at a time.

    Raises NotFound, IllegalMove when the person was erased, Invalid for a ground of another form or
    one that stands already.
    """
    person = await _held(tx, person_id)
    fault = consent_fault(consent, person.birth_on, await tx.today())
    if fault is not None:
        raise Invalid(Fault(f"/{fault[0]}", "validation.failed", fault[1], fault[2]))
    if not await add_consent(tx, person.area_code, person_id, consent):
        raise Invalid(
            Fault(
                "/purpose",
                "validation.failed",
                "此用途已有有效的授权或依据",
                "a ground for this purpose stands already",
                "如有变化，请先登记撤回",
            )
        )
    await _tell(tx, person, "person.consent", consent.purpose)
    return await consents_of(tx, person_id)


async def withdraw_consent(tx: Tx, person_id: UUID, purpose: Purpose) -> list[ConsentRow]:
    """Record that the ground for a purpose is withdrawn; gives all of the person's.

    What was done before stays lawful (PIPL art. 15). Raises NotFound, and Invalid when none stands.
    """
    person = await _held(tx, person_id)
    if not await withdraw(tx, person_id, purpose):
        raise Invalid(
            Fault("/purpose", "validation.failed", "此用途没有有效的授权", "no ground to withdraw")
        )
    await _tell(tx, person, "person.withdraw_consent", purpose)
    return await consents_of(tx, person_id)


async def list_consents(tx: Tx, person_id: UUID) -> list[ConsentRow]:
    """Give every ground of a person, newest first. Raises NotFound."""
    if person_id not in await read_people(tx, [person_id]):
        raise no_such_person()
    return await consents_of(tx, person_id)


async def consent_warnings(tx: Tx, content: NoticeContent) -> tuple[Fault, ...]:
    """Tell what is missing before a notice uses the settlements of the medical insurance office.

    A warning: the family may hand in the paper sheet themselves, and no claim waits for a form.
    """
    if not any(
        bill.settlement_id and bill.source is not BillSource.FAMILY for bill in content.bills
    ):
        return ()
    if await _may_use_settlements(tx, content.person):
        return ()
    return (
        Fault(
            "/person",
            "consent.missing",
            "尚未登记使用医保结算数据的授权或法定依据。",
            "No ground is recorded for using the medical insurance office's settlements.",
            "请在人员页登记授权；家属自带纸质结算单的，可继续办理。",
        ),
    )


async def refuse_unfounded(tx: Tx, content: NoticeContent) -> None:
    """Refuse figures that come from the medical insurance office where no ground is recorded.

    A consent, a duty by law or an emergency will do. Raises Invalid.
    """
    places = _founded(content)
    if not places or await _may_use_settlements(tx, content.person):
        return
    raise Invalid(
        *(
            Fault(
                f"/bills/{place}/source",
                "consent.missing",
                "使用医保部门的结算数据，须先登记授权、法定职责或紧急情况。",
                "Using the medical insurance office's figures needs a recorded ground.",
                "请在人员页登记；或改用家属提供的纸质结算单。",
            )
            for place in places
        )
    )


def needs_ground(content: NoticeContent) -> bool:
    """Tell whether a notice uses figures of the medical insurance office."""
    return bool(_founded(content))


def _founded(content: NoticeContent) -> list[int]:
    """Give the places of bills whose figures come from the medical insurance office."""
    return [
        place
        for place, bill in enumerate(content.bills)
        if bill.source is BillSource.MEDICAL_INSURANCE
    ]


async def _may_use_settlements(tx: Tx, named: PersonRef) -> bool:
    indexes = number_indexes(tx.keyring, named.id_number) if named.id_number else ()
    return bool(named.person_id or indexes) and await may_use(
        tx,
        Purpose.MEDICAL_SETTLEMENT,
        person_id=named.person_id,
        id_type=named.id_type,
        indexes=indexes,
    )


async def _held(tx: Tx, person_id: UUID) -> PersonRow:
    person = await hold_person(tx, person_id)
    if person is None:
        raise no_such_person()
    if person.erased_at is not None:
        raise IllegalMove(ERASED_ZH, ())
    return person


async def _tell(tx: Tx, person: PersonRow, type_: str, purpose: Purpose) -> None:
    detail = {"purpose": purpose.value}
    event = NewEvent("person", str(person.id), COUNTED, type_, person.area_code, detail=detail)
    await write_act(tx, event)
