"""The storm: the database crashes, processes are killed, at moments drawn from the seed."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from app.demo.processes import READY_SECONDS, Child
from tests.chaos.house import House

POSTGRES_SECONDS = (2.0, 6.0)  # between two crashes
KILLS_SECONDS = (2.0, 8.0)
QUICK_START_SECONDS = 1.0  # of the API, where nothing else runs
AWAY_SECONDS = (0.0, 0.8)
KILLED_STARTING = 0.2  # of the kills, those whose next one does not wait until the process serves


class Storm:
    """Blows until it is over; counts what it did.

    `start_seconds` is what the API took to start: on a slow machine the storm is slow as well, or
    nothing would ever live long enough to do anything.
    """

    def __init__(self, house: House, seed: int, start_seconds: float, breath: float) -> None:
        self._house = house
        self._seed = seed
        self._pace = breath * max(1.0, start_seconds / QUICK_START_SECONDS)
        self.done: Counter[str] = Counter()

    @asynccontextmanager
    async def blowing(self) -> AsyncIterator[None]:
        """Blow around what happens inside; calm, with everything up again, afterwards."""
        over = asyncio.Event()
        house = self._house
        gusts = [
            self._gusts("postgres_stopped", POSTGRES_SECONDS, self._crash, over),
            self._gusts("api_killed", KILLS_SECONDS, self._kill_api, over),
            self._gusts("worker_killed", KILLS_SECONDS, self._kill_worker, over),
        ]
        blowing = [asyncio.create_task(gust) for gust in gusts]
        try:
            yield
        finally:
            over.set()
            await asyncio.gather(*blowing)
        await asyncio.to_thread(house.api.wait_ready, f"{house.url}/readyz")

    async def _gusts(
        self,
        name: str,
        between: tuple[float, float],
        strike: Callable[[random.Random], Awaitable[None]],
        over: asyncio.Event,
    ) -> None:
        chance = random.Random(f"{self._seed} {name}")
        while True:
            try:
                async with asyncio.timeout(chance.uniform(*between) * self._pace):
                    await over.wait()
            except TimeoutError:
                await strike(chance)
                self.done[name] += 1
            else:
                return

    async def _crash(self, chance: random.Random) -> None:
        await asyncio.to_thread(self._house.stop_postgres)
        await asyncio.sleep(chance.uniform(*AWAY_SECONDS))
        await asyncio.to_thread(self._house.start_postgres)

    async def _kill_api(self, chance: random.Random) -> None:
        await self._kill(self._house.api)
        if chance.random() >= KILLED_STARTING:
            await asyncio.to_thread(self._house.api.wait_ready, f"{self._house.url}/livez")

    async def _kill_worker(self, chance: random.Random) -> None:
        worker = self._house.worker
        began = worker.log.stat().st_size
        await self._kill(worker)
        if chance.random() >= KILLED_STARTING:
            await asyncio.to_thread(_until_it_says, worker, began, b"worker.started")

    async def _kill(self, child: Child) -> None:
        child.kill()
        await asyncio.to_thread(child.wait, 5)
        child.start()


def _until_it_says(child: Child, began: int, words: bytes) -> None:
    """Wait until a process says something in its log, from this place on."""
    deadline = time.monotonic() + READY_SECONDS
    with child.log.open("rb") as log:
        log.seek(began)
        said = b""
        while words not in said and time.monotonic() < deadline:
            said += log.read()
            time.sleep(0.05)
