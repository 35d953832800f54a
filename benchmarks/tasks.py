"""The first page of the work lists of a township's clerk and a county's officer, by server CPU."""

import asyncio
import statistics
from dataclasses import dataclass

from app.db.session import Database
from app.db.tasks import list_tasks
from app.domain.caller import Caller, Role, area_range
from benchmarks import county
from benchmarks.house import House
from benchmarks.large import LARGE, Size
from benchmarks.measure import Line, cpu_seconds, tell

ROUNDS, TIMES = 7, 10
PAGE = 50
GOAL = 1.5  # a plan of as many parts as there are kinds is most of it; one county's work is not
COUNTY = county.TOWNSHIPS[0] // 10**6 * 10**6
WHO = {
    "tasks_township": Caller(Role.TOWNSHIP, *area_range(county.TOWNSHIPS[0]), "bench"),
    "tasks_county": Caller(Role.COUNTY, *area_range(COUNTY), "bench"),
}


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list costs: ms of the server's CPU for its first page, and how many stand on it."""

    ms: float
    found: int


def look(house: House) -> dict[str, Listed]:
    """Ask for both lists in this house."""
    tell("listing what is to be done ...")
    return {name: asyncio.run(_look(house, caller)) for name, caller in WHO.items()}


def compare(few: dict[str, Listed], many: dict[str, Listed], small: Size, size: Size) -> list[Line]:
    """Hold the lists of a large house against those of a small one."""
    return [
        Line(
            name,
            f"ms of the server's CPU for the first {many[name].found}",
            many[name].ms,
            few[name].ms,
            f"the first {few[name].found} among {small.claims:,}; this among {size.claims:,}",
            many[name].ms / few[name].ms,
            GOAL if name == "tasks_township" and size.claims >= LARGE.claims else None,
            at_most=True,
        )
        for name in WHO
    ]


async def _look(house: House, caller: Caller) -> Listed:
    database = Database(house.url, house.keyring, pool_size=1)
    try:
        async with database.transaction(caller) as tx:
            row = await tx.row("SELECT pg_backend_pid() AS pid")
            assert row is not None
            found = len(await list_tasks(tx, None, None, PAGE))
            spent = []
            for _ in range(ROUNDS):
                before = cpu_seconds(row["pid"])
                for _ in range(TIMES):
                    await list_tasks(tx, None, None, PAGE)
                spent.append((cpu_seconds(row["pid"]) - before) / TIMES * 1000)
    finally:
        await database.close()
    if not found:
        raise AssertionError("there is nothing to be done")
    return Listed(statistics.median(spent), found)
