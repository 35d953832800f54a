"""A page of the change feed by its cursor, and the same page by OFFSET, among a million events;

by the CPU time of the server process that answers: what a client does with rows is in neither.
"""

import asyncio

import asyncpg

from app.db.feed import read_page
from app.db.session import Database
from app.domain.caller import AREA_END, Caller, Role, area_range
from benchmarks import county
from benchmarks.house import House, open_house
from benchmarks.measure import (
    QUICK,
    Effort,
    Line,
    alternate,
    cpu_seconds,
    middle,
    pairwise,
    tell,
)

EVENTS, EVENTS_QUICK = 1_000_000, 100_000
COUNTIES = 20  # enough of one for all its pages, in the short form too
PAGE, PAGES = 100, 20
GOAL, GOAL_QUICK = 0.01, 0.1  # the limit grows with the number of events, a page does not
COUNTRY = Caller(Role.DASHBOARD, 0, AREA_END, "bench")
_FILL = """
    INSERT INTO feed (position, event_seq, county_code, area_code, resource, number, version, type,
                      at)
    SELECT n, n, area / 1000000, area, 'claim', 'bench-' || n, 1, 'claim.note', now()
    FROM (SELECT g AS n, $2::bigint + (g % $3::integer) * 1000000 AS area
          FROM generate_series(1, $1::integer) AS g) AS made
"""
_BY_OFFSET = "SELECT * FROM feed WHERE area_code >= $1 AND area_code < $2 ORDER BY position"


def measure(effort: Effort) -> list[Line]:
    """Measure pages of one county and of the whole country, half-way through the feed."""
    events = EVENTS_QUICK if effort is QUICK else EVENTS
    with open_house() as house, asyncio.Runner() as runner:
        tell("filling the feed ...")
        owner = runner.run(_fill(house, events))
        database = Database(house.url, house.keyring, pool_size=1)
        lo, hi = area_range(county.TOWNSHIPS[0] // 10**6 * 10**6)
        reader = Caller(Role.COUNTY, lo, hi, "bench")
        rows = alternate(
            effort.rounds,
            [
                lambda: runner.run(_by_cursor(database, reader, events // 2)),
                lambda: runner.run(_by_offset(owner, reader, events // COUNTIES // 2)),
                lambda: runner.run(_by_cursor(database, COUNTRY, events // 2)),
                lambda: runner.run(_by_offset(owner, COUNTRY, events // 2)),
            ],
        )
        runner.run(owner.close())
        runner.run(database.close())
    limit = f"the same page by OFFSET, half-way through {events:,} events"
    unit = f"ms of the server's CPU for a page of {PAGE}"
    goal = GOAL_QUICK if effort is QUICK else GOAL
    return [
        Line(
            "feed_page", unit, middle(rows, 2), middle(rows, 3), limit, pairwise(rows, 2, 3), goal,
            at_most=True,
        ),
        Line(
            "feed_page_county", unit, middle(rows, 0), middle(rows, 1), limit, pairwise(rows, 0, 1)
        ),
    ]  # fmt: skip


async def _fill(house: House, events: int) -> asyncpg.Connection:
    owner = await asyncpg.connect(house.url)
    await owner.execute(_FILL, events, county.TOWNSHIPS[0] // 10**6 * 10**6, COUNTIES)
    await owner.execute("UPDATE feed_tail SET position = $1", events)
    await owner.execute("VACUUM ANALYZE feed")
    return owner


async def _by_cursor(database: Database, reader: Caller, after: int) -> float:
    """Read page after page on from a position; give the milliseconds for one."""
    async with database.asking(reader) as tx:  # the connection that the pages are asked over
        found = await tx.row("SELECT pg_backend_pid() AS pid")
    assert found is not None
    before = cpu_seconds(found["pid"])
    for _ in range(PAGES):
        page = await read_page(database, reader, None, after, None, PAGE)
        if len(page.items) != PAGE:
            raise AssertionError("the feed is too short")
        after = page.items[-1].position
    return (cpu_seconds(found["pid"]) - before) * 1000 / PAGES


async def _by_offset(owner: asyncpg.Connection, reader: Caller, offset: int) -> float:
    """Read the same by OFFSET, past row security."""
    times = max(1, PAGES // 10)
    before = cpu_seconds(owner.get_server_pid())
    for turn in range(times):
        skip = offset + turn * PAGE
        found = await owner.fetch(
            f"{_BY_OFFSET} OFFSET {skip} LIMIT {PAGE}", reader.area_lo, reader.area_hi
        )
        if len(found) != PAGE:
            raise AssertionError("the feed is too short")
    return (cpu_seconds(owner.get_server_pid()) - before) * 1000 / times
