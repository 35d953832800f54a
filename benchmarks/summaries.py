"""Totals: what a county's dashboard reads against the full count, and what they cost a write.

The claims are spread as those of a year are: 24 townships, four policies, twelve months, the older
ones closed, the last two on their way.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

import asyncpg

from app.crypto import Keyring
from app.db.session import SESSION, Database
from app.db.summaries import CLAIMS, count_differences, mend
from app.domain.caller import AREA_END, Caller, Role
from app.services.summaries.fold_summaries import fold_summaries
from benchmarks import county, walk
from benchmarks.house import MASTER_KEY, House, open_house
from benchmarks.large import put_indexes_to_sleep, wake_indexes
from benchmarks.measure import Line, alternate, effort, middle, pairwise, tell

CLIENTS, SECONDS_OF_FOLDING = 16, 1.0
COUNTY = 990177000000
HOT = COUNTY + 101_000
DASHBOARD_GOAL, WRITES_GOAL = 0.01, 0.8
LARGE, QUICK = 1_000_000, 50_000  # the goal of the dashboard is set for a million
_SYSTEM = Caller(Role.SYSTEM, 0, AREA_END, "bench")
_SPREAD = """
INSERT INTO claim (id, claim_no, notice_id, policy_id, insurer_code, area_code, status, outcome,
                   assessed_fen, decided_fen, paid_fen, event_on)
SELECT md5('summed' || g)::uuid, '990177-2025-' || g || '-1', md5('notice' || g)::uuid,
    md5('policy' || g / 288 % 4)::uuid, one.insurer_code, $3 + (101 + g % 24) * 1000,
    CASE WHEN g / 24 % 12 < 10 OR g % 7 = 0 THEN 'closed' ELSE
        (array['under_review', 'decided', 'paying', 'paid', 'submitted', 'withdrawn'])[1 + g % 6]
    END,
    CASE WHEN g / 24 % 12 < 10 OR g % 7 = 0 THEN
        (array['full', 'full', 'partial', 'declined', 'nil', 'below_deductible'])[1 + g % 5]
    END, 160000, 150000, CASE WHEN g / 24 % 12 < 10 THEN 150000 ELSE 0 END,
    (date '2025-01-05' + make_interval(months => (g / 24 % 12)::int))::date
