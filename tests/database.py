"""The databases of a test run: one server, one migrated template, one clone per worker.

A run owns a folder outside the checkout that it keeps locked while it lives. The next run ends
the servers and removes the folders of runs that were killed.
"""

import asyncio
import contextlib
import fcntl
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TextIO, TypeVar
from urllib.parse import urlsplit

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.cli.migrate import upgrade
from app.crypto import Keyring
from app.db.session import SET_CONTEXT, Database, Tx, context_of
from app.domain.caller import Caller
from app.launcher import ensure_server, stop_server

T = TypeVar("T")

RUN_VARIABLE = "RELIEF_TEST_RUN"
SERVER_VARIABLE = "RELIEF_TEST_DATABASE_URL"
FOLDER_PREFIX = "relief-tests-"
MASTER_KEY = bytes(range(32))
SUITE = os.environ.get("RELIEF_TEST_SUITE", "intl")  # the whole run in another cipher suite
# Test data may be lost with the machine. What is committed still survives a killed server.
UNSAFE_BUT_FAST = {"fsync": "off", "full_page_writes": "off"}


class Run:
    """What one run of the tests owns: a locked folder, a server, databases named after it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name.removeprefix(FOLDER_PREFIX).lower()
        self._lock: TextIO | None = None

    @classmethod
    def begin(cls) -> "Run":
        """Sweep up after killed runs, then make this run's folder and hold its lock."""
        base = _open_folder()
        for left in base.glob(f"{FOLDER_PREFIX}*"):
            _sweep(left)
        folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX, dir=base))
        # The server's own user passes through when the tests run as root.
        folder.chmod(0o711)
        run = cls(folder)
        # Locked before it gets its name: no other run ever sees it open and takes us for dead.
        run._lock = (folder / "run.new").open("w")
        fcntl.flock(run._lock, fcntl.LOCK_EX)
        (folder / "run.new").rename(folder / "run.lock")
        os.environ[RUN_VARIABLE] = str(folder)
        return run

    @classmethod
    def joined(cls) -> "Run":
        """The run that this process (an xdist worker, or the only process) belongs to."""
        return cls(Path(os.environ[RUN_VARIABLE]))

    def end(self) -> None:
        """Drop the run's databases, stop its servers, remove its folder."""
        if (given := os.environ.get(SERVER_VARIABLE)) is not None:
            in_thread(_drop_all(given, f"relief_test_{self.name}_"))
        _stop_all(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._lock is not None:
            self._lock.close()

    def server(self) -> str:
        """The owner's URL of the run's server."""
        given = os.environ.get(SERVER_VARIABLE)
        return given or ensure_server(self.folder / "server", settings=UNSAFE_BUT_FAST)

    def empty(self) -> str:
        """A new database without any table; answers the owner's URL."""
        server, name = self.server(), self._new_name()
        in_thread(_execute(server, f'CREATE DATABASE "{name}"'))
        return named(server, name)

    def clone(self) -> str:
        """A new database with the schema at head; answers the owner's URL."""
        server, template = self.server(), f"relief_test_{self.name}_template"
        with (self.folder / "template.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (self.folder / "template.ready").exists():
                in_thread(_execute(server, f'CREATE DATABASE "{template}"'))
                in_thread_call(upgrade, named(server, template))
                (self.folder / "template.ready").touch()
        name = self._new_name()
        in_thread(_execute(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
        return named(server, name)

    def _new_name(self) -> str:
        return f"relief_test_{self.name}_{secrets.token_hex(4)}"

    def drop(self, url: str) -> None:
        """Drop a clone, with whatever is still connected to it."""
        name = urlsplit(url).path[1:]
        in_thread(_execute(self.server(), f'DROP DATABASE "{name}" WITH (FORCE)'))


class RolledBack(Database):
    """A Database whose transactions are savepoints on one connection that is rolled back.

    Transactions run one after the other; deferred triggers fire where a commit would fire them.
    Races, and anything about commits or transaction ids, need `fresh_database`.
    """

    def __init__(self, beneath: Database, connection: AsyncConnection) -> None:
        self.keyring = beneath.keyring
        self.url = beneath.url
        self.engine = beneath.engine
        self._connection = connection
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def transaction(
        self, caller: Caller, request_id: str | None = None
    ) -> AsyncGenerator[Tx]:
        async with self.bare(caller, request_id) as tx:
            await tx.sql.execute(SET_CONTEXT, context_of(caller, request_id))
            yield tx

    async def ask(
        self, caller: Caller, request_id: str | None, statement: str, *wanted: object
    ) -> Any:
        values = (*context_of(caller, request_id).values(), *wanted)
        async with self.bare(caller, request_id) as tx:
            beneath = await tx.sql.get_raw_connection()
            return await beneath.driver_connection.fetchrow(statement, *values)

    async def tell(
        self, caller: Caller, request_id: str | None, statement: str, *told: object
    ) -> Any:
        return await self.ask(caller, request_id, statement, *told)

    @asynccontextmanager
    async def swift(self, caller: Caller, request_id: str | None = None) -> AsyncGenerator[Tx]:
        async with self.bare(caller, request_id) as tx:
            yield Tx(None, caller, self.keyring, request_id, tx._driver())

    @asynccontextmanager
    async def asking(self, caller: Caller, request_id: str | None = None) -> AsyncGenerator[Tx]:
        async with self.bare(caller, request_id) as tx:
            yield Tx(None, caller, self.keyring, request_id, tx._driver())

    @asynccontextmanager
    async def bare(self, caller: Caller, request_id: str | None = None) -> AsyncGenerator[Tx]:
        async with asyncio.timeout(20), self._turn, self._connection.begin_nested():
            yield Tx(self._connection, caller, self.keyring, request_id)
            await self._connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
            await self._connection.execute(text("SET CONSTRAINTS ALL DEFERRED"))


@asynccontextmanager
async def rolled_back(beneath: Database) -> AsyncGenerator[RolledBack]:
    """One test's database: everything it writes is gone afterwards."""
    async with beneath.engine.connect() as connection:
        outer = await connection.begin()
        try:
            yield RolledBack(beneath, connection)
        finally:
            await outer.rollback()


@asynccontextmanager
async def undone(connection: asyncpg.Connection) -> AsyncGenerator[None]:
    """Do something and take it back."""
    doing = connection.transaction()
    await doing.start()
    try:
        yield
    finally:
        await doing.rollback()


def keyring() -> Keyring:
    """Keys of the tests: always the same, so that seals and blind indexes can be compared."""
    return Keyring(MASTER_KEY, SUITE)


def named(url: str, database: str) -> str:
    """The same server's URL for another database."""
    return urlsplit(url)._replace(path=f"/{database}").geturl()


def in_thread(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end in a loop of its own, whether or not a loop runs in this thread."""
    return in_thread_call(asyncio.run, work)


def in_thread_call(call: Callable[..., T], *arguments: object) -> T:
    """Call something that starts a loop of its own, whether or not a loop runs in this thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call, *arguments).result()


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _drop_all(url: str, prefix: str) -> None:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        for row in await connection.fetch("SELECT datname FROM pg_database"):
            if row["datname"].startswith(prefix):
                await connection.execute(f'DROP DATABASE "{row["datname"]}" WITH (FORCE)')
    finally:
        await connection.close()


def _open_folder() -> Path:
    """A temporary folder that every user may pass through, as the server's user must."""
    for folder in (Path(tempfile.gettempdir()).resolve(), Path("/var/tmp"), Path("/tmp")):
        if all(above.stat().st_mode & 0o001 for above in (folder, *folder.parents)):
            return folder
    raise FileNotFoundError("no temporary folder that other users may pass through")


def _sweep(folder: Path) -> None:
    """Remove the folder of a run that is dead: nobody holds its lock any more."""
    with contextlib.suppress(OSError), (folder / "run.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _stop_all(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _stop_all(folder: Path) -> None:
    for data_dir in _data_dirs(folder):
        stop_server(data_dir)


def _data_dirs(folder: Path) -> Iterator[Path]:
    for cluster in folder.rglob("postgres/data/PG_VERSION"):
        yield cluster.parents[2]
