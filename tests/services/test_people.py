"""People: registered once, found by name and number, shown masked."""

from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import text

from app.db.people import read_people
from app.db.session import Database
from app.domain.errors import Invalid, NotFound, OutOfArea
from app.domain.person import IdType
from app.services.people import look_up_person, read_person, register_person
from tests.contracts import COUNTY, OTHER_COUNTY, OTHER_TOWN, TOWN, TOWNSHIP
from tests.people import id_number, person, without_number


async def test_a_registered_person_is_shown_masked(database: Database) -> None:
    async with database.transaction(TOWNSHIP) as tx:
        view = await register_person(tx, person(name="欧阳示范", phone="+86 138-0000-1234"))
        assert await read_person(tx, view.id) == view
    assert view.name_masked == "欧**范"
    assert view.id_masked == f"990127********{id_number()[-4:]}"
    assert view.phone_masked == "138****1234"
    assert (view.birth_on, view.sex) == (date(1960, 5, 1), "male")
    assert view.household_id is not None


async def test_no_name_and_no_number_is_stored_in_clear(database: Database) -> None:
    async with database.transaction(TOWNSHIP) as tx:
        await register_person(tx, person(phone="13800001234"))
        row = (await tx.sql.execute(text("SELECT p::text FROM person AS p"))).scalar_one()
    for secret in ("张试1", id_number(), "13800001234"):
        assert secret not in row
        assert secret.encode().hex() not in row


async def test_a_person_is_found_however_the_number_is_typed(database: Database) -> None:
    number = next(n for n in (id_number(s) for s in range(1, 60)) if n.endswith("X"))
    async with database.transaction(TOWNSHIP) as tx:
        view = await register_person(tx, person(name="张三丰", id_number=number))
        typed = f" {number[:6]} {number[6:].lower()}"
        assert (await look_up_person(tx, "张 三丰", id_number=typed)).id == view.id


@pytest.mark.parametrize(
    ("name", "number"), [("张试2", id_number(1)), ("张试1", id_number(2)), ("", id_number(1))]
)
async def test_name_and_number_must_both_agree(database: Database, name: str, number: str) -> None:
    async with database.transaction(TOWNSHIP) as tx:
        await register_person(tx, person())
        with pytest.raises(NotFound):
            await look_up_person(tx, name, id_number=number)


async def test_a_person_without_a_number_is_found_by_name_and_birthday(
    database: Database,
) -> None:
    async with database.transaction(TOWNSHIP) as tx:
        view = await register_person(tx, without_number())
        found = await look_up_person(tx, "李无证", IdType.NONE, birth_on=date(1950, 3, 4))
        assert found.id == view.id
        with pytest.raises(NotFound):
            await look_up_person(tx, "李无证", IdType.NONE, birth_on=date(1950, 3, 5))
        await register_person(tx, without_number())
        with pytest.raises(NotFound):
            await look_up_person(tx, "李无证", IdType.NONE, birth_on=date(1950, 3, 4))


async def test_a_search_without_what_it_needs_is_refused(database: Database) -> None:
    async with database.transaction(TOWNSHIP) as tx:
        with pytest.raises(Invalid):
            await look_up_person(tx, "张试1")
        with pytest.raises(Invalid):
            await look_up_person(tx, "张试1", IdType.NONE)


async def test_a_person_of_another_area_is_not_found(database: Database) -> None:
    async with database.transaction(COUNTY) as tx:
        view = await register_person(tx, person(area_code=OTHER_TOWN))
    for caller in (TOWNSHIP, OTHER_COUNTY):
        async with database.transaction(caller) as tx:
            with pytest.raises(NotFound):
                await read_person(tx, view.id)
            with pytest.raises(NotFound):
                await look_up_person(tx, "张试1", id_number=id_number())


async def test_a_number_is_registered_once_in_the_whole_country(database: Database) -> None:
    async with database.transaction(COUNTY) as tx:
        await register_person(tx, person(area_code=OTHER_TOWN))
        with pytest.raises(Invalid):
            await register_person(tx, person())
    async with database.transaction(TOWNSHIP) as tx:
        with pytest.raises(Invalid) as refused:
            await register_person(tx, person())
    assert [fault.pointer for fault in refused.value.faults] == ["/id_number"]


async def test_people_are_registered_in_ones_own_area_only(database: Database) -> None:
    async with database.transaction(TOWNSHIP) as tx:
        with pytest.raises(OutOfArea):
            await register_person(tx, person(area_code=OTHER_TOWN))


@pytest.mark.parametrize(
    ("pointer", "code", "changed"),
    [
        ("/name", "validation.failed", {"name": " "}),
        ("/id_number", "person.id_checksum", {"id_number": id_number()[:-1] + "Y"}),
        ("/id_number", "person.id_date", {"id_number": id_number(1, date(2099, 1, 1))}),
        ("/id_number", "validation.failed", {"id_number": None}),
        ("/id_number", "validation.failed", {"id_type": IdType.PASSPORT, "id_number": "E1"}),
        ("/id_number", "validation.failed", {"id_type": IdType.NONE, "birth_on": date(1960, 5, 1)}),
        ("/birth_on", "person.id_date", {"birth_on": date(1960, 5, 2)}),
        ("/birth_on", "validation.failed", {"id_type": IdType.NONE, "id_number": None}),
        (
            "/birth_on",
            "validation.failed",
            {"id_type": IdType.NONE, "id_number": None, "birth_on": date(2099, 1, 1)},
        ),
        ("/household_id", "validation.failed", {"household_id": uuid4()}),
    ],
)
async def test_a_wrong_person_is_refused_at_the_field(
    database: Database, pointer: str, code: str, changed: dict[str, object]
) -> None:
    async with database.transaction(TOWNSHIP) as tx:
        with pytest.raises(Invalid) as refused:
            await register_person(tx, person(**changed))
    faults = {(fault.pointer, fault.code) for fault in refused.value.faults}
    assert (pointer, code) in faults
    assert all(id_number()[6:14] not in fault.message_zh for fault in refused.value.faults)


async def test_a_household_takes_further_people(database: Database) -> None:
    async with database.transaction(TOWNSHIP) as tx:
        first = await register_person(tx, person())
        second = await register_person(tx, person(2, household_id=first.household_id))
    assert second.household_id == first.household_id


async def test_a_row_never_prints_what_it_holds(database: Database) -> None:
    async with database.transaction(TOWNSHIP) as tx:
        view = await register_person(tx, person())
        row = (await read_people(tx, [view.id]))[view.id]
    assert repr(row) == f"PersonRow({view.id})"
    assert row.area_code == TOWN
