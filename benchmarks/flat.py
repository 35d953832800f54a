"""What a claim and a look-up read, in a database of 1,000 claims and in one of 1,000,000.

Counted, not timed: statements sent, rows read by the server, tables read from end to end. Beside
them the time, for comparison: a shared machine makes it no goal.
"""

import asyncio
import time
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
from asyncpg.connection import LoggedQuery
from sqlalchemy import event

from app.db.enrolments import spells_of
from app.db.person_seals import number_indexes
from app.db.session import Database
from app.domain.caller import Caller, Role, area_range
from app.services.claims.read_claim import read_claim
from benchmarks import county, large, tasks, township_list, walk
from benchmarks.county import County
from benchmarks.house import House, open_house
from benchmarks.measure import Line, tell

SMALL = large.Size(claims=1_000, people=1_000)
NOTICES = len(county.TOWNSHIPS) * 4
Reads = tuple[int, int]
Turns = Sequence[tuple[int, str]]  # the township's place, and the notice
_FRAME = ("BEGIN", "COMMIT", "ROLLBACK", "SELECT set_context(")
_READ = """
SELECT coalesce(sum(seq_scan), 0) AS whole,
    coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0) AS rows
FROM pg_stat_user_tables WHERE relname = ANY($1)
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """For one claim or one look-up: statements, rows read, whole tables read, milliseconds."""

    statements: float
    rows: float
    whole_tables: float
    ms: float


def measure(size: large.Size) -> list[Line]:
    """Count in a small and in a large house, one after the other."""
    with open_house() as house:
        asyncio.run(walk.first_claims(house.county))
        asyncio.run(large.multiply(house.url, SMALL.claims, SMALL.people, rows=large.LIVELY))
        few = asyncio.run(_count(house))
        few_tasks = tasks.look(house)
    with large.open_large(size) as house:
        many = asyncio.run(_count(house))
        listed = township_list.measure(house.url, size)
        many_tasks = tasks.look(house)
    flat = [
        line
        for name in ("claim", "look_up")
        for line in _lines(name, few[name], many[name], size.claims)
    ]
    return [*flat, listed, *tasks.compare(few_tasks, many_tasks, SMALL, size)]


def _lines(name: str, few: Counted, many: Counted, claims: int) -> Iterator[Line]:
    named = f"flat_{name}"
    limit = f"with {SMALL.claims:,} claims; this with {claims:,}"
    rows = many.rows / max(1.0, few.rows)
    yield Line(
        f"{named}_statements", "statements", many.statements, few.statements, limit,
        many.statements / few.statements, 1.0, at_most=True,
    )  # fmt: skip
    # A deeper index reads no more rows; a quarter more is room for what autovacuum left behind.
    yield Line(f"{named}_rows", "rows read", many.rows, few.rows, limit, rows, 1.25, at_most=True)
    yield Line(
        f"{named}_whole_tables", "whole tables read", many.whole_tables, 1.0, "none",
        many.whole_tables, 0.0, at_most=True,
    )  # fmt: skip
    yield Line(f"{named}_ms", "ms of wall clock", many.ms, few.ms, limit, many.ms / few.ms)


async def _count(house: House) -> dict[str, Counted]:
    tell("counting ...")
    settled = house.county
    first = int(time.time() * 1000) // 8 * 8  # a number that no earlier run has used
    drafts = await county.file_drafts(settled, first, 2 * NOTICES)
    turns = [(place, no) for place, numbers in enumerate(drafts) for no in numbers]
    warm, counted = turns[::2], turns[1::2]
    with _listening() as heard:
        database = Database(settled.url, settled.keyring, pool_size=2)
        event.listen(database.engine.sync_engine, "before_cursor_execute", heard.hear_engine)
        try:
            await _claims(database, warm)  # connections and plans are made
            before = await _reads(settled.url)
            claim, before = await _one(settled, heard, before, _claims(database, counted))
            look_up, _ = await _one(settled, heard, before, _look_up(database, settled, counted))
        finally:
            await database.close()
    return {"claim": claim, "look_up": look_up}


async def _claims(database: Database, turns: Turns) -> None:
    for place, notice_no in turns:
        await walk.submit_and_assess(database, place, notice_no)


async def _one(
    settled: County, heard: "_Heard", before: Reads, act: Awaitable[None]
) -> tuple[Counted, Reads]:
    """Count one act; `before` and the second of the answer are what was read so far."""
    count = NOTICES
    heard.count = 0
    began = time.perf_counter()
    await act
    ms = (time.perf_counter() - began) * 1000
    statements = heard.count
    after = await _reads(settled.url)
    counted = Counted(
        statements / count,
        (after[1] - before[1]) / count,
        (after[0] - before[0]) / count,
        ms / count,
    )
    return counted, after


async def _look_up(database: Database, settled: County, turns: Turns) -> None:
    """Read claims by number, and people by the number of their card."""
    bureau = Caller(Role.COUNTY, *area_range(county.PREFECTURE), "bench")
    for place, notice_no in turns:
        async with database.transaction(bureau) as tx:
            await read_claim(tx, f"{notice_no}-1")
            number = settled.numbers[place]
            assert await spells_of(tx, number_indexes(settled.keyring, number), None)


async def _reads(url: str) -> Reads:
    """How often tables of a claim's way were read whole, and how many rows were read of them.

    Asked on a connection of its own, after the others have told what they did.
    """
    await asyncio.sleep(1.5)
    owner = await asyncpg.connect(url)
    try:
        row = await owner.fetchrow(_READ, list(large.OWN))
    finally:
        await owner.close()
    assert row is not None
    return int(row["whole"]), int(row["rows"])


class _Heard:
    """Statements of this process: through the engine, and straight on the driver."""

    count = 0

    def hear(self, query: LoggedQuery) -> None:
        self._note(query.query)

    def hear_engine(self, _: Any, __: Any, statement: str, *___: Any) -> None:
        self._note(statement)

    def _note(self, statement: str) -> None:
        self.count += not statement.lstrip().startswith(_FRAME)


@contextmanager
def _listening() -> Iterator[_Heard]:
    """Hear what is asked over every connection that is opened inside."""
    heard, connect = _Heard(), asyncpg.connect

    async def connect_and_listen(*where: Any, **how: Any) -> Any:
        connection = await connect(*where, **how)
        connection.add_query_logger(heard.hear)
        return connection

    asyncpg.connect = connect_and_listen
    try:
        yield heard
    finally:
        asyncpg.connect = connect
