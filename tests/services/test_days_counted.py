"""Terms that count working days see the calendars that are stored, and keep what they saw."""

from dataclasses import replace
from datetime import date

from app.db.assessments import latest_assessments
from app.db.session import Database
from app.domain.canonical import decode
from app.domain.clauses.conditions import WorkingDaysPassed
from app.domain.clauses.sums import FixedSum
from app.domain.days_off import YearOff
from app.domain.facts import Facts
from app.domain.terms import ExtraField, ExtraType, Nature, Terms
from app.services.calendar.keep_year import keep_year
from app.services.coverage.respond import respond
from tests.cases import claim_view, file, notice, work
from tests.contracts import COUNTY, SYSTEM
from tests.domain.facts_made import days, make_cover, make_terms
from tests.limits import all_come_out_again, county_under, yuan

NATIONAL = tuple(date(2026, 10, day) for day in range(1, 8))
INSTEAD = (date(2026, 10, 10),)
TOLD = {"reported": "2026-09-28", "certified": "2026-10-12"}
# Ten weekdays lie between; with the holidays of that week and one Saturday worked there are six.


def unsolved(least: int) -> Terms:
    """A sum for a theft that the police has not solved after so many working days."""
    condition = WorkingDaysPassed("reported", "certified", "公安未破案", days(least))
    cover = make_cover(
        nature=Nature.FIXED, measure=FixedSum("盗抢", yuan(500)), conditions=(condition,)
    )
    fields = tuple(ExtraField(code, code, ExtraType.DAY, required=True) for code in TOLD)
    return replace(make_terms(cover), extra=fields)


async def tell_2026(database: Database) -> None:
    async with database.transaction(SYSTEM) as tx:
        await keep_year(tx, YearOff(2026, NATIONAL, INSTEAD), "国务院办公厅通知")


async def owed(database: Database, name: int) -> int | None:
    filed = await file(database, notice(name, extra=TOLD))
    await work(database)
    return (await claim_view(database, filed.claims[0].claim_no)).claim.assessed_fen


async def test_official_holidays_do_not_count_and_weekends_worked_do(database: Database) -> None:
    await county_under(database, unsolved(6), unsolved(7))
    await tell_2026(database)
    filed = await file(database, notice(extra=TOLD))
    await work(database)
    paid = [(await claim_view(database, claim.claim_no)).claim for claim in filed.claims]
    assert [claim.assessed_fen for claim in paid] == [50_000, 0]


async def test_a_year_that_nobody_told_is_said_and_counted_by_weekends(database: Database) -> None:
    await county_under(database, unsolved(10))
    filed = await file(database, notice(extra=TOLD))
    (remark,) = filed.notice.coverage
    assert remark["code"] == "calendar.year_missing"
    assert "2026 年的节假日安排尚未录入" in remark["sentence_zh"]
    await work(database)
    claim_no = filed.claims[0].claim_no
    assert (await claim_view(database, claim_no)).claim.assessed_fen == 50_000


async def test_what_was_seen_stays_with_the_decision(database: Database) -> None:
    await county_under(database, unsolved(7))
    await tell_2026(database)
    assert await owed(database, 1) == 0
    async with database.transaction(SYSTEM) as tx:
        await keep_year(tx, YearOff(2026, (), ()), "更正")
    assert await all_come_out_again(database) == 1
    assert await owed(database, 2) == 50_000
    assert await all_come_out_again(database) == 2


async def test_only_the_days_between_the_days_compared_are_kept(database: Database) -> None:
    await county_under(database, unsolved(6))
    async with database.transaction(SYSTEM) as tx:
        wide = (date(2026, 1, 1), date(2026, 9, 28), *NATIONAL, date(2026, 10, 13))
        await keep_year(tx, YearOff(2026, wide, INSTEAD), "国务院办公厅通知")
    filed = await file(database, notice(extra=TOLD))
    await work(database)
    claim = (await claim_view(database, filed.claims[0].claim_no)).claim
    async with database.transaction(COUNTY) as tx:
        stored = (await latest_assessments(tx, [claim.id]))[claim.id]
    facts = decode(Facts, stored.facts)
    assert (facts.holidays, facts.workdays) == (NATIONAL, INSTEAD)


async def test_terms_that_count_no_working_days_are_told_of_none(database: Database) -> None:
    await county_under(database, make_terms())
    await tell_2026(database)
    async with database.transaction(COUNTY) as tx:
        (response,) = (await respond(tx, notice(extra=TOLD))).found
    assert (response.spell.years_off, response.facts.holidays) == (None, ())


async def test_days_a_thousand_years_apart_are_counted_no_further_than_needed(
    database: Database,
) -> None:
    await county_under(database, unsolved(7))
    filed = await file(database, notice(extra=TOLD | {"reported": "1000-01-01"}))
    await work(database)
    claim_no = filed.claims[0].claim_no
    assert (await claim_view(database, claim_no)).claim.assessed_fen == 50_000
