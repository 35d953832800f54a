"""Listing one township's claims among all of a prefecture, with walls and without."""

import asyncio

import asyncpg

from app.db.claims import CLAIM_COLUMNS, CLAIM_TABLES
from app.db.session import SESSION, context_of
from app.db.walls import walled
from app.domain.caller import Caller, Role, area_range
from benchmarks import county, large
from benchmarks.measure import Line, alternate, cpu_seconds, middle, pairwise, tell

GOAL = 1.3
ROUNDS, TIMES = 7, 20
PAGE = 50
_PLAIN = f"""
    SELECT {CLAIM_COLUMNS} {CLAIM_TABLES}
    WHERE c.area_code >= $1 AND c.area_code < $2
    ORDER BY c.updated_at DESC, c.id DESC LIMIT {PAGE}
"""


def measure(url: str, size: large.Size) -> Line:
    """Measure the newest page of one township, as its clerk and as the database's owner.

    Among fewer the page takes less time than its plan, which the walls double: there is no goal.
    """
    tell("listing a township ...")
    with asyncio.Runner() as runner:
        clerk = runner.run(asyncpg.connect(url, server_settings=SESSION))
        owner = runner.run(asyncpg.connect(url))
        try:
            rows = alternate(
                ROUNDS,
                [
                    lambda: runner.run(_ms(owner, _PLAIN)),
                    lambda: runner.run(_ms(clerk, walled(_PLAIN))),
                ],
            )
        finally:
            runner.run(owner.close())
            runner.run(clerk.close())
    return Line(
        "township_list",
        "ms of the server's CPU for a page",
        middle(rows, 1),
        middle(rows, 0),
        f"the same query without walls, among {size.claims:,} claims",
        pairwise(rows, 1, 0),
        GOAL if size.claims >= large.LARGE.claims else None,
        at_most=True,
    )


async def _ms(connection: asyncpg.Connection, statement: str) -> float:
    lo, hi = area_range(county.TOWNSHIPS[0])
    caller = Caller(Role.TOWNSHIP, lo, hi, "bench")
    context = "SELECT set_context($1, $2, $3, $4, $5, $6)"
    async with connection.transaction():
        await connection.fetchrow(context, *context_of(caller, None).values())
        before = cpu_seconds(connection.get_server_pid())
        for _ in range(TIMES):
            if len(await connection.fetch(statement, lo, hi)) != PAGE:
                raise AssertionError("a township has too few claims")
        return (cpu_seconds(connection.get_server_pid()) - before) / TIMES * 1000
