"""The one strict gate: what a notice must hold, what it opens, and what is kept all the same."""

import asyncio
from dataclasses import replace
from datetime import date

import pytest

from app.db.claims import claims_of
from app.db.events import timeline
from app.db.session import Database
from app.domain.caller import Caller, Role
from app.domain.errors import (
    DuplicateNotice,
    EvidenceMissing,
    IllegalMove,
    Invalid,
    NotFound,
    OutOfArea,
    VersionStale,
)
from app.domain.lifecycle import ClaimStatus, NoticeStatus
from app.domain.notice import EventReport, NoticeContent, NoticeStay, Payee, PersonRef
from app.services.notices.change_notice import change_notice
from app.services.notices.checklist import read_checklist
from app.services.notices.discard_notice import discard_notice
from app.services.notices.documents import detach_document, list_documents
from app.services.notices.draft_notice import draft_notice
from app.services.notices.read_notice import read_notice
from app.services.notices.submit_notice import submit_notice
from app.services.notices.view import NoticeView
from app.services.notices.withdraw_notice import withdraw_notice
from tests.cases import (
    CHUNAN,
    EVENT_ON,
    HUAINAN,
    JIKUNBAO,
    SETTLEMENT,
    attach,
    bill,
    claim_view,
    county_with,
    draft,
    file,
    notice,
    stay,
    submit,
    work,
)
from tests.contracts import COUNTY, OTHER_COUNTY, OTHER_TOWN, TOWN, TOWNSHIP
from tests.people import id_number


async def test_a_draft_keeps_nearly_nothing_and_a_wrong_number_with_a_warning(
    database: Database,
) -> None:
    wrong = id_number(1)[:-1] + ("0" if id_number(1)[-1] != "0" else "1")
    async with database.transaction(TOWNSHIP) as tx:
        empty = await draft_notice(tx, NoticeContent(), TOWN)
        warned = await draft_notice(tx, NoticeContent(PersonRef(id_number=wrong)), TOWN)
        with pytest.raises(OutOfArea):
            await draft_notice(tx, NoticeContent(), OTHER_TOWN)
    assert empty.notice.status is NoticeStatus.DRAFT
    assert empty.notice.notice_no == f"990127-{empty.notice.created_at.year}-000001"
    assert [warning.code for warning in warned.warnings] == ["person.id_checksum"]


async def test_a_paper_that_is_taken_out_of_a_draft_is_told_and_missed(database: Database) -> None:
    await county_with(database, CHUNAN)
    number = await draft(database, notice(), "settlement")
    async with database.transaction(TOWNSHIP) as tx:
        before = (await read_notice(tx, number)).notice.version
        (paper,) = await list_documents(tx, number)
        await detach_document(tx, number, paper.document.id)
        with pytest.raises(NotFound):
            await detach_document(tx, number, paper.document.id)
        assert (await read_notice(tx, number)).notice.version == before + 1
        last = max(await timeline(tx, "notice", [number]), key=lambda event: event.seq)
    assert (last.type, last.detail["kind"], last.version) == (
        "notice.detach",
        "settlement",
        before + 1,
    )
    with pytest.raises(EvidenceMissing):
        await submit(database, number)


async def test_drafts_are_numbered_one_by_one_and_change_with_their_version(
    database: Database,
) -> None:
    async with database.transaction(TOWNSHIP) as tx:
        first = (await draft_notice(tx, NoticeContent(), TOWN)).notice
        second = (await draft_notice(tx, NoticeContent(), TOWN)).notice
        assert int(second.notice_no[-6:]) == int(first.notice_no[-6:]) + 1
        changed = await change_notice(tx, first.notice_no, notice(), first.version)
        assert changed.notice.version == first.version + 1
        with pytest.raises(VersionStale):
            await change_notice(tx, first.notice_no, NoticeContent(), first.version)
        await discard_notice(tx, second.notice_no)
        with pytest.raises(IllegalMove):
            await discard_notice(tx, second.notice_no)


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"person": PersonRef()}, "/person", "validation.failed"),
        ({"person": PersonRef(id_number="990127196005010011")}, "/person/id_number", "person.id"),
        ({"event": EventReport(None, "disease", EVENT_ON)}, "/event/kind", "validation"),
        ({"event": EventReport("illness", None, EVENT_ON)}, "/event/cause", "validation"),
        ({"event": EventReport("illness", "disease")}, "/event/on", "validation"),
        (
            {"event": EventReport("illness", "disease", date(2099, 1, 1))},
            "/event/on",
            "validation",
        ),
        (
            {"event": EventReport("illness", "disease", date(1959, 1, 1))},
            "",
            "",
        ),
        (
            {"bills": (bill(amounts={**SETTLEMENT, "psn_part_amt": 900_000}),)},
            "/bills/0",
            "money.sum_mismatch",
        ),
        (
            {"bills": (bill(paid_by=(("charity", 2_000_000),)),)},
            "/bills/0",
            "money.sum_mismatch",
        ),
        (
            {"payees": (Payee("甲", "6200000000001234", "行", share_bp=5_000),)},
            "/payees",
            "money.sum_mismatch",
        ),
        (
            {"stays": (stay(5), NoticeStay(date(2026, 6, 12), date(2026, 6, 20)))},
            "/stays/1",
            "validation",
        ),
        (
            {"stays": (NoticeStay(date(2026, 6, 12), date(2026, 6, 2)),)},
            "/stays/0/discharged_on",
            "validation",
        ),
    ],
)
async def test_submitting_names_every_wrong_place_and_stores_nothing(
    database: Database, change: dict[str, object], pointer: str, code: str
) -> None:
    await county_with(database, CHUNAN)
    number = await draft(database, notice(**change), "settlement")
    if not pointer:  # before any cover, but not before the person's birth: kept without a claim
        kept = await submit_outside_cover(database, number)
        assert kept
        return
    with pytest.raises(Invalid) as refused:
        await submit(database, number)
    assert pointer in [fault.pointer for fault in refused.value.faults]
    assert any(fault.code.startswith(code) for fault in refused.value.faults)
    assert not any(id_number(1) in fault.message_zh for fault in refused.value.faults)
    async with database.transaction(TOWNSHIP) as tx:
        assert (await read_notice(tx, number)).notice.status is NoticeStatus.DRAFT


