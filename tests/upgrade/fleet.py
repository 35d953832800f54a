"""A house of two APIs and a worker that change from the previous version to ours under load."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import asyncpg
import httpx

from app.db.revision import HEAD
from app.demo.processes import HOST, ROOT, Child
from app.launcher import ensure_server
from tests.chaos.clerk import ANSWER_SECONDS, Broken, Clerk, NeverHappened, Notebook
from tests.chaos.filing import see_through
from tests.chaos.house import House, any_port
from tests.chaos.plan import INSURERS, Plan, plans
from tests.chaos.play import PATIENCE_SECONDS, SHANGHAI
from tests.upgrade.balance import Balanced, relay
from tests.upgrade.previous import run_previous, unpack

SETTLE = Path(__file__).with_name("settle.py")
MIGRATOR_LOCK = 3301272026  # as in migrations/env.py
HOLDING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND granted"
WAIT_SECONDS = 240
TRIES, BUSY = 10, "数据库正忙"  # as in migrations/env.py
APIS = 2


@dataclass
class Fleet(House):
    """`root` is where the code of the running version lies. Its address leads to the APIs."""

    root: Path = ROOT
    old: Path = ROOT
    apis: list[Child] = field(default_factory=list)
    ports: list[int] = field(default_factory=list)
    workers: int = 0

    def lay(self) -> None:
        """Lay the previous version's schema, by its own code."""
        self.old = self.root = unpack(self.folder / "previous")
        self.database_url = ensure_server(self.folder, settings=self.settings)
        self.url = f"http://{HOST}:{any_port()}"
        run_previous(self.old, ["-m", "app.cli", "migrate"], self.environment())

    def settle_previous(self, claims: int) -> list[Plan]:
        """Lay the county by the previous version's code; give the claims that may be filed."""
        asked = {
            "folder": str(self.folder),
            "url": self.url,
            "seed": self.seed,
            "claims": claims,
            "database_url": self.database_url,
            "insurer_urls": self.insurer_urls,
        }
        told = run_previous(self.old, [str(SETTLE)], self.environment(), json.dumps(asked))
        self.tokens = json.loads(told.splitlines()[-1])
        return list(plans(claims, self.seed))

    def open_apis(self) -> list[int]:
        """Start two APIs of the current version and wait until they are ready; give their ports."""
        ports = [any_port() for _ in range(APIS)]
        fresh = [self.api_on(port) for port in ports]
        for port, child in zip(ports, fresh, strict=True):
            child.wait_ready(f"http://127.0.0.1:{port}/readyz")
        self.apis, self.ports = fresh, ports
        return ports

    def api_on(self, port: int) -> Child:
        """Start an API of the current version."""
        return self._started(f"api-{port}", "serve", RELIEF_PORT=str(port))

    def open_worker(self) -> Child:
        """Start a worker of the current version."""
        self.workers += 1
        self.worker = self._started(f"worker-{self.workers}", "worker")
        return self.worker

    def open_insurers(self) -> None:
        """Start the insurers; they are another house and change nothing."""
        for code in INSURERS:
            self.insurers[code].start()
            self.insurers[code].wait_ready(f"{self.insurer_urls[code]}/")

    def begin_migration(self) -> "subprocess.Popen[str]":
        """Begin `relief migrate` of our version."""
        return subprocess.Popen(
            [sys.executable, "-m", "app.cli", "migrate"],
            cwd=ROOT,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _started(self, name: str, word: str, **more: str) -> Child:
        log = self.folder / "logs" / f"{name}.log"
        child = Child(name, ("app.cli", word), log, {**self.environment(), **more}, self.root)
        self._children.append(child)
        child.start()
        return child


@dataclass
class Load:
    """Clerks who file claim after claim until they are told that it is over."""

    fleet: Fleet
    plans: Iterator[Plan]
    at_once: int
    notebook: Notebook = field(default_factory=Notebook)
    ended: dict[str, Plan] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    balanced: Balanced = field(init=False)
    _clerks: list[asyncio.Task[None]] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.balanced = Balanced(self.fleet.ports, self.at_once)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Load"]:
        """Keep the clerks busy inside, until they are told to rest."""
        address = int(self.fleet.url.rpartition(":")[2])
        async with (
            relay(address, lambda: self.balanced.ports),
            httpx.AsyncClient(
                base_url=self.fleet.url, timeout=ANSWER_SECONDS, transport=self.balanced
            ) as client,
        ):
            self._clerks = [asyncio.create_task(self._file(client)) for _ in range(self.at_once)]
            try:
                yield self
            finally:
                for clerk in self._clerks:
                    clerk.cancel()

    async def rest(self) -> None:
        """Let each clerk finish the claim in hand."""
        self._over.set()
        await asyncio.gather(*self._clerks)

    async def more(self, claims: int) -> None:
        """Wait until so many more claims have come to their end."""
        wanted = len(self.ended) + claims
        async with asyncio.timeout(WAIT_SECONDS):
            while len(self.ended) < wanted and not self.failed:
                self._news.clear()
                await self._news.wait()

    def failures(self) -> dict[str, int]:
        """Give the requests that failed, by how."""
        return {
            answer: count
            for answer, count in self.notebook.seen.items()
            if not answer.startswith(("2", "304"))
        }

    async def _file(self, client: httpx.AsyncClient) -> None:
        today = datetime.now(SHANGHAI).date()
        township, county = (
            Clerk(client, self.fleet.tokens[name], self.notebook, PATIENCE_SECONDS)
            for name in ("township", "county")
        )
        for plan in self.plans:
            try:
                self.ended[await see_through(plan, township, county, today)] = plan
            except (Broken, NeverHappened) as error:
                self.failed.append(f"claim {plan.number} ({plan.insurer}, {plan.story}): {error}")
            self._news.set()
            if self._over.is_set():
                return


async def migrate_under_load(fleet: Fleet, kills: int, chance: random.Random) -> list[str]:
    """Migrate: killed so often half-way, then by two at once. Gives what is wrong."""
    for _ in range(kills):
        await kill_half_way(fleet, chance.uniform(0, 0.4))
    wrong = [
        one for one in await asyncio.gather(*(_migrate(fleet) for _ in range(2))) if one is not None
    ]
    found = await asked(fleet.database_url, "SELECT version_num FROM alembic_version")
    if found != HEAD:
        wrong.append(f"the schema is at {found}, not at {HEAD}")
    return wrong


async def _migrate(fleet: Fleet) -> str | None:
    """Migrate to the end; gives what is wrong. Who gets no lock in time gives up whole, and is told
    to try again: under load that is right, and it is tried again here, a few times.
    """
    said = ""
    for _ in range(TRIES):
        runner = fleet.begin_migration()
        said, _ = await asyncio.to_thread(runner.communicate)
        if runner.returncode == 0:
            return None
        if BUSY not in said:
            break
    return f"a migration failed: {said[-1500:]}"


async def kill_half_way(fleet: Fleet, seconds: float) -> None:
    """Begin a migration and kill it so long after it has taken the migrators' lock."""
    runner = fleet.begin_migration()
    deadline = time.monotonic() + WAIT_SECONDS
    connection = await asyncpg.connect(fleet.database_url)
    try:
        while runner.poll() is None and time.monotonic() < deadline:
            if await connection.fetchval(HOLDING, MIGRATOR_LOCK):
                await asyncio.sleep(seconds)
                break
            await asyncio.sleep(0.01)
    finally:
        await connection.close()
        if runner.poll() is None:
            os.kill(runner.pid, signal.SIGKILL)
        await asyncio.to_thread(runner.communicate)


async def asked(url: str, question: str) -> object:
    """Ask the database as its owner."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()
