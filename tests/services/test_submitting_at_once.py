"""Submitting outside of a transaction: what was read may have changed until it is written."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import uuid4

import asyncpg
import pytest

from app.db.claims import claims_of
from app.db.enrolments import Matched
from app.db.idempotency import InProgress, Kept, Slot
from app.db.races import until_won
from app.db.session import Database, Tx
from app.domain.caller import Caller
from app.domain.errors import DuplicateNotice, EvidenceMissing, IllegalMove, Invalid
from app.domain.lifecycle import NoticeStatus
from app.domain.notice import BillSource, NoticeContent
from app.services.notices import submit_notice
from app.services.notices.documents import detach_document, list_documents
from app.services.notices.read_notice import read_notice
from app.services.notices.submit_notice import submit_at_once
from app.services.notices.view import NoticeView
from app.services.people.protect_person import protect_person
from tests.cases import CHUNAN, attach, bill, county_with, draft, notice, submit
from tests.contracts import COUNTY, OTHER_COUNTY, TOWNSHIP

ROUTE = "POST /v1/notices/{notice_no}:submit"


def slot() -> Slot:
    """A place for an answer, of a key that nobody used."""
    return Slot(ROUTE, str(uuid4()))


def told(view: NoticeView) -> Kept:
    """An answer: as what the notice is shown."""
    notice = view.notice
    seen = f"{notice.notice_no} {notice.status} v{notice.version} {len(view.claims)} {view.mask}"
    return Kept(b"f" * 32, 200, seen.encode(), None, None)


async def at_once(
    database: Database, number: str, place: Slot | None = None, caller: Caller = TOWNSHIP
) -> Kept | None:
    """Submit once."""
    async with database.swift(caller) as tx:
        return await submit_at_once(tx, number, place or slot(), told)


def meanwhile(monkeypatch: pytest.MonkeyPatch, happen: Callable[[], Awaitable[None]]) -> None:
    """Let something happen once, after the draft and the person were read."""
    read, waiting = submit_notice.ask_for_person, [happen]

    async def read_and_wait(tx: Tx, content: NoticeContent) -> Matched | None:
        matched = await read(tx, content)
        while waiting:
            await waiting.pop()()
        return matched

    monkeypatch.setattr(submit_notice, "ask_for_person", read_and_wait)


async def view_of(database: Database, number: str) -> NoticeView:
    async with database.transaction(TOWNSHIP) as tx:
        return await read_notice(tx, number)


async def claims_now(database: Database, number: str) -> int:
    async with database.transaction(TOWNSHIP) as tx:
        return len(await claims_of(tx, [(await read_notice(tx, number)).notice.id]))


async def test_what_is_answered_is_what_was_written(fresh_database: Database) -> None:
    await county_with(fresh_database, CHUNAN)
    number = await draft(fresh_database, notice(), "settlement")
    answer = await at_once(fresh_database, number)
    assert answer is not None
    assert not answer.replayed
    assert answer.body == told(await view_of(fresh_database, number)).body


async def test_the_same_key_gets_the_first_answer_and_another_key_a_refusal(
    fresh_database: Database,
) -> None:
    await county_with(fresh_database, CHUNAN)
    number, place = await draft(fresh_database, notice(), "settlement"), slot()
    first = await at_once(fresh_database, number, place)
    again = await at_once(fresh_database, number, place)
    assert first is not None
    assert again == replace(first, replayed=True)
    with pytest.raises(IllegalMove):
        await at_once(fresh_database, number)
    assert await claims_now(fresh_database, number) == 1


async def test_a_draft_that_changed_since_it_was_read_is_read_again(
    fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await county_with(fresh_database, CHUNAN)
    number = await draft(fresh_database, notice(), "settlement")
    meanwhile(monkeypatch, lambda: attach(fresh_database, number, "discharge_record"))
    place, tries = slot(), 0

    async def unit() -> Kept | None:
        nonlocal tries
        tries += 1
        return await at_once(fresh_database, number, place)

    answer = await until_won(unit)
    assert tries == 2
    assert answer is not None
    assert not answer.replayed
    seen = await view_of(fresh_database, number)
    assert answer.body == told(seen).body
    assert len(seen.claims) == 1


async def test_a_paper_that_is_taken_out_meanwhile_is_missed(
    fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await county_with(fresh_database, CHUNAN)
    number = await draft(fresh_database, notice(), "settlement")

    async def take_out() -> None:
        async with fresh_database.transaction(TOWNSHIP) as tx:
            (paper,) = await list_documents(tx, number)
            await detach_document(tx, number, paper.document.id)

    meanwhile(monkeypatch, take_out)
    place = slot()
    with pytest.raises(EvidenceMissing):
        await until_won(lambda: at_once(fresh_database, number, place))
    assert await claims_now(fresh_database, number) == 0


async def test_a_person_who_is_protected_meanwhile_is_shown_to_nobody(
    fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await county_with(fresh_database, CHUNAN)
    number = await draft(fresh_database, notice(), "settlement")
    content = notice(bills=(bill("S-9"),))
    other = await submit(fresh_database, await draft(fresh_database, content, "settlement"))
    person_id = other.notice.person_id
    assert person_id is not None

    async def protect() -> None:
        async with fresh_database.transaction(COUNTY) as tx:
            await protect_person(tx, person_id, "未成年人", protected=True)

    meanwhile(monkeypatch, protect)
    with pytest.raises(asyncpg.SerializationError):
        await at_once(fresh_database, number)
    assert (await view_of(fresh_database, number)).notice.status is NoticeStatus.DRAFT
    answer = await at_once(fresh_database, number)
    assert answer is not None
    seen = await view_of(fresh_database, number)
    assert seen.notice.protected
    assert answer.body == told(seen).body


async def test_the_same_key_at_once_opens_its_claims_once(fresh_database: Database) -> None:
    await county_with(fresh_database, CHUNAN)
    number, place = await draft(fresh_database, notice(), "settlement"), slot()

    async def attempt() -> str:
        try:
            answer = await until_won(lambda: at_once(fresh_database, number, place))
        except InProgress:
            return "in progress"
        assert answer is not None
        return "replayed" if answer.replayed else "fresh"

    ends = await asyncio.gather(*(attempt() for _ in range(4)))
    assert ends.count("fresh") == 1
    assert set(ends) <= {"fresh", "replayed", "in progress"}
    assert await claims_now(fresh_database, number) == 1


async def test_other_keys_at_once_open_claims_once(fresh_database: Database) -> None:
    await county_with(fresh_database, CHUNAN)
    number = await draft(fresh_database, notice(), "settlement")

    async def attempt() -> str:
        try:
            await until_won(lambda: at_once(fresh_database, number))
        except IllegalMove:
            return "refused"
        return "submitted"

    ends = await asyncio.gather(*(attempt() for _ in range(4)))
    assert sorted(ends) == ["refused"] * 3 + ["submitted"]
    assert await claims_now(fresh_database, number) == 1


async def test_a_settlement_that_is_filed_leaves_nothing_of_another_notice(
    fresh_database: Database,
) -> None:
    await county_with(fresh_database, CHUNAN)
    first = await draft(fresh_database, notice(), "settlement")
    second = await draft(fresh_database, notice(), "settlement")
    place = slot()
    await at_once(fresh_database, first)
    with pytest.raises(DuplicateNotice) as refused:
        await at_once(fresh_database, second, place)
    assert refused.value.existing == first
    seen = await view_of(fresh_database, second)
    assert (seen.notice.status, seen.notice.version) == (NoticeStatus.DRAFT, 2)
    with pytest.raises(DuplicateNotice):  # and no answer was kept
        await at_once(fresh_database, second, place)


async def test_a_foreign_draft_is_none_and_a_bad_one_is_refused_in_the_same_words(
    fresh_database: Database,
) -> None:
    await county_with(fresh_database, CHUNAN)
    number = await draft(fresh_database, NoticeContent())
    with pytest.raises(Invalid) as here:
        await at_once(fresh_database, number)
    with pytest.raises(Invalid) as there:
        await submit(fresh_database, number)
    assert here.value.faults == there.value.faults
    with pytest.raises(Exception, match="no such notice"):
        await at_once(fresh_database, number, caller=OTHER_COUNTY)


async def test_what_takes_a_transaction_does_nothing(fresh_database: Database) -> None:
    await county_with(fresh_database, CHUNAN)
    stranger = await draft(fresh_database, notice(77), "settlement")
    figures = (replace(bill(), source=BillSource.MEDICAL_INSURANCE),)
    official = await draft(fresh_database, notice(bills=figures), "settlement")
    for number in (stranger, official):
        assert await at_once(fresh_database, number) is None
        assert (await view_of(fresh_database, number)).notice.status is NoticeStatus.DRAFT
