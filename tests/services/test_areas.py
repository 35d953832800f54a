"""Areas: codes and levels agree; a list is loaded as often as one likes."""

import pytest

from app.db.areas import Area
from app.db.session import Database
from app.domain.errors import Invalid
from app.services.areas import list_areas, load_areas
from tests.contracts import SYSTEM, TOWNSHIP

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
