"""A person's own key, closer masks, grounds for use, and the end of their data."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from app.crypto import Tampered
from app.db.accesses import accesses_of
from app.db.account_checks import Finding, keep_findings
from app.db.invariants import INVARIANTS, check
from app.db.people import read_people
from app.db.session import Database
from app.domain.account_check import AccountCheck
from app.domain.caller import AREA_END, Caller, Role
from app.domain.consent import Basis, GivenBy, NewConsent, Purpose
from app.domain.errors import Forbidden, IllegalMove, Invalid, NotFound, RateLimited, StillNeeded
from app.domain.masks import ERASED_ZH, Mask
from app.domain.notice import BillSource
from app.services.assessments.recompute import recompute
from app.services.notices.draft_notice import draft_notice
from app.services.people import look_up_person, read_person, register_person
from app.services.people.consents import list_consents, record_consent, withdraw_consent
from app.services.people.erase_person import erase_person
from app.services.people.protect_person import protect_person
from app.services.people.reveal_person import Field, reveal_person
from tests.cases import (
    CHUNAN,
    attach,
    bill,
    claim_view,
    county_with,
    decided,
    deliver,
    draft,
    file,
    notice,
    submit,
    work,
)
from tests.cases import payout as payout_of
from tests.contracts import COUNTY, OTHER_COUNTY, SYSTEM, TOWN, TOWNSHIP
from tests.people import id_number, person, without_number

PREFECTURE = Caller(Role.PREFECTURE, 990100000000, 990200000000, "key:prefecture")
SECURITY = Caller(Role.SECURITY, 0, AREA_END, "key:security")
OTHER_SECURITY = Caller(Role.SECURITY, 0, AREA_END, "key:security-2")
REASON = "核对收款账户"
CASE_DAYS = 1_827


async def registered(database: Database, sequence: int = 1, **changed: object) -> UUID:
    async with database.transaction(TOWNSHIP) as tx:
        return (await register_person(tx, person(sequence, phone="13800001234", **changed))).id


async def reveal(
    database: Database, person_id: UUID, caller: Caller = TOWNSHIP, per_hour: int = 60
) -> object:
    async with database.transaction(caller) as tx:
        return await reveal_person(tx, person_id, list(Field), REASON, per_hour)


# --- a key of one's own ---------------------------------------------------------------------------


async def test_a_ciphertext_moved_to_another_row_or_column_does_not_open(
    database: Database,
) -> None:
    first, second = await registered(database, 1), await registered(database, 2)
    for moved in (
        "name_sealed = (SELECT name_sealed FROM person WHERE id = :other)",
        "key_sealed = (SELECT key_sealed FROM person WHERE id = :other)",
        "name_sealed = id_sealed",
    ):
        with pytest.raises(Tampered):  # noqa: PT012 - the bent row is read in its own transaction
            async with database.transaction(SYSTEM) as tx:
                await tx.sql.execute(
                    text(f"UPDATE person SET {moved} WHERE id = :id AND id <> :other"),
                    {"id": first, "other": second},
                )
                await read_people(tx, [first])


async def test_a_person_sealed_without_a_key_of_their_own_is_read_as_before(
    database: Database,
) -> None:
    person_id = await registered(database)
    async with database.transaction(SYSTEM) as tx:
        sealed = {
            column: tx.keyring.seal(value.encode(), f"person.{column}.{person_id}")
            for column, value in (("name_sealed", "张试1"), ("id_sealed", id_number()))
        }
        await tx.sql.execute(
            text(
                "UPDATE person SET key_sealed = NULL, name_sealed = :name_sealed, "
                "id_sealed = :id_sealed, phone_sealed = NULL WHERE id = :id"
            ),
            sealed | {"id": person_id},
        )
        row = (await read_people(tx, [person_id]))[person_id]
    assert (row.name, row.id_number, row.phone) == ("张试1", id_number(), None)


async def test_nothing_of_health_or_identity_lies_in_clear_in_a_notice(database: Database) -> None:
    await county_with(database, CHUNAN)
    await file(database, notice(extra={"diagnosis": "某病"}))
    async with database.transaction(SYSTEM) as tx:
        row = (await tx.sql.execute(text("SELECT n::text FROM notice AS n"))).scalar_one()
    for secret in ("张试1", id_number(), "6200000000001234", "某病", "示范县人民医院", "S-1"):
        assert secret not in row
    assert "5000000" in row  # what the books are checked against


# --- masks ----------------------------------------------------------------------------------------


async def test_who_only_watches_sees_less_of_a_person(database: Database) -> None:
    person_id = await registered(database)
    async with database.transaction(PREFECTURE) as tx:
        view = await read_person(tx, person_id)
    number = id_number()
    assert view.id_masked == f"{number[0]}{'*' * 16}{number[-1]}"
    assert (view.name_masked, view.phone_masked) == ("张*1", "****")


async def test_a_protected_person_is_closed_to_everybody_and_shown_by_the_county_only(
    database: Database,
) -> None:
    await county_with(database, CHUNAN)
    seen = await file(database, notice())
    person_id = seen.notice.person_id
    assert person_id is not None
    assert seen.mask is Mask.NEAR
    async with database.transaction(COUNTY) as tx:
        view = await protect_person(tx, person_id, "未成年人", protected=True)
    assert (view.name_masked, view.id_masked, view.protected) == ("**", "****", True)
    with pytest.raises(Forbidden):
        await reveal(database, person_id)
    shown = await reveal(database, person_id, COUNTY)
    assert shown.id_number == id_number()  # type: ignore[attr-defined]
    again = await draft(database, notice(bills=()), "settlement")
    assert (await submit(database, again)).mask is Mask.CLOSED
    async with database.transaction(COUNTY) as tx:
        lifted = await protect_person(tx, person_id, "已成年", protected=False)
    assert (lifted.name_masked, lifted.protected) == ("张*1", False)


# --- shown in full --------------------------------------------------------------------------------


async def test_a_reveal_leaves_who_when_and_why(database: Database) -> None:
    person_id = await registered(database)
    shown = await reveal(database, person_id)
    assert "张试1" not in repr(shown)
    assert (shown.name, shown.phone, shown.accounts) == ("张试1", "13800001234", ())  # type: ignore[attr-defined]
    async with database.transaction(COUNTY) as tx:
        (access,) = await accesses_of(tx, person_id)
        kinds = await tx.sql.execute(
            text("SELECT type FROM event WHERE number = :id ORDER BY version"),
            {"id": str(person_id)},
        )
        assert list(kinds.scalars()) == ["person.registered", "person.reveal"]
    assert (access.act, access.reason_zh, access.role) == ("reveal", REASON, "township")
    assert (access.actor, access.office_code) == (TOWNSHIP.actor, TOWNSHIP.area_lo)


async def test_a_neighbour_reveals_nothing_and_leaves_no_trace(database: Database) -> None:
    person_id = await registered(database)
    with pytest.raises(NotFound):
        await reveal(database, person_id, OTHER_COUNTY)
    async with database.transaction(COUNTY) as tx:
        assert await accesses_of(tx, person_id) == []


async def test_reveals_are_limited_per_key_and_hour(database: Database) -> None:
    person_id = await registered(database)
    for _ in range(2):
        await reveal(database, person_id, per_hour=2)
    with pytest.raises(RateLimited) as refused:
        await reveal(database, person_id, per_hour=2)
    assert 1 <= refused.value.retry_seconds <= 3_601
    await reveal(database, person_id, COUNTY, per_hour=2)  # another key has a limit of its own


@pytest.mark.parametrize("reason", ["给张试1打电话", f"证件号{id_number()}", "电话13800001234"])
async def test_a_reason_names_nobody(database: Database, reason: str) -> None:
    person_id = await registered(database)
    with pytest.raises(Invalid) as refused:
        async with database.transaction(TOWNSHIP) as tx:
            await reveal_person(tx, person_id, [Field.NAME], reason, 60)
    assert reason not in str(refused.value)


# --- by what right --------------------------------------------------------------------------------

CONSENT = NewConsent(Purpose.MEDICAL_SETTLEMENT, Basis.CONSENT, GivenBy.SELF, date(2026, 1, 5))


async def test_a_draft_says_that_no_ground_is_recorded_until_one_is(database: Database) -> None:
    await county_with(database, CHUNAN)

    async def warned() -> bool:
        async with database.transaction(TOWNSHIP) as tx:
            seen = await draft_notice(tx, notice(), TOWN)
        return "consent.missing" in [fault.code for fault in seen.warnings]

    assert await warned()
    async with database.transaction(TOWNSHIP) as tx:
        person_id = (await look_up_person(tx, "张试1", id_number=id_number())).id
        await record_consent(tx, person_id, CONSENT)
    assert not await warned()
    async with database.transaction(TOWNSHIP) as tx:
        (ended,) = await withdraw_consent(tx, person_id, Purpose.MEDICAL_SETTLEMENT)
    assert ended.withdrawn_by == TOWNSHIP.actor
    assert await warned()


@pytest.mark.parametrize(
    "ground",
    [CONSENT, replace(CONSENT, basis=Basis.EMERGENCY, given_by=GivenBy.OFFICE)],
    ids=["consent", "emergency"],
)
async def test_figures_of_the_medical_insurance_office_wait_for_a_ground(
    database: Database, ground: NewConsent
) -> None:
    await county_with(database, CHUNAN)
    told = notice(bills=(bill(source=BillSource.MEDICAL_INSURANCE),))
    number = await draft(database, told, "settlement")
    with pytest.raises(Invalid) as refused:
        await submit(database, number)
    (fault,) = refused.value.faults
    assert (fault.pointer, fault.code) == ("/bills/0/source", "consent.missing")
    async with database.transaction(TOWNSHIP) as tx:
        person_id = (await look_up_person(tx, "张试1", id_number=id_number())).id
        await record_consent(tx, person_id, ground)
    assert await submit(database, number)


async def test_the_familys_own_papers_wait_for_none(database: Database) -> None:
    await county_with(database, CHUNAN)
    told = notice(bills=(bill(source=BillSource.FAMILY),))
    async with database.transaction(TOWNSHIP) as tx:
        seen = await draft_notice(tx, told, TOWN)
    assert "consent.missing" not in [fault.code for fault in seen.warnings]
    await attach(database, seen.notice.notice_no, "settlement")
    assert await submit(database, seen.notice.notice_no)


@pytest.mark.parametrize(
    "wrong",
    [
        NewConsent(Purpose.OTHER_RELIEF, Basis.LEGAL_DUTY, GivenBy.SELF, date(2026, 1, 5)),
        NewConsent(Purpose.OTHER_RELIEF, Basis.CONSENT, GivenBy.OFFICE, date(2026, 1, 5)),
        NewConsent(Purpose.OTHER_RELIEF, Basis.CONSENT, GivenBy.SELF, date(2099, 1, 5)),
        CONSENT,
    ],
)
async def test_a_ground_of_another_form_or_a_second_one_is_refused(
    database: Database, wrong: NewConsent
) -> None:
    person_id = await registered(database)
    async with database.transaction(TOWNSHIP) as tx:
        await record_consent(tx, person_id, CONSENT)
    with pytest.raises(Invalid):
        async with database.transaction(TOWNSHIP) as tx:
            await record_consent(tx, person_id, wrong)
    async with database.transaction(TOWNSHIP) as tx:
        assert len(await list_consents(tx, person_id)) == 1
    with pytest.raises(NotFound):
        async with database.transaction(OTHER_COUNTY) as tx:
            await list_consents(tx, person_id)


async def test_for_a_child_a_guardian_consents(database: Database) -> None:
    async with database.transaction(TOWNSHIP) as tx:
        child = without_number(birth_on=date(2015, 5, 1))
        person_id = (await register_person(tx, child)).id
        with pytest.raises(Invalid, match="fourteen"):
            await record_consent(tx, person_id, CONSENT)
        by_guardian = NewConsent(CONSENT.purpose, CONSENT.basis, GivenBy.GUARDIAN, CONSENT.given_on)
        assert len(await record_consent(tx, person_id, by_guardian)) == 1


# --- erased ---------------------------------------------------------------------------------------


async def closed_case(database: Database) -> tuple[str, UUID]:
    """A claim paid and closed; nothing is open any more."""
    await county_with(database, CHUNAN)
    seen = await file(database, notice())
    claim_no, person_id = seen.claims[0].claim_no, seen.notice.person_id
    assert person_id is not None
    await work(database)
    await deliver(database, claim_no, "claim.accepted")
    await deliver(database, claim_no, "claim.decided", **decided())
    await deliver(database, claim_no, "payout.paid", **payout_of(settlement_no="N-1"))
    await work(database)
    async with database.transaction(SYSTEM) as tx:
        checked = Finding(seen.notice.content.payees[0], AccountCheck.MATCH)
        await keep_findings(tx, seen.notice, "demo-insurer", [checked])
    return claim_no, person_id


async def years_later(database: Database, years: float) -> None:
    async with database.transaction(SYSTEM) as tx:
        await tx.sql.execute(text("SET LOCAL ROLE NONE"))
        await tx.sql.execute(
            text("UPDATE sandbox_clock SET ahead = :ahead"), {"ahead": timedelta(365.25 * years)}
        )


async def erase(database: Database, person_id: UUID, caller: Caller = SECURITY) -> object:
    async with database.transaction(caller) as tx:
        return await erase_person(tx, person_id, "本人申请", CASE_DAYS)


async def test_a_record_stays_while_it_is_needed_and_as_long_as_the_law_asks(
    database: Database,
) -> None:
    await county_with(database, CHUNAN)
    seen = await file(database, notice())
    person_id = seen.notice.person_id
    assert person_id is not None
    with pytest.raises(StillNeeded, match="open"):
        await erase(database, person_id)


async def test_two_administrators_destroy_the_key_and_the_books_stay(database: Database) -> None:
    claim_no, person_id = await closed_case(database)
    with pytest.raises(StillNeeded, match="still be filed"):
        await erase(database, person_id)
    await years_later(database, 4)
    with pytest.raises(StillNeeded, match="law"):
        await erase(database, person_id)
    await years_later(database, 12)
    assert not (await erase(database, person_id)).done  # type: ignore[attr-defined]
    with pytest.raises(Forbidden):
        await erase(database, person_id)
    erasure = await erase(database, person_id, OTHER_SECURITY)
    assert erasure.done  # type: ignore[attr-defined]
    assert erasure.papers == ("test/settlement",)  # type: ignore[attr-defined]
    with pytest.raises(IllegalMove):
        await erase(database, person_id)
    async with database.transaction(TOWNSHIP) as tx:
        view = await read_person(tx, person_id)
        with pytest.raises(NotFound):
            await look_up_person(tx, "张试1", id_number=id_number())
    assert (view.name_masked, view.id_masked, view.erased) == (ERASED_ZH, None, True)
    with pytest.raises(IllegalMove):
        await reveal(database, person_id, COUNTY)
    claim = await claim_view(database, claim_no)
    assert claim.claim.paid_fen == 200_000
    assert (await recompute(database, SYSTEM, None, page=10)).differing == 0
    async with database.transaction(SYSTEM) as tx:
        assert [(await check(tx, one)).broken for one in INVARIANTS] == [0] * len(INVARIANTS)
        left = await tx.sql.execute(
            text(
                "SELECT count(*) FROM person WHERE key_sealed IS NOT NULL AND id = :id UNION ALL "
                "SELECT count(*) FROM notice WHERE personal_sealed <> '' UNION ALL "
                "SELECT count(*) FROM instruction WHERE body_sealed <> '' UNION ALL "
                "SELECT count(*) FROM payout WHERE payee_sealed IS NOT NULL UNION ALL "
                "SELECT count(*) FROM payout WHERE account_last4 <> '' UNION ALL "
                "SELECT count(*) FROM payout_attempt WHERE account_last4 <> '' UNION ALL "
                "SELECT count(*) FROM account_check WHERE account_last4 <> ''"
            ),
            {"id": person_id},
        )
        assert list(left.scalars()) == [0] * 7
