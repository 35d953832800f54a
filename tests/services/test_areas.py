"""Areas: codes and levels agree; a list is loaded as often as one likes."""

from datetime import date

import pytest

from app.db.areas import Area
from app.db.session import Database
from app.domain.caller import AREA_END, Caller, Role
from app.domain.errors import Invalid, NotFound
from app.services.areas import list_areas, load_areas, merge_area
from app.services.keys import issue_key
from app.services.notices.draft_notice import draft_notice
from tests.cases import notice
from tests.contracts import COUNTY as OFFICE
from tests.contracts import SYSTEM, TOWNSHIP

SECURITY = Caller(Role.SECURITY, 0, AREA_END, "test:security")

COUNTY = Area(990127000000, "示范县", "county", None)
TOWN = Area(990127103000, "云溪镇", "township", 990127000000)


async def test_areas_are_listed_below_one_by_code(database: Database) -> None:
    async with database.transaction(SYSTEM) as tx:
        await load_areas(tx, [TOWN, COUNTY])
        await load_areas(tx, [TOWN, Area(990128000000, "别县", "county", None)])
    async with database.transaction(TOWNSHIP) as tx:
        assert await list_areas(tx, 990127000000) == [COUNTY, TOWN]
        assert await list_areas(tx, 990127103000) == [TOWN]
        assert len(await list_areas(tx)) == 3
        assert await list_areas(tx, limit=1) == [COUNTY]


async def test_a_new_name_replaces_the_old_one(database: Database) -> None:
    async with database.transaction(SYSTEM) as tx:
        await load_areas(tx, [TOWN])
        renamed = Area(TOWN.code, "云溪街道", "township", TOWN.parent_code)
        await load_areas(tx, [renamed])
        assert await list_areas(tx, TOWN.code) == [renamed]


async def test_a_level_that_does_not_fit_the_code_is_refused(database: Database) -> None:
    async with database.transaction(SYSTEM) as tx:
        with pytest.raises(Invalid) as refused:
            await load_areas(tx, [COUNTY, Area(990127103000, "云溪镇", "county", None)])
    assert [fault.pointer for fault in refused.value.faults] == ["/1/level"]


NEXT_TOWN = Area(990127104000, "石溪镇", "township", 990127000000)
VILLAGE = Area(990127103001, "上村", "village", 990127103000)


async def merged(database: Database, last_on: date) -> int:
    async with database.transaction(SYSTEM) as tx:
        await load_areas(tx, [COUNTY, TOWN, NEXT_TOWN, VILLAGE])
    async with database.transaction(SECURITY) as tx:
        await issue_key(tx, Role.TOWNSHIP, TOWN.code, None, "old office", test=True)
        await issue_key(tx, Role.COUNTY, COUNTY.code, None, "county", test=True)
        ended, successor, keys = await merge_area(tx, TOWN.code, NEXT_TOWN.code, last_on)
    assert (ended, successor) == (TOWN, NEXT_TOWN)
    return keys


async def test_f77_the_key_of_a_merged_township_is_revoked_and_the_countys_is_not(
    database: Database,
) -> None:
    assert await merged(database, date(2026, 1, 1)) == 1
    async with database.transaction(SYSTEM) as tx:
        county, town, village, next_town = await list_areas(tx, COUNTY.code)
    assert (town.valid_to, town.successor_code) == (date(2026, 1, 1), NEXT_TOWN.code)
    assert (village.valid_to, village.successor_code) == (date(2026, 1, 1), NEXT_TOWN.code)
    assert county.valid_to is next_town.valid_to is None


async def test_nothing_new_is_filed_in_an_area_that_is_over(database: Database) -> None:
    await merged(database, date(2026, 1, 1))
    for code in (TOWN.code, VILLAGE.code):
        with pytest.raises(Invalid) as refused:
            async with database.transaction(OFFICE) as tx:
                await draft_notice(tx, notice(), code)
        (fault,) = refused.value.faults
        assert (fault.pointer, str(NEXT_TOWN.code) in fault.hint_zh) == ("/area_code", True)
    async with database.transaction(OFFICE) as tx:
        await draft_notice(tx, notice(), NEXT_TOWN.code)


async def test_until_its_last_day_an_area_goes_on(database: Database) -> None:
    await merged(database, date(2126, 1, 1))
    async with database.transaction(OFFICE) as tx:
        await draft_notice(tx, notice(), TOWN.code)


@pytest.mark.parametrize(
    ("old", "successor", "refusal"),
    [
        (TOWN.code, TOWN.code, Invalid),
        (TOWN.code, COUNTY.code, Invalid),
        (TOWN.code, 990127105000, NotFound),
        (990127105000, TOWN.code, NotFound),
    ],
    ids=["itself", "a county", "an unknown one", "from an unknown one"],
)
async def test_a_merger_that_makes_no_sense_is_refused(
    database: Database, old: int, successor: int, refusal: type[Exception]
) -> None:
    async with database.transaction(SYSTEM) as tx:
        await load_areas(tx, [COUNTY, TOWN, NEXT_TOWN])
    with pytest.raises(refusal):
        async with database.transaction(SECURITY) as tx:
            await merge_area(tx, old, successor, date(2026, 1, 1))


async def test_an_area_is_not_merged_twice_nor_into_one_that_is_over(database: Database) -> None:
    await merged(database, date(2026, 1, 1))
    for old, successor in ((TOWN.code, NEXT_TOWN.code), (NEXT_TOWN.code, TOWN.code)):
        with pytest.raises(Invalid):
            async with database.transaction(SECURITY) as tx:
                await merge_area(tx, old, successor, date(2026, 2, 1))
