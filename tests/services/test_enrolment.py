"""Rosters: all lines or none, no spell over another, nobody registered twice."""

import asyncio
from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import text

from app.db.enrolments import spells_of
from app.db.events import timeline
from app.db.person_seals import number_indexes
from app.db.session import Database
from app.domain.errors import Invalid, NotFound, OutOfArea
from app.domain.person import IdType
from app.domain.roster import Member
from app.services.people import read_person, register_person
from app.services.policies import enrol, issue_policy, list_members
from tests.contracts import (
    COUNTY,
    INSURER,
    OTHER_COUNTY,
    OTHER_TOWN,
    TOWN,
    TOWNSHIP,
    policy,
    set_up,
)
from tests.people import id_number, person, without_number


async def test_a_roster_registers_the_unknown_and_finds_the_known(database: Database) -> None:
    await set_up(database)
    async with database.transaction(COUNTY) as tx:
        known = await register_person(tx, person(1))
        named = await register_person(tx, person(2))
        enrolled = await enrol(
            tx,
            "P-1",
            [
                Member("dibao", person(1)),
                Member("dibao", person_id=named.id),
                Member("tekun", person(3)),
                Member("tekun", without_number()),
            ],
        )
    assert [line.registered for line in enrolled.members] == [False, False, True, True]
    assert [line.person_id for line in enrolled.members[:2]] == [known.id, named.id]
    assert enrolled.version == 2
    assert {(line.covered_from, line.covered_to) for line in enrolled.members} == {
        (date(2026, 1, 1), date(2026, 12, 31))
    }


async def test_a_roster_leaves_one_event_with_its_numbers(database: Database) -> None:
    await set_up(database)
    async with database.transaction(COUNTY) as tx:
        await enrol(tx, "P-1", [Member("dibao", person(1)), Member("tekun", person(2))])
        events = await timeline(tx, "policy", ["P-1"])
    assert [(event.version, event.type) for event in events] == [
        (2, "policy.enrolled"),
        (1, "policy.issued"),
    ]
    assert events[0].detail == {"added": {"dibao": 1, "tekun": 1}}


async def test_every_spell_of_a_person_comes_with_what_its_policy_says(
    database: Database,
) -> None:
    await set_up(database, payer_rank=20)
    async with database.transaction(COUNTY) as tx:
        await issue_policy(tx, policy("P-0", payer_rank=10))
        spring = Member("dibao", person(), covered_to=date(2026, 3, 31))
        autumn = Member("tekun", person(), covered_from=date(2026, 9, 1))
        (first, _) = (await enrol(tx, "P-1", [spring, autumn])).members
        await enrol(tx, "P-0", [Member("dibao", person_id=first.person_id)])
    async with database.transaction(TOWNSHIP) as tx:
        index = number_indexes(tx.keyring, id_number())
        matched = await spells_of(tx, index, None)
        assert matched is not None
        assert matched == await spells_of(tx, None, first.person_id)
        assert await spells_of(tx, index, None, "passport") is None
        assert await spells_of(tx, None, None) is None
    assert (matched.id, matched.area_code, matched.birth_on) == (
        first.person_id,
        TOWN,
        date(1960, 5, 1),
    )
    assert [(s.policy_no, s.category, s.covered_from, s.covered_to) for s in matched.spells] == [
        ("P-0", "dibao", date(2026, 1, 1), date(2026, 12, 31)),
        ("P-1", "dibao", date(2026, 1, 1), date(2026, 3, 31)),
        ("P-1", "tekun", date(2026, 9, 1), date(2026, 12, 31)),
    ]


async def test_a_person_without_any_spell_is_matched_all_the_same(database: Database) -> None:
    async with database.transaction(COUNTY) as tx:
        view = await register_person(tx, person())
        matched = await spells_of(tx, None, view.id)
    assert matched is not None
    assert matched.spells == ()


@pytest.mark.parametrize(
    ("pointer", "second"),
    [
        ("/members/1/covered_from", Member("dibao", person(1))),
        (
            "/members/1/covered_from",
            Member("tekun", person(1), covered_from=date(2026, 6, 30)),
        ),
        ("/members/1/covered_from", Member("dibao", person(2), covered_from=date(2025, 12, 31))),
        ("/members/1/covered_to", Member("dibao", person(2), covered_to=date(2027, 1, 1))),
        (
            "/members/1/covered_to",
            Member("dibao", person(2), covered_from=date(2026, 5, 2), covered_to=date(2026, 5, 1)),
        ),
        ("/members/1/category", Member("farmer", person(2))),
        ("/members/1/person", Member("dibao")),
        ("/members/1/person_id", Member("dibao", person_id=uuid4())),
        ("/members/1/premium", Member("dibao", person(2), premium_fen=-1)),
        ("/members/1/person/id_number", Member("dibao", person(2, id_number="990127"))),
        ("/members/1/person/area_code", Member("dibao", person(2, area_code=990128103000))),
        ("/members/1/person/name", Member("dibao", person(1, name="别的名字"))),
    ],
)
async def test_one_wrong_line_refuses_the_whole_roster_at_its_place(
    database: Database, pointer: str, second: Member
) -> None:
    await set_up(database)
    async with database.transaction(COUNTY) as tx:
        await register_person(tx, person(1))
    first = Member("dibao", person(1), covered_to=date(2026, 6, 30))
    with pytest.raises(Invalid) as refused:
        async with database.transaction(COUNTY) as tx:
            await enrol(tx, "P-1", [first, second])
    assert [fault.pointer for fault in refused.value.faults] == [pointer]
    async with database.transaction(COUNTY) as tx:
        assert await list_members(tx, "P-1") == []


