"""What covers a person on a day, and what is left of the limits."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from app.catalogue.loading import load_all
from app.db.enrolments import spells_of
from app.db.session import Database
from app.db.usage import hold
from app.domain.errors import NotFound
from app.domain.limits import LimitKey, Scope
from app.domain.roster import Member
from app.services.claims.counters import counter_for
from app.services.people import read_covers, register_person
from app.services.policies import enrol, issue_policy
from app.services.schemes import load_scheme
from tests.contracts import COUNTY, OTHER_COUNTY, TOWN, TOWNSHIP, policy, take_on
from tests.people import person

SCHEME = "chongqing-minzheng-jikunbao"
_USE = text("UPDATE usage_counter SET used = 12345")


async def enrolled(database: Database) -> UUID:
    """Somebody in category dibao from March to December under the Chongqing policy."""
    await take_on(database)
    async with database.transaction(COUNTY) as tx:
        await load_scheme(tx, load_all()[SCHEME])
        await issue_policy(tx, policy(scheme_code=SCHEME))
        roster = [Member("dibao", person(), covered_from=date(2026, 3, 1))]
        return (await enrol(tx, "P-1", roster)).members[0].person_id


async def test_covers_come_with_their_limits_unused(database: Database) -> None:
    person_id = await enrolled(database)
    async with database.transaction(TOWNSHIP) as tx:
        view = await read_covers(tx, person_id, date(2026, 3, 1))
    (held,) = view.policies
    assert view.reason is None
    assert (held.policy_no, held.category) == ("P-1", "dibao")
    assert "big_illness" in {cover.code for cover in held.covers}
    year = next(limit for limit in held.limits if limit.cover_code == "big_illness")
    assert (year.amount, year.used, year.left) == (15_000_000, 0, 15_000_000)
    assert (year.scope, year.unit) == ("person_year", "fen")


async def test_what_claims_hold_is_taken_off(database: Database) -> None:
    person_id = await enrolled(database)
    async with database.transaction(TOWNSHIP) as tx:
        matched = await spells_of(tx, None, person_id)
        assert matched is not None
        counter = counter_for(
            LimitKey(Scope.PERSON_YEAR, "big_illness.year", "2026-01-01"),
            policy_id=matched.spells[0].policy_id,
            line_id=matched.spells[0].line_id,
            notice_id=uuid4(),
            person_id=person_id,
            household_id=matched.household_id,
        )
        await hold(tx, [counter], TOWN)
        await tx.sql.execute(_USE)
        view = await read_covers(tx, person_id, date(2026, 3, 1))
    year = next(each for each in view.policies[0].limits if each.cover_code == "big_illness")
    assert (year.used, year.left) == (12_345, 15_000_000 - 12_345)


async def test_outside_the_spell_the_nearest_policy_is_named(database: Database) -> None:
    person_id = await enrolled(database)
    async with database.transaction(TOWNSHIP) as tx:
        view = await read_covers(tx, person_id, date(2026, 2, 28))
    assert view.policies == ()
    assert (view.reason, view.nearest_policy_no) == ("coverage.out_of_period", "P-1")
    assert "2026-03-01" in view.sentence_zh


async def test_somebody_without_a_spell_is_not_insured(database: Database) -> None:
    async with database.transaction(TOWNSHIP) as tx:
        known = await register_person(tx, person())
        view = await read_covers(tx, known.id)
    assert (view.reason, view.nearest_policy_no) == ("coverage.not_insured", None)


async def test_a_stranger_to_the_area_has_no_covers_to_show(database: Database) -> None:
    person_id = await enrolled(database)
    async with database.transaction(OTHER_COUNTY) as tx:
        with pytest.raises(NotFound):
            await read_covers(tx, person_id)