async def submit_outside_cover(database: Database, number: str) -> bool:
    with pytest.raises(Invalid):  # born 1960: the event is before birth
        await submit(database, number)
    return True


async def test_a_paper_that_is_needed_first_is_named_and_then_found(database: Database) -> None:
    await county_with(database, CHUNAN)
    number = await draft(database, notice())
    with pytest.raises(EvidenceMissing) as refused:
        await submit(database, number)
    assert refused.value.missing == (("settlement", "医疗费用结算单"),)
    async with database.transaction(TOWNSHIP) as tx:
        states = {item.code: item.present for item in await read_checklist(tx, number)}
    assert (states["settlement"], states["payee_account"]) == (False, True)
    await attach(database, number, "settlement")
    assert len((await submit(database, number)).claims) == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (notice(77), "coverage.not_insured"),
        (
            notice(event=EventReport("illness", "disease", date(2025, 12, 31))),
            "coverage.out_of_period",
        ),
        (notice(event=EventReport("death", "disease", EVENT_ON)), "coverage.no_cover_for_event"),
    ],
)
async def test_a_notice_that_nothing_covers_is_kept_with_the_reason(
    database: Database, content: NoticeContent, code: str
) -> None:
    await county_with(database, CHUNAN)
    filed = await file(database, content)
    assert filed.notice.status is NoticeStatus.SUBMITTED
    assert filed.claims == ()
    assert [remark["code"] for remark in filed.notice.coverage] == [code]
    assert filed.notice.coverage[0]["sentence_zh"]


async def test_one_claim_is_opened_per_responding_policy(database: Database) -> None:
    await county_with(database, CHUNAN, HUAINAN)
    filed = await file(database, notice(stays=(stay(10),)), "discharge_record")
    assert [claim.scheme_code for claim in filed.claims] == [CHUNAN, HUAINAN]
    assert filed.claims[0].claim_no.endswith("-1")
    with pytest.raises(IllegalMove):
        await submit(database, filed.notice.notice_no)


async def test_a_settlement_is_filed_once_and_again_after_withdrawal(database: Database) -> None:
    await county_with(database, CHUNAN)
    first = await file(database, notice())
    again = await draft(database, notice(), "settlement")
    with pytest.raises(DuplicateNotice) as refused:
        await submit(database, again)
    assert refused.value.existing == first.notice.notice_no
    async with database.transaction(TOWNSHIP) as tx:
        withdrawn = await withdraw_notice(tx, first.notice.notice_no, "重复")
    assert withdrawn.notice.status is NoticeStatus.WITHDRAWN
    assert withdrawn.claims[0].status is ClaimStatus.WITHDRAWN
    assert len((await submit(database, again)).claims) == 1


async def test_a_refused_act_on_a_notice_offers_those_that_its_status_admits(
    database: Database,
) -> None:
    async def withdraw(notice_no: str) -> NoticeView:
        async with database.transaction(TOWNSHIP) as tx:
            return await withdraw_notice(tx, notice_no, "填错")

    await county_with(database, CHUNAN)
    notice_no = await draft(database, notice(), "settlement")
    with pytest.raises(IllegalMove) as refused:
        await withdraw(notice_no)
    assert refused.value.allowed == ("submit", "discard")
    await submit(database, notice_no)
    with pytest.raises(IllegalMove) as refused:
        await submit(database, notice_no)
    assert refused.value.allowed == ("withdraw",)
    await withdraw(notice_no)
    with pytest.raises(IllegalMove) as refused:
        await submit(database, notice_no)
    assert refused.value.allowed == ()