async def test_spells_that_touch_do_not_overlap(database: Database) -> None:
    await set_up(database)
    async with database.transaction(COUNTY) as tx:
        await enrol(
            tx,
            "P-1",
            [
                Member("dibao", person(), covered_to=date(2026, 6, 30)),
                Member("dibao", person(), covered_from=date(2026, 7, 1)),
            ],
        )
        assert len(await list_members(tx, "P-1")) == 2


async def test_the_same_roster_twice_is_refused_line_by_line(database: Database) -> None:
    await set_up(database)
    roster = [Member("dibao", person(1)), Member("dibao", without_number())]
    async with database.transaction(COUNTY) as tx:
        await enrol(tx, "P-1", roster)
        with pytest.raises(Invalid) as refused:
            await enrol(tx, "P-1", roster)
        people = (await tx.sql.execute(text("SELECT count(*) FROM person"))).scalar_one()
    assert [fault.pointer for fault in refused.value.faults] == [
        "/members/0/covered_from",
        "/members/1/covered_from",
    ]
    assert people == 2


async def test_two_rosters_at_once_register_a_person_once(fresh_database: Database) -> None:
    await set_up(fresh_database)
    async with fresh_database.transaction(COUNTY) as tx:
        await issue_policy(tx, policy("P-2"))

    async def put_on(policy_no: str) -> bool:
        try:
            async with fresh_database.transaction(COUNTY) as tx:
                await enrol(tx, policy_no, [Member("dibao", person())])
        except Invalid:
            return False
        return True

    done = await asyncio.gather(put_on("P-1"), put_on("P-2"), put_on("P-1"))
    async with fresh_database.transaction(COUNTY) as tx:
        people = (await tx.sql.execute(text("SELECT count(*) FROM person"))).scalar_one()
        spells = (await tx.sql.execute(text("SELECT count(*) FROM enrolment"))).scalar_one()
    assert people == 1
    assert spells == sum(done) >= 1


async def test_people_of_one_key_become_one_household(database: Database) -> None:
    await set_up(database)
    async with database.transaction(COUNTY) as tx:
        first = await enrol(tx, "P-1", [Member("dibao", person(1, household_key="h"))])
        more = await enrol(
            tx,
            "P-1",
            [
                Member("dibao", person(2, household_key="h")),
                Member("dibao", person(3, household_key="h")),
                Member("dibao", person(4, household_key="k")),
            ],
        )
        homes = [
            (await read_person(tx, line.person_id)).household_id
            for line in (*first.members, *more.members)
        ]
    assert homes[1] == homes[2] != homes[3]
    assert homes[0] != homes[1], "a key means nothing beyond its request"


async def test_newcomers_join_the_household_of_a_registered_member(database: Database) -> None:
    await set_up(database)
    async with database.transaction(COUNTY) as tx:
        head = await register_person(tx, person(1))
        enrolled = await enrol(
            tx,
            "P-1",
            [
                Member("dibao", person(1, household_key="h")),
                Member("dibao", person(2, household_key="h")),
            ],
        )
        joined = await read_person(tx, enrolled.members[1].person_id)
    assert joined.household_id == head.household_id


async def test_a_roster_is_kept_by_whoever_has_the_whole_area(database: Database) -> None:
    await set_up(database)
    async with database.transaction(TOWNSHIP) as tx:
        with pytest.raises(OutOfArea):
            await enrol(tx, "P-1", [Member("dibao", person())])
    async with database.transaction(OTHER_COUNTY) as tx:
        with pytest.raises(NotFound):
            await enrol(tx, "P-1", [Member("dibao", person())])


async def test_a_policy_of_one_township_takes_its_own_people_only(database: Database) -> None:
    await set_up(database, area_code=TOWN)
    async with database.transaction(COUNTY) as tx:
        with pytest.raises(Invalid) as refused:
            await enrol(tx, "P-1", [Member("dibao", person(area_code=OTHER_TOWN))])
    assert [fault.pointer for fault in refused.value.faults] == ["/members/0/person"]


async def test_a_roster_is_bounded(database: Database) -> None:
    await set_up(database)
    async with database.transaction(COUNTY) as tx:
        for lines in (0, 1001):
            with pytest.raises(Invalid):
                await enrol(tx, "P-1", [Member("dibao", person())] * lines)


async def test_an_insurer_sees_the_spells_but_not_the_people(database: Database) -> None:
    await set_up(database)
    async with database.transaction(COUNTY) as tx:
        await enrol(tx, "P-1", [Member("dibao", person()), Member("dibao", without_number())])
        own = await list_members(tx, "P-1", limit=1)
        rest = await list_members(tx, "P-1", own[0].enrolment_id)
    assert {(view.name_masked, view.id_masked is None) for view in (*own, *rest)} == {
        ("张*1", False),
        ("李*证", True),
    }
    async with database.transaction(INSURER) as tx:
        seen = await list_members(tx, "P-1")
    assert len(seen) == 2
    assert {view.name_masked for view in seen} == {None}


async def test_categories_are_those_of_today(database: Database) -> None:
    await set_up(database, period_to=date(2099, 12, 31))
    async with database.transaction(COUNTY) as tx:
        enrolled = await enrol(
            tx,
            "P-1",
            [
                Member("dibao", person(), covered_to=date(2026, 1, 1)),
                Member("tekun", person(), covered_from=date(2026, 1, 2)),
            ],
        )
        view = await read_person(tx, enrolled.members[0].person_id)
    assert view.categories == ("tekun",)
    assert view.id_type is IdType.RESIDENT_ID
