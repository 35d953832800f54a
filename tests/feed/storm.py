"""Writers, tails and readers that die at random; afterwards every reader has everything once."""

import asyncio
import itertools
import multiprocessing
import os
import random
import signal
from collections import defaultdict
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from typing import NoReturn

import asyncpg

from app.db.events import NewEvent, write_events
from app.db.session import Database
from app.domain.caller import AREA_END, Caller, Role
from app.domain.feed import Place
from app.services.feed.number_events import number_events
from app.services.feed.read_feed import read_feed
from app.worker.tail import follow
from tests.database import keyring

WRITER_PROCESSES, WRITERS_EACH = 4, 4
TAILS, READERS = 2, 16
TOWNS = (990127101000, 990127102000, 990128101000, 990229101000)
INSURERS = (None, "one", "two")
SYSTEM = Caller(Role.SYSTEM, 0, AREA_END, "storm")
SCOPES = (
    Caller(Role.DASHBOARD, 0, AREA_END, "country"),
    Caller(Role.PROVINCE, 990000000000, 1000000000000, "province"),
    Caller(Role.COUNTY, 990127000000, 990128000000, "county"),
    Caller(Role.COUNTY, 990128000000, 990129000000, "other county"),
    Caller(Role.TOWNSHIP, 990127101000, 990127102000, "town"),
    Caller(Role.INSURER, 0, AREA_END, "insurer", "one"),
)


@dataclass
class Outcome:
    """What a storm came to."""

    committed: int
    killed: int
    readers_died: int
    lost: int = 0
    twice: int = 0
    out_of_order: int = 0


@dataclass
class Reader:
    """A reader whose memory outlives it: what it has, and where it stands, are kept together."""

    caller: Caller
    dice: random.Random
    place: Place | None = None
    had: list[tuple[str, int, int]] = field(default_factory=list)
    deaths: int = 0

    async def read_once(self, database: Database) -> bool:
        """Read on, and perhaps die before anything is kept; tell whether there is more."""
        limit = self.dice.choice((1, 7, 50, 500))
        read = await read_feed(database, self.caller, None, self.place, None, limit)
        if self.dice.random() < 0.1:
            self.deaths += 1
            return True
        self.had += [(item.number, item.version, item.position) for item in read.items]
        self.place = read.place
        return read.more

    async def live(self, database: Database, stopping: asyncio.Event) -> None:
        """Read until it is over; now and then cut off in the middle of asking."""
        while not stopping.is_set():
            try:
                async with asyncio.timeout(self.dice.choice((0.003, 5, 5, 5, 5, 5))):
                    await self.read_once(database)
            except TimeoutError:
                self.deaths += 1
            await asyncio.sleep(self.dice.random() * 0.05)


async def storm(url: str, seconds: float, seed: int) -> Outcome:
    """Let them loose on a migrated database for so long, then reckon up."""
    database = Database(url, keyring())
    readers = [Reader(SCOPES[n % len(SCOPES)], random.Random(seed + n)) for n in range(READERS)]
    stopping = asyncio.Event()
    living = [asyncio.create_task(reader.live(database, stopping)) for reader in readers]
    killed = await _rage(url, seconds, seed)
    stopping.set()
    await asyncio.gather(*living)
    await _all_gone(url)
    for _ in range(2):
        while await number_events(database):
            pass
    for reader in readers:
        while await reader.read_once(database) or reader.dice.random() < 0.5:
            pass
    outcome = await _reckon(url, readers, killed)
    await database.close()
    return outcome