async def test_a_referred_claim_is_withdrawn_by_telling_the_insurer(database: Database) -> None:
    await county_with(database, CHUNAN)
    filed = await file(database, notice())
    await work(database)
    async with database.transaction(TOWNSHIP) as tx:
        await withdraw_notice(tx, filed.notice.notice_no, "填错")
    assert (await work(database)).kinds() == ["withdraw_claim"]
    view = await claim_view(database, filed.claims[0].claim_no)
    assert view.sentence_zh == "已撤回，可重新报案"


async def test_a_foreign_notice_does_not_exist(database: Database) -> None:
    await county_with(database, CHUNAN)
    filed = await file(database, notice())
    async with database.transaction(OTHER_COUNTY) as tx:
        with pytest.raises(NotFound):
            await read_notice(tx, filed.notice.notice_no)
        assert await claims_of(tx, [filed.notice.id]) == []


async def test_f51_one_settlement_at_once_is_filed_once(fresh_database: Database) -> None:
    await county_with(fresh_database, CHUNAN)
    numbers = [await draft(fresh_database, notice(), "settlement") for _ in range(4)]

    async def attempt(number: str) -> str:
        async with fresh_database.transaction(COUNTY) as tx:
            try:
                return (await submit_notice(tx, number)).notice.status.value
            except DuplicateNotice:
                return "duplicate"

    results = await asyncio.gather(*(attempt(number) for number in numbers))
    assert sorted(results) == ["duplicate"] * 3 + ["submitted"]


async def test_f51_two_townships_at_once_open_one_claim_and_hear_nothing_of_each_other(
    fresh_database: Database,
) -> None:
    await county_with(fresh_database, CHUNAN)
    own = await draft(fresh_database, notice(), "settlement")
    neighbour = Caller(Role.TOWNSHIP, OTHER_TOWN, OTHER_TOWN + 1000, "key:neighbour")
    async with fresh_database.transaction(neighbour) as tx:
        foreign = (await draft_notice(tx, notice(), OTHER_TOWN)).notice.notice_no

    async def attempt(caller: Caller, number: str) -> NoticeView:
        async with fresh_database.transaction(caller) as tx:
            return await submit_notice(tx, number)

    first, second = await asyncio.gather(attempt(TOWNSHIP, own), attempt(neighbour, foreign))
    assert (len(first.claims), len(second.claims)) == (1, 0)  # nobody of theirs is insured
    assert first.notice.notice_no not in str(second)
    assert [remark["code"] for remark in second.notice.coverage] == ["coverage.not_insured"]


async def test_one_notice_submitted_twice_at_once_opens_its_claims_once(
    fresh_database: Database,
) -> None:
    await county_with(fresh_database, CHUNAN)
    number = await draft(fresh_database, notice(), "settlement")

    async def attempt() -> int:
        async with fresh_database.transaction(TOWNSHIP) as tx:
            try:
                return len((await submit_notice(tx, number)).claims)
            except IllegalMove:
                return 0

    assert sorted(await asyncio.gather(*(attempt() for _ in range(4)))) == [0, 0, 0, 1]


async def test_an_unknown_word_is_refused_already_in_a_draft(database: Database) -> None:
    odd = replace(notice(), event=EventReport("plague", "disease", EVENT_ON))
    async with database.transaction(TOWNSHIP) as tx:
        with pytest.raises(Invalid) as refused:
            await draft_notice(tx, odd, TOWN)
    assert refused.value.faults[0].pointer == "/event/kind"


@pytest.mark.parametrize(
    ("extra", "told"), [({}, "缺少录取层次"), ({"school_level": "nursery"}, "录取层次填写不正确")]
)
async def test_a_field_that_a_scheme_declares_is_asked_for_when_its_event_needs_it(
    database: Database, extra: dict[str, str], told: str
) -> None:
    await county_with(database, JIKUNBAO)
    school = EventReport("schooling", "admission", EVENT_ON)
    lacking = notice(event=school, bills=(), extra=extra)
    number = await draft(database, lacking, "admission_letter")
    with pytest.raises(Invalid) as refused:
        await submit(database, number)
    (fault,) = refused.value.faults
    assert fault.pointer == "/extra/school_level"
    assert told in fault.message_zh
    assert "college（大专）" in fault.hint_zh

    whole = replace(lacking, extra={"school_level": "college"})
    filed = await submit(database, await draft(database, whole, "admission_letter"))
    assert filed.notice.status is NoticeStatus.SUBMITTED