FROM (SELECT * FROM claim LIMIT 1) AS one, generate_series($1::bigint, $2::bigint) AS g
"""
_FULL = """
SELECT status, outcome, count(*), sum(assessed_fen), sum(decided_fen), sum(paid_fen) FROM claim
WHERE area_code >= $1 AND area_code < $2 GROUP BY status, outcome
"""
_TOTALS = """
SELECT status, outcome, sum(claims), sum(assessed_fen), sum(decided_fen), sum(paid_fen)
FROM claim_count WHERE area_code >= $1 AND area_code < $2 GROUP BY status, outcome
"""
# What every move of a claim is: its row, its event, the audit row that follows; one township only.
_MOVE = f"""
\\set place random(0, {{hot}} - 1)
\\set fen random(1, 100000)
BEGIN;
SET LOCAL ROLE relief_app;
SELECT set_context(0, {AREA_END}, NULL, 'system', 'bench', NULL);
WITH moved AS (
    UPDATE claim SET decided_fen = :fen, version = version + 1, updated_at = business_now(),
        status = CASE status WHEN 'decided' THEN 'paying' ELSE 'decided' END, outcome = 'partial'
    WHERE id = md5('summed' || 24 * (1 + :place))::uuid
    RETURNING claim_no, version, area_code, insurer_code, status
) INSERT INTO event (area_code, insurer_code, resource, number, version, type, now, actor)
SELECT area_code, insurer_code, 'claim', claim_no, version, 'claim.decide', status, ctx_actor()
FROM moved;
COMMIT;
"""


def measure(claims: int) -> list[Line]:
    """Measure over so many claims, in a house of their own."""
    with open_house() as house:
        asyncio.run(walk.first_claims(house.county))
        tell(f"spreading {claims:,} claims ...")
        asyncio.run(_spread(house.url, claims))
        return [_dashboard(house, claims), _writes(house, claims)]


async def _spread(url: str, claims: int) -> None:
    await put_indexes_to_sleep(url, ["claim"])
    owner = await asyncpg.connect(url)
    try:
        await owner.execute("SET session_replication_role = replica")
        await owner.execute("SET synchronous_commit = off")
        for first in range(1, claims + 1, 100_000):
            last = min(claims, first + 99_999)
            await owner.execute(_SPREAD, first, last, COUNTY, timeout=None)
        await owner.execute("RESET session_replication_role")
    finally:
        await owner.close()
    await wake_indexes(url, ["claim"])
    database = Database(url, Keyring(MASTER_KEY), pool_size=1)
    try:
        began = time.monotonic()
        async with database.transaction(_SYSTEM) as tx:
            groups = await mend(tx, CLAIMS)
            while await fold_summaries(tx):
                pass
        tell(f"{groups:,} groups counted in {time.monotonic() - began:.1f} s")
    finally:
        await database.close()
    await county.vacuum(url)


def _dashboard(house: House, claims: int) -> Line:
    """Where the claims of a county stand, by status and outcome: totals against the full count.

    The totals have as many rows for a million claims as for a few: with fewer there is no goal.
    """
    with _reader(house.url) as ask:

        def full() -> float:
            return ask(_FULL, 1)

        def totals() -> float:
            return ask(_TOTALS, 20)

        rows = alternate(effort().rounds, [full, totals])
    return Line(
        "county_dashboard",
        "ms",
        middle(rows, 1),
        middle(rows, 0),
        "the same by GROUP BY over the claims, walls on",
        pairwise(rows, 1, 0),
        DASHBOARD_GOAL if claims >= LARGE else None,
        at_most=True,
    )


@contextmanager
def _reader(url: str) -> Generator[Callable[[str, int], float]]:
    """A connection of the service's own role, as a county's dashboard; gives ms per question."""
    loop = asyncio.new_event_loop()
    connection = loop.run_until_complete(asyncpg.connect(url, server_settings=SESSION))

    async def asked(statement: str, times: int) -> float:
        async with connection.transaction():
            context = (COUNTY, COUNTY + 10**6, None, "dashboard", "bench", None)
            await connection.execute("SELECT set_context($1, $2, $3, $4, $5, $6)", *context)
            began = time.perf_counter()
            for _ in range(times):
                await connection.fetch(statement, COUNTY, COUNTY + 10**6)
            return (time.perf_counter() - began) / times * 1000

    try:
        yield lambda statement, times: loop.run_until_complete(asked(statement, times))
    finally:
        loop.run_until_complete(connection.close())
        loop.close()


def _writes(house: House, claims: int) -> Line:
    """Moves of claims of one township, 16 clients, the totals kept and folded meanwhile or not."""
    script = house.folder / "moves.sql"
    script.write_text(_MOVE.format(hot=max(1, claims // 24 - 1)))
    each = max(120, effort().submits // 8)

    def without() -> float:
        asyncio.run(_switch(house.url, "DISABLE"))
        try:
            return house.pgbench(script, CLIENTS, each)
        finally:
            asyncio.run(_switch(house.url, "ENABLE"))
            asyncio.run(_mend(house.url))

    def with_totals() -> float:
        with _folding(house.url):
            return house.pgbench(script, CLIENTS, each)

    rows = alternate(effort().rounds, [without, with_totals])
    assert asyncio.run(_mend(house.url)) == 0, "the totals are those of the full count"
    return Line(
        "writes_with_totals",
        "moves/s",
        middle(rows, 1),
        middle(rows, 0),
        "the same without totals, one township, 16 clients",
        pairwise(rows, 1, 0),
        WRITES_GOAL,
    )


async def _switch(url: str, way: str) -> None:
    owner = await asyncpg.connect(url)
    try:
        await owner.execute(f"ALTER TABLE claim {way} TRIGGER claim_recounted")
    finally:
        await owner.close()


async def _mend(url: str) -> int:
    """Bring the totals up to the claims; give how many groups differed."""
    database = Database(url, Keyring(MASTER_KEY), pool_size=1)
    try:
        async with database.transaction(_SYSTEM) as tx:
            found = await count_differences(tx, CLAIMS)
            await mend(tx, CLAIMS)
        async with database.transaction(_SYSTEM) as tx:
            await fold_summaries(tx)
    finally:
        await database.close()
    return found


@contextmanager
def _folding(url: str) -> Generator[None]:
    """Fold round after round beside what is measured, as the clock does, only more often."""
    over = threading.Event()

    async def fold() -> None:
        database = Database(url, Keyring(MASTER_KEY), pool_size=1)
        while not over.is_set():
            async with database.transaction(_SYSTEM) as tx:
                await fold_summaries(tx)
            await asyncio.to_thread(over.wait, SECONDS_OF_FOLDING)
        await database.close()

    thread = threading.Thread(target=asyncio.run, args=(fold(),))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