async def _rage(url: str, seconds: float, seed: int) -> int:
    """Keep writers and tails alive, killing one after the other; tell how many were killed."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.feed.storm"])
    dice, numbers = random.Random(seed), itertools.count()

    def start(which: int) -> BaseProcess:
        target = _write if which < WRITER_PROCESSES else _number
        child = context.Process(target=target, args=(url, seed, next(numbers)), daemon=True)
        child.start()
        return child

    children = [start(which) for which in range(WRITER_PROCESSES + TAILS)]
    loop, killed = asyncio.get_running_loop(), 0
    until = loop.time() + seconds
    while loop.time() < until:
        await asyncio.sleep(dice.uniform(0.2, 0.6))
        which = dice.randrange(len(children))
        _kill(children[which])
        killed += 1
        children[which] = start(which)
    for child in children:
        _kill(child)
    return killed


async def _reckon(url: str, readers: list[Reader], killed: int) -> Outcome:
    connection = await asyncpg.connect(url)
    events = await connection.fetch("SELECT area_code, insurer_code, number, version FROM event")
    await connection.close()
    outcome = Outcome(len(events), killed, sum(reader.deaths for reader in readers))
    for reader in readers:
        caller = reader.caller
        due = {
            (event["number"], event["version"])
            for event in events
            if caller.covers(event["area_code"]) and caller.insurer in (None, event["insurer_code"])
        }
        had = [(number, version) for number, version, _ in reader.had]
        outcome.lost += len(due - set(had)) + len(set(had) - due)
        outcome.twice += len(had) - len(set(had))
        outcome.out_of_order += _disorder(reader)
    return outcome


def _disorder(reader: Reader) -> int:
    """Count steps back: in positions, and in the versions of one thing."""
    positions = [position for _, _, position in reader.had]
    back = sum(later <= earlier for earlier, later in itertools.pairwise(positions))
    versions: dict[str, list[int]] = defaultdict(list)
    for number, version, _ in reader.had:
        versions[number].append(version)
    return back + sum(told != sorted(told) for told in versions.values())


def _kill(child: BaseProcess) -> None:
    if child.pid is not None and child.is_alive():
        os.kill(child.pid, signal.SIGKILL)
    child.join(10)


async def _all_gone(url: str) -> None:
    """Wait until the server has noticed that the killed are gone, and undone what they left."""
    connection = await asyncpg.connect(url)
    busy = """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND backend_xid IS NOT NULL
    """
    async with asyncio.timeout(30):
        while await connection.fetchval(busy):  # noqa: ASYNC110 - the server sets no event
            await asyncio.sleep(0.05)
    await connection.close()


def _number(url: str, seed: int, _number: int) -> None:
    asyncio.run(_tail(url, seed))


async def _tail(url: str, _seed: int) -> None:
    await follow(Database(url, keyring(), pool_size=1), asyncio.Event())


def _write(url: str, seed: int, number: int) -> None:
    asyncio.run(_writers(url, seed, number))


async def _writers(url: str, seed: int, number: int) -> None:
    database = Database(url, keyring(), pool_size=WRITERS_EACH)
    await asyncio.gather(
        *(_writer(database, f"{number}-{n}", seed * 10_007 + number * 10 + n)
          for n in range(WRITERS_EACH))
    )  # fmt: skip


async def _writer(database: Database, name: str, seed: int) -> None:
    """Commit events of things of one's own: some at once, some late, some never."""
    dice = random.Random(seed)
    versions: dict[str, int] = defaultdict(int)
    while True:
        told = []
        fresh = dict(versions)
        # In one order of the counties: that is the order in which their audit chains are held.
        for thing in sorted(dice.sample(range(4), dice.choice((1, 1, 2)))):
            number = f"{name}-{thing}"
            fresh[number] = fresh.get(number, 0) + 1
            insurer = INSURERS[thing % len(INSURERS)]
            told.append(
                NewEvent(
                    "claim",
                    number,
                    fresh[number],
                    "claim.note",
                    TOWNS[thing],
                    insurer_code=insurer,
                )
            )
        if await _commits(database, told, dice):
            versions.update(fresh)


async def _commits(database: Database, told: list[NewEvent], dice: random.Random) -> bool:
    """Write in a transaction that lasts; tell whether it committed, or was thought better of."""
    try:
        async with database.transaction(SYSTEM) as tx:
            await write_events(tx, told)
            await asyncio.sleep(dice.choice((0, 0, 0.01, 0.05, 0.3)))
            if dice.random() < 0.1:
                _think_better()
    except _Undone:
        return False
    return True


def _think_better() -> NoReturn:
    raise _Undone


class _Undone(Exception):
    """The writer thinks better of it."""
