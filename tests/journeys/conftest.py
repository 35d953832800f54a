"""A whole house of real processes on a database of its own, with wires that can be cut."""

import asyncio
import base64
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from app.db.session import Database
from app.demo import cases
from app.demo.contracts import LEAD
from app.demo.house import House, cast
from app.demo.office import Office
from app.demo.papers import paper
from app.demo.processes import Child
from app.demo.seed import Seeded, seed
from app.demo.story import Cast, Form
from app.domain.person import NewPerson
from client.schemas import ClaimView
from tests import database as databases
from tests.journeys.wire import Wire

PEOPLE = 120
LEASE_SECONDS = 5
DELAY_SECONDS = 0.05
PATIENCE_SECONDS = 90.0  # other tests, and builds, run beside these


@dataclass
class World:
    """The processes, the wires between them, and the county they serve."""

    house: House
    database_url: str
    clients: Wire  # a township to the API
    instructions: Wire  # our worker to the insurer
    callbacks: Wire  # the insurer to the API
    keys: Mapping[str, str] = field(repr=False)
    cast: Cast = field(repr=False)
    filed: int = 0

    def file(self, person: NewPerson, form: Form = cases.inpatient) -> str:
        """File a notice with its papers on the public interface; give the claim's number."""
        self.filed += 1
        return self.file_as(self.cast.township, person, f"J-{self.filed}", form)

    def file_as(
        self, office: Office, person: NewPerson, settlement_id: str, form: Form = cases.inpatient
    ) -> str:
        """The same under a settlement number that the caller chose."""
        notice = form(person, settlement_id, self.cast.today)
        area = {"area_code": f"{person.area_code:012d}"}
        notice_no = office.draft_notice({**notice, **area}).body["notice_no"]
        office.attach(notice_no, "settlement", "a.pdf", paper("settlement", notice_no))
        [claim] = office.submit_notice(notice_no).body["claims"]
        return str(claim["claim_no"])

    def see_paid(self, claim_no: str) -> ClaimView:
        """Wait until a claim is closed and its money there."""
        return self.cast.township.follow(
            claim_no,
            lambda claim: (
                claim["status"]["code"] == "closed" and claim["amounts"]["paid"] != "0.00"
            ),
        )

    def ledger(self, claim_no: str) -> dict[str, Any]:
        """What the insurer's own books say of a claim: money that really moved."""
        books = httpx.get(f"{self.house.insurer_url}/ledger", trust_env=False).json()["claims"]
        found: dict[str, Any] = books[claim_no]
        return found

    def count(self, question: str, *values: object) -> int:
        """Ask the database one number, past row security."""
        return databases.in_thread(_count(self.database_url, question, *values))

    def hold(self, table: str) -> Callable[[], None]:
        """Keep everybody from writing into a table, until what is answered is called."""
        held, over = threading.Event(), threading.Event()
        holder = threading.Thread(
            target=asyncio.run, args=(_hold(self.database_url, table, held, over),)
        )
        holder.start()
        assert held.wait(10)

        def release() -> None:
            over.set()
            holder.join()

        return release


async def _hold(url: str, table: str, held: threading.Event, over: threading.Event) -> None:
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute(f"LOCK TABLE {table} IN SHARE MODE")
            held.set()
            await asyncio.to_thread(over.wait, 20)
    finally:
        await connection.close()


async def _count(url: str, question: str, *values: object) -> int:
    connection = await asyncpg.connect(url)
    try:
        return int(await connection.fetchval(question, *values))
    finally:
        await connection.close()


def restart(child: Child) -> None:
    """Kill a process with SIGKILL and start it again."""
    child.kill()
    child.wait(5)
    child.start()


@pytest.fixture(scope="session")
def world(run: databases.Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """API, worker and insurer, each a process; every test brings them back to life."""
    url = run.clone()
    folder = tmp_path_factory.mktemp("house")
    with ExitStack() as stack:
        stack.callback(run.drop, url)
        clients, instructions, callbacks = (stack.enter_context(Wire().open()) for _ in range(3))
        house = _house(folder, url, callbacks.url)
        clients.target = callbacks.target = house.url
        instructions.target = house.insurer_url
        seeded = databases.in_thread(_seed(url, instructions.url))
        stack.enter_context(house.running(seeded.secrets[LEAD]))
        yield World(
            house,
            url,
            clients,
            instructions,
            callbacks,
            seeded.keys,
            stack.enter_context(cast(clients.url, seeded, PATIENCE_SECONDS)),
        )


def _house(folder: Path, url: str, callback_url: str) -> House:
    given = {name: value for name, value in os.environ.items() if not name.startswith("RELIEF_")}
    return House(
        folder,
        {
            **given,
            "RELIEF_DATABASE_URL": url,
            "RELIEF_MASTER_KEY": base64.b64encode(databases.MASTER_KEY).decode(),
            "RELIEF_SUITE": databases.SUITE,
            "RELIEF_LEASE_SECONDS": str(LEASE_SECONDS),
            "RELIEF_INSURER_DEADLINE_SECONDS": "2",
            "RELIEF_WEBHOOK_NETWORKS": "127.0.0.0/8",
            "RELIEF_WEBHOOK_DEADLINE_SECONDS": "1",
        },
        api_port=_any_port(),
        insurer_port=_any_port(),
        callback_url=callback_url,
        delay_seconds=DELAY_SECONDS,
    )


def _any_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _seed(url: str, insurer_url: str) -> Seeded:
    database = Database(url, databases.keyring())
    try:
        return await seed(database, None, insurer_url=insurer_url, people=PEOPLE)
    finally:
        await database.close()
