"""What is over goes, what the law keeps stays; the database itself keeps six months of accesses."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.db.accesses import NewAccess, note_access
from app.db.invariants import INVARIANTS, check
from app.db.people import read_people
from app.db.retention import drop_accesses, keeper
from app.db.session import Database
from app.domain.caller import Role
from app.domain.lifecycle import NoticeStatus
from app.services.notices.read_notice import read_notice
from app.services.people import look_up_person
from app.services.retention import Removed, run_retention
from app.settings import Settings, SettingsInvalid, load_settings
from tests.cases import CHUNAN, county_with, draft, notice
from tests.contracts import COUNTY, SYSTEM, TOWNSHIP
from tests.people import id_number
from tests.services.test_personal_data import closed_case, years_later

DAYS = {"case_days": 1_827, "log_days": 184, "draft_days": 365}


async def run(database: Database) -> Removed:
    return await run_retention(database, **DAYS)


@pytest.mark.parametrize(
    ("name", "value"), [("RETENTION_LOG_DAYS", "183"), ("RETENTION_CASE_DAYS", "1826")]
)
def test_no_setting_goes_below_what_the_law_asks(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"RELIEF_{name}", value)
    with pytest.raises(SettingsInvalid, match=name):
        load_settings()
    assert Settings.model_fields["retention_log_days"].default >= 184


async def test_the_database_refuses_to_lose_an_access_within_six_months(
    database: Database,
) -> None:
    async with database.transaction(COUNTY) as tx:
        await note_access(tx, NewAccess(COUNTY.area_lo, None, "notice", "x", "view"))
    with pytest.raises(DBAPIError, match="184 days"):
        async with keeper(database) as tx:
            await drop_accesses(tx, -1)
    with pytest.raises(DBAPIError, match="184 days"):
        async with database.transaction(SYSTEM) as tx:
            await tx.sql.execute(text("DELETE FROM access"))


def test_no_caller_has_the_contexts_that_seal_anew_and_remove() -> None:
    assert {"keys", "retention", "door"}.isdisjoint(role.value for role in Role)


async def test_nothing_goes_before_its_time(database: Database) -> None:
    _, person_id = await closed_case(database)
    assert await run(database) == Removed(0, 0, 0, 0, 0, 0, 0, 0, ())
    await years_later(database, 4)
    assert (await run(database)).people == 1  # insured once, never filed: past every limitation
    async with database.transaction(SYSTEM) as tx:
        (claimant,) = (await read_people(tx, [person_id])).values()
    assert claimant.name == "张试1"


async def test_a_draft_that_nobody_submits_is_emptied_after_its_year(database: Database) -> None:
    await county_with(database, CHUNAN)
    notice_no = await draft(database, notice(extra={"diagnosis": "某病"}))
    await years_later(database, 0.9)
    assert (await run(database)).drafts == 0
    await years_later(database, 2)
    assert (await run(database)).drafts == 1
    async with database.transaction(TOWNSHIP) as tx:
        seen = await read_notice(tx, notice_no)
    assert seen.notice.status is NoticeStatus.WITHDRAWN
    assert seen.notice.erased
    assert (seen.notice.content.person.id_number, seen.notice.content.bills) == (None, ())


async def test_people_go_when_cover_and_cases_are_long_over_and_the_books_stay(
    database: Database,
) -> None:
    _, person_id = await closed_case(database)
    async with database.transaction(TOWNSHIP) as tx:
        other = (await look_up_person(tx, "张试2", id_number=id_number(2))).id
    await years_later(database, 12)
    removed = await run(database)
    assert removed.people == 2
    assert removed.papers == ("test/settlement",)
    assert removed.callbacks > 0
    async with database.transaction(SYSTEM) as tx:
        people = await read_people(tx, [person_id, other])
        assert all(one.erased_at and not one.name for one in people.values())
        assert [(await check(tx, one)).broken for one in INVARIANTS] == [0] * len(INVARIANTS)
    assert await run(database) == Removed(0, 0, 0, 0, 0, 0, 0, 0, ())


async def test_answers_are_kept_for_thirty_days(database: Database) -> None:
    async with database.transaction(SYSTEM) as tx:
        await tx.sql.execute(
            text(
                "INSERT INTO idempotency (principal, route, key, fingerprint, status, body_sealed, "
                "expires_at) VALUES ('test', 'POST /x', 'k', '', 200, '', business_now() + :days)"
            ),
            {"days": timedelta(30)},
        )
    assert (await run(database)).answers == 0
    await years_later(database, 1)
    assert (await run(database)).answers == 1
