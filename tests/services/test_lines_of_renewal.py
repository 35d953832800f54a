"""Limits for life go on over a line of renewals; those of a year begin anew."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from app.db.policies import read_policy
from app.db.session import Database
from app.domain.clauses.sums import FixedSum
from app.domain.errors import Invalid
from app.domain.limits import LimitUnit, Scope
from app.domain.notice import EventReport
from app.domain.terms import Nature
from app.services.assessments.what_if import what_if
from app.services.people.look_up_person import look_up_person
from app.services.people.read_covers import read_covers
from app.services.policies.bring_in_usage import OpeningUsage, bring_in_usage
from app.services.policies.renew_policy import Renewal, renew_policy
from tests.cases import file, work
from tests.contracts import COUNTY, SYSTEM
from tests.domain.facts_made import make_cover, make_limit, make_terms
from tests.limits import (
    all_come_out_again,
    amounts_of,
    ceiling,
    county_under,
    of_bills,
    paying,
    used,
    yuan,
)
from tests.limits import times as so_often
from tests.people import id_number

LAST_YEAR, THIS_YEAR = date(2025, 6, 10), date(2026, 6, 10)
FIRST = replace(make_terms(), effective_from=date(2025, 1, 1))


async def two_years(database: Database, *limits: object) -> None:
    """A policy of 2025 and its renewal of 2026, with a cover over bills under some limits."""
    cover = paying(100, *limits)  # type: ignore[arg-type]
    await county_under(
        database,
        replace(FIRST, covers=(cover,)),
        period_from=date(2025, 1, 1),
        period_to=date(2025, 12, 31),
    )
    await renew(database)


async def renew(database: Database) -> None:
    async with database.transaction(COUNTY) as tx:
        version = (await read_policy(tx, "P-1")).version
        await renew_policy(tx, "P-1", version, Renewal("P-1-2026", date(2026, 12, 31)))


async def owed(database: Database, name: str, amount: float, on: date) -> int:
    """What a bill of so many yuan is assessed at, for an illness on that day; in fen."""
    event = EventReport("illness", "disease", on, "示范镇")
    filed = await file(database, of_bills(name, amount, event=event))
    await work(database)
    (found,) = await amounts_of(database, [claim.claim_no for claim in filed.claims])
    return found


async def test_a_cap_for_life_goes_on_and_that_of_a_year_begins_anew(database: Database) -> None:
    await two_years(database, ceiling(5_000, Scope.PERSON_LIFE), ceiling(4_000))
    assert await owed(database, "A", 9_000, LAST_YEAR) == 400_000
    assert await owed(database, "B", 9_000, THIS_YEAR) == 100_000
    assert await owed(database, "C", 9_000, THIS_YEAR) == 0
    assert await used(database, Scope.PERSON_LIFE) == [500_000]
    assert await used(database, Scope.PERSON_YEAR) == [400_000, 100_000]
    assert await all_come_out_again(database) == 3


async def test_a_first_diagnosis_is_paid_once_in_a_life(database: Database) -> None:
    once = so_often(1, Scope.PERSON_LIFE)
    diagnosis = make_cover(
        nature=Nature.FIXED, measure=FixedSum("首次确诊", yuan(80_000)), limits=(once,)
    )
    await county_under(
        database,
        replace(FIRST, covers=(diagnosis,)),
        period_from=date(2025, 1, 1),
        period_to=date(2025, 12, 31),
    )
    await renew(database)
    assert await owed(database, "A", 100, LAST_YEAR) == 8_000_000
    assert await owed(database, "B", 100, THIS_YEAR) == 0


async def test_what_is_left_of_a_life_is_shown_under_each_policy(database: Database) -> None:
    await two_years(database, ceiling(5_000, Scope.PERSON_LIFE))
    await owed(database, "A", 3_000, LAST_YEAR)
    person_id = await person_of(database)
    async with database.transaction(COUNTY) as tx:
        view = await read_covers(tx, person_id, THIS_YEAR)
    (limit,) = view.policies[0].limits
    assert (view.policies[0].policy_no, limit.used, limit.left) == ("P-1-2026", 300_000, 200_000)


async def person_of(database: Database) -> UUID:
    async with database.transaction(COUNTY) as tx:
        return (await look_up_person(tx, "张试1", id_number=id_number(1))).id


async def test_an_opening_balance_for_life_counts_for_the_line_and_comes_in_once(
    database: Database,
) -> None:
    await two_years(database, ceiling(5_000, Scope.PERSON_LIFE))
    line = OpeningUsage("medical.person_life", 450_000, id_number=id_number(1))
    async with database.transaction(COUNTY) as tx:
        await bring_in_usage(tx, "P-1-2026", [line], "旧系统导出")
        with pytest.raises(Invalid):
            await bring_in_usage(tx, "P-1", [line], "旧系统导出")
    assert await owed(database, "A", 3_000, LAST_YEAR) == 50_000


async def test_a_year_is_replayed_with_what_a_life_had_used_before_it(database: Database) -> None:
    life = ceiling(5_000, Scope.PERSON_LIFE)
    await two_years(database, life)
    await owed(database, "A", 3_000, LAST_YEAR)
    assert await owed(database, "B", 9_000, THIS_YEAR) == 200_000
    more = make_limit(yuan(6_000), code="person_life", scope=Scope.PERSON_LIFE, unit=LimitUnit.FEN)
    other = replace(FIRST, version="x", covers=(paying(100, more),))
    was, now = (await what_if(database, SYSTEM, "P-1-2026", (other,), 1)).tallies
    assert (was.fen, now.fen) == (200_000, 300_000)
