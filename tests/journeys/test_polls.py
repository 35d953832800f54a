"""Polling three API processes while others write: an old ETag dies within a second everywhere.

And at once in the process that wrote; and nothing is believed while nobody can look for news.
"""

import asyncio
import base64
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import httpx
import pytest
from structlog.testing import capture_logs

from app.api import known
from app.api.known import Known
from app.db.session import Database
from app.demo.processes import Child
from app.domain.caller import Role
from app.main import create_app
from app.services.claims.read_claim import read_claim
from app.services.claims.withdraw_claim import withdraw_claim
from app.services.keys import issue_key
from app.services.notes.notes import note_claim
from app.settings import Settings
from tests import database as databases
from tests.api.conftest import SECURITY
from tests.cases import CHUNAN, INSURER, county_with, file, notice, work
from tests.contracts import COUNTY, COUNTY_AREA, TOWN
from tests.journeys.conftest import _any_port

PROCESSES = 3
ROUNDS = 4
STALE_SECONDS = 1.0
SETTLE_SECONDS = 1.2
Client = httpx.AsyncClient


async def key(database: Database, role: Role, area: int, insurer: str | None = None) -> str:
    async with database.transaction(SECURITY) as tx:
        return (await issue_key(tx, role, area, insurer, "test", test=True)).token


async def accepted(database: Database, *people: int) -> list[str]:
    """Claims that their insurer has accepted: they change only when somebody acts."""
    await county_with(database, CHUNAN, people=max(people))
    filed = [await file(database, notice(person)) for person in people]
    await work(database)
    return [one.claims[0].claim_no for one in filed]


@dataclass(frozen=True)
class Street:
    """Three API processes on one database, and a claim for each test."""

    url: str
    doors: list[str]
    claims: list[str]
    tokens: list[str]

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        """Another process, as far as the three are concerned."""
        database = Database(self.url, databases.keyring(), pool_size=2)
        yield database
        await database.close()


async def _settle(url: str) -> tuple[list[str], list[str]]:
    database = Database(url, databases.keyring())
    claims = await accepted(database, 1, 2, 3, 4)
    tokens = [
        await key(database, Role.COUNTY, COUNTY_AREA),
        await key(database, Role.COUNTY, COUNTY_AREA),
        await key(database, Role.TOWNSHIP, TOWN),
        await key(database, Role.DASHBOARD, COUNTY_AREA),
        await key(database, Role.INSURER, 0, INSURER),
    ]
    await database.close()
    return claims, tokens


@pytest.fixture(scope="module")
def street(run: databases.Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    url, folder = run.clone(), tmp_path_factory.mktemp("street")
    given = {name: value for name, value in os.environ.items() if not name.startswith("RELIEF_")}
    env = {
        **given,
        "RELIEF_DATABASE_URL": url,
        "RELIEF_MASTER_KEY": base64.b64encode(databases.MASTER_KEY).decode(),
        "RELIEF_SUITE": databases.SUITE,
        "RELIEF_DATA_DIR": str(folder),
        "RELIEF_RATE_PER_KEY": "1000000",
    }
    with ExitStack() as stack:
        stack.callback(run.drop, url)
        claims, tokens = databases.in_thread(_settle(url))
        children = {}
        for number in range(PROCESSES):
            port = _any_port()
            words = ("app.cli", "serve", "--port", str(port))
            child = Child(f"api-{number}", words, folder / f"api-{number}.log", env)
            child.start()
            stack.callback(child.wait, 10)
            stack.callback(child.ask_to_stop)
            children[f"http://127.0.0.1:{port}"] = child
        for address, child in children.items():
            child.wait_ready(f"{address}/readyz")
        yield Street(url, list(children), claims, tokens)


@asynccontextmanager
async def client_of(address: str, token: str) -> AsyncIterator[Client]:
    headers = {"Authorization": f"Bearer {token}"}
    async with Client(base_url=address, headers=headers, trust_env=False, timeout=20) as client:
        yield client


async def poll(client: Client, path: str, etag: str | None = None) -> httpx.Response:
    return await client.get(path, headers={} if etag is None else {"If-None-Match": etag})


async def locked_out(url: str, client: Client, path: str, etag: str) -> bool:
    """Tell whether a poll is answered 304 while nobody can read the table of claims."""
    keeper = await asyncpg.connect(url)
    lock = keeper.transaction()
    await lock.start()
    await keeper.execute("LOCK TABLE claim IN ACCESS EXCLUSIVE MODE")
    try:
        async with asyncio.timeout(0.5):
            return (await poll(client, path, etag)).status_code == 304
    except TimeoutError:
        return False
    finally:
        await lock.rollback()
        await keeper.close()


async def keep_polling(
    client: Client, path: str, etag: str, stopping: asyncio.Event
) -> tuple[float, int]:
    """Poll with one ETag until it is over; tell when the last 304 was asked for, and how many."""
    last, count = 0.0, 0
    while not stopping.is_set():
        asked = time.monotonic()
        if (await poll(client, path, etag)).status_code == 304:
            last, count = asked, count + 1
        await asyncio.sleep(0.01)
    return last, count


async def test_a_known_poll_touches_no_table(street: Street) -> None:
    path = f"/v1/claims/{street.claims[0]}"
    async with client_of(street.doors[0], street.tokens[0]) as client:
        etag = (await poll(client, path)).headers["etag"]
        told = [await locked_out(street.url, client, path, etag) for _ in range(5)]
    assert any(told)


async def test_an_old_etag_dies_within_a_second_in_every_process(street: Street) -> None:
    claim_no = street.claims[1]
    path = f"/v1/claims/{claim_no}"
    late: list[float] = []
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(street.database())
        clients = [
            await stack.enter_async_context(client_of(door, street.tokens[0]))
            for door in street.doors
        ]
        for turn in range(ROUNDS):
            etags = {(await poll(client, path)).headers["etag"] for client in clients}
            assert len(etags) == 1, "one caller, one answer, one ETag in every process"
            (etag,) = etags
            stopping = asyncio.Event()
            polling = [
                asyncio.create_task(keep_polling(one, path, etag, stopping)) for one in clients
            ]
            await asyncio.sleep(SETTLE_SECONDS / 4)
            async with database.transaction(COUNTY) as tx:
                await note_claim(tx, claim_no, f"第 {turn} 次")
            written = time.monotonic()
            await asyncio.sleep(SETTLE_SECONDS)
            stopping.set()
            told = await asyncio.gather(*polling)
            assert all(count > 0 for _, count in told), "until then it was answered 304"
            late += [last - written for last, _ in told]
    assert max(late) <= STALE_SECONDS


async def test_the_process_that_wrote_never_says_unchanged_to_what_was_before(
    street: Street,
) -> None:
    path = f"/v1/claims/{street.claims[2]}"
    async with (
        client_of(street.doors[0], street.tokens[0]) as writer,
        client_of(street.doors[1], street.tokens[0]) as reader,
    ):
        etag = (await poll(writer, path)).headers["etag"]
        for turn in range(10):
            assert (await poll(writer, path, etag)).status_code == 304
            written = await writer.post(
                f"{path}:assign",
                json={"to": f"同事{turn}"},
                headers={"If-Match": etag, "Idempotency-Key": str(uuid4())},
            )
            assert written.status_code == 200, written.text
            seen = await poll(writer, path, etag)
            assert (seen.status_code, seen.headers["etag"]) == (200, written.headers["etag"])
            etag = written.headers["etag"]
            assert (await poll(writer, path, etag)).status_code == 304
        await asyncio.sleep(SETTLE_SECONDS)
        assert (await poll(reader, path, etag)).status_code == 304


async def test_an_etag_is_nobodys_but_its_callers(street: Street) -> None:
    path = f"/v1/claims/{street.claims[0]}"
    etags = []
    for token in street.tokens:
        async with client_of(street.doors[2], token) as client:
            etags.append((await poll(client, path)).headers["etag"])
    assert len(set(etags)) == len(etags)
    for mine, token in enumerate(street.tokens):
        async with client_of(street.doors[2], token) as client:
            told = [(await poll(client, path, etag)).status_code for etag in etags]
        assert told == [304 if whose == mine else 200 for whose in range(len(etags))]


async def test_lists_and_notices_are_remembered_and_forgotten_alike(street: Street) -> None:
    claim_no = street.claims[3]
    paths = ["/v1/claims?limit=5", "/v1/notices?limit=5", f"/v1/notices/{claim_no[:-2]}"]
    async with street.database() as database, client_of(street.doors[1], street.tokens[0]) as one:
        etags = [(await poll(one, path)).headers["etag"] for path in paths]
        same = [await poll(one, path, etag) for path, etag in zip(paths, etags, strict=True)]
        assert [answer.status_code for answer in same] == [304] * 3
        async with database.transaction(COUNTY) as tx:
            await withdraw_claim(
                tx, claim_no, (await read_claim(tx, claim_no)).claim.version, "误报"
            )
        await asyncio.sleep(SETTLE_SECONDS)
        other = [await poll(one, path, etag) for path, etag in zip(paths, etags, strict=True)]
        assert [answer.status_code for answer in other] == [200] * 3


class Cable:
    """A cable to PostgreSQL that can be pulled (ends are closed) or goes dead (nothing passes)."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        self._alive = asyncio.Event()
        self._alive.set()
        self._ends: set[asyncio.StreamWriter] = set()
        self._pipes: set[asyncio.Task[None]] = set()
        self.pulled = False
        self.url = ""

    @asynccontextmanager
    async def laid(self) -> AsyncIterator["Cable"]:
        server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        login = f"{self._parts.username}:{self._parts.password}"
        self.url = self._parts._replace(netloc=f"{login}@127.0.0.1:{port}").geturl()
        try:
            yield self
        finally:
            self.pull()
            for pipe in self._pipes:
                pipe.cancel()
            await asyncio.gather(*self._pipes, return_exceptions=True)
            server.close()

    def pull(self) -> None:
        self.pulled = True
        for end in self._ends:
            end.close()
        self._ends.clear()

    def go_dead(self) -> None:
        self._alive.clear()

    def mend(self) -> None:
        self.pulled = False
        self._alive.set()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.pulled:
            writer.close()
            return
        there = await asyncio.open_connection(self._parts.hostname, self._parts.port)
        self._ends |= {writer, there[1]}
        for source, drain in ((reader, there[1]), (there[0], writer)):
            pipe = asyncio.create_task(self._pass_on(source, drain))
            self._pipes.add(pipe)
            pipe.add_done_callback(self._pipes.discard)

    async def _pass_on(self, source: asyncio.StreamReader, drain: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await source.read(65536):
                await self._alive.wait()
                drain.write(piece)
                await drain.drain()
        drain.close()


@asynccontextmanager
async def watched(url: str, tmp_path: Path, token: str) -> AsyncIterator[tuple[Client, Known]]:
    """The door in this process on a real database, watching."""
    database = Database(url, databases.keyring())
    app = create_app(Settings(data_dir=tmp_path, allowed_hosts="door"), database, watch=True)
    async with (
        app.router.lifespan_context(app),
        Client(
            transport=httpx.ASGITransport(app),
            base_url="http://door",
            headers={"Authorization": f"Bearer {token}"},
        ) as client,
    ):
        yield client, app.state.known
    await database.close()


async def until(done: Callable[[], bool], seconds: float = 15) -> None:
    async with asyncio.timeout(seconds):
        while not done():  # noqa: ASYNC110 - what is waited for sets no event
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("fault", ["pulled", "dead"])
async def test_while_nobody_can_look_nothing_is_believed_and_afterwards_nothing_old(
    fresh_database: Database, fresh_database_url: str, tmp_path: Path, fault: str
) -> None:
    (claim_no,) = await accepted(fresh_database, 1)
    token = await key(fresh_database, Role.COUNTY, COUNTY_AREA)
    path = f"/v1/claims/{claim_no}"
    with capture_logs() as logs:
        async with (
            Cable(fresh_database_url).laid() as cable,
            watched(cable.url, tmp_path, token) as (client, memory),
        ):
            await until(memory.holds)
            etag = (await poll(client, path)).headers["etag"]
            await poll(client, path)
            assert memory._etags
            if fault == "pulled":
                cable.pull()
            else:
                cable.go_dead()
            await until(lambda: not memory.holds())
            memory.remember_item("claim", claim_no, TOWN, COUNTY, etag, time.monotonic())
            assert memory.item("claim", claim_no, COUNTY, etag) is None
            await until(lambda: memory._etags == {})
            async with fresh_database.transaction(COUNTY) as tx:
                await note_claim(tx, claim_no, "没人看见的时候")
            cable.mend()
            await until(memory.holds)
            assert memory._etags == {}
            told = [(await poll(client, path, etag)).status_code for _ in range(5)]
            assert 304 not in told
            assert told[-1] == 200, "at first a cut connection may be lent, and is a 503"
    assert [line["event"] for line in logs].count("watch.lost") >= 1


def test_looks_are_close_enough_together() -> None:
    assert known.TRUST_SECONDS + known.LOOK_SECONDS <= STALE_SECONDS
    assert known.LOOK_SECONDS * 3 <= known.TRUST_SECONDS
