"""A house to measure: its own server with durable commits, migrations, one county, child processes.

Everything lies in one folder that is gone afterwards; nobody else's data is touched.
"""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from app.cli.migrate import upgrade
from app.crypto import Keyring
from app.launcher import ensure_server, stop_server
from app.launcher.account import account_of
from app.launcher.programs import find_programs
from benchmarks import county
from benchmarks.measure import tell

MASTER_KEY = bytes(range(32))
START_SECONDS = 30


class House:
    """A database with a county in it, and the processes started on it."""

    def __init__(self, folder: Path, url: str, *, found: bool = False) -> None:
        """Settle a county in an empty database, or find the one that was settled before."""
        self.folder = folder
        self.url = url
        self.keyring = Keyring(MASTER_KEY)
        move_in = county.visit if found else county.settle
        self.county = asyncio.run(move_in(url, self.keyring))
        self._children: list[subprocess.Popen[bytes]] = []
        self.open_county = self.county  # until the walls are left away

    def leave_walls_away(self) -> None:
        """Lay a second database beside the first, of the same rows, in which nothing is audited.

        Before any server is started: a database is copied while nobody is connected to it.
        """
        asyncio.run(_copy(self.url))
        self.open_county = replace(self.county, url=_open(self.url))

    def serve(self) -> tuple[int, int]:
        """Start the API as it is served anywhere, walls, audit and logs on; answer port and pid."""
        environment = {
            "RELIEF_DATABASE_URL": self.url,
            "RELIEF_MASTER_KEY": b64encode(MASTER_KEY).decode(),
            "RELIEF_DATA_DIR": str(self.folder),
            # Counted as anywhere, refused never: one key asks as much as a province here.
            "RELIEF_RATE_PER_KEY": "1000000000",
            "RELIEF_RATE_PER_ADDRESS": "1000000000",
            "RELIEF_LOOKUPS_PER_HOUR": "1000000000",
        }
        port = free_port()
        return self._start(port, ["app.cli", "serve", "--port", str(port)], environment)

    def serve_open(self) -> tuple[int, int]:
        """Start the house without its walls; answer port and pid."""
        port = free_port()
        environment = {
            "RELIEF_DATABASE_URL": self.open_county.url,
            "RELIEF_MASTER_KEY": b64encode(MASTER_KEY).decode(),
        }
        return self._start(port, ["benchmarks.open_app", str(port)], environment)

    def serve_naive(self) -> tuple[int, int]:
        """Start the poll and the submission as one would write them first; answer port and pid."""
        port = free_port()
        url = {"RELIEF_DATABASE_URL": self.url, "BENCH_PERSON": str(self.county.people[0])}
        return self._start(port, ["benchmarks.naive", str(port)], url)

    def serve_bytes(self, shown: bytes) -> tuple[int, int]:
        """Start a server that answers `shown` without any framework; answer port and pid."""
        port = free_port()
        return self._start(port, ["benchmarks.bare_asgi", str(port)], {}, shown)

    def serve_bare(self, shown: bytes) -> tuple[int, int]:
        """Start the bare route that answers `shown`; answer port and pid."""
        port = free_port()
        return self._start(port, ["benchmarks.bare", str(port)], {}, shown)

    def serve_form(self) -> tuple[int, int]:
        """Start the bare route that only checks an estimate's form; answer port and pid."""
        port = free_port()
        return self._start(port, ["benchmarks.bare_form", str(port)], {})

    def serve_inserts(self) -> tuple[int, int]:
        """Start the bare route that stores whatever it is sent; answer port and pid."""
        port = free_port()
        url = {"RELIEF_DATABASE_URL": self.url}
        return self._start(port, ["benchmarks.bare_inserts", str(port)], url)

    def pgbench(self, script: Path, clients: int, transactions: int, **variables: int) -> float:
        """Run a script of the server's own benchmark program; answer transactions a second."""
        cluster = self.folder / "postgres"
        programs = find_programs(cluster, None, account_of(cluster))
        where = urlsplit(self.url)
        command = [str(programs.folder / "pgbench"), "-n", "-M", "prepared"]
        command += ["-c", str(clients), "-j", "1", "-t", str(transactions), "-f", str(script)]
        command += [f"-D{name}={value}" for name, value in variables.items()]
        command += ["-h", str(where.hostname), "-p", str(where.port), "-U", str(where.username)]
        done = subprocess.run(
            [*command, where.path[1:]],
            env={**os.environ, "PGPASSWORD": str(where.password)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        for line in done.stdout.splitlines():
            if line.startswith("tps = "):
                return float(line.split()[2])
        raise RuntimeError(f"pgbench: {done.stderr}")

    def close(self) -> None:
        """End every process that was started."""
        for child in self._children:
            child.terminate()
        for child in self._children:
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()

    def _start(
        self, port: int, module: list[str], environment: dict[str, str], stdin: bytes = b""
    ) -> tuple[int, int]:
        log = (self.folder / f"{module[0]}.{port}.log").open("wb")
        child = subprocess.Popen(
            [sys.executable, "-m", *module],
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
        )
        self._children.append(child)
        assert child.stdin is not None
        child.stdin.write(stdin)
        child.stdin.close()
        _await(port, child)
        return port, child.pid


@contextmanager
def open_house() -> Generator[House]:
    """A house for one run: server and folder go with it."""
    folder = Path(tempfile.mkdtemp(prefix="relief-bench-"))
    folder.chmod(0o711)  # the server's own user passes through when root measures
    house = None
    try:
        tell("laying a database ...")
        url = ensure_server(folder)
        upgrade(url)
        house = House(folder, url)
        house.leave_walls_away()
        yield house
    finally:
        if house is not None:
            house.close()
        stop_server(folder)
        shutil.rmtree(folder, ignore_errors=True)


_AUDITED = {
    "event": "event_audited",
    "access": "access_audited",
    "ledger_entry": "ledger_audited",
}


def _open(url: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path="/relief_open"))


async def _copy(url: str) -> None:
    whole = urlsplit(url).path[1:]
    maintenance = await asyncpg.connect(urlunsplit(urlsplit(url)._replace(path="/template1")))
    await maintenance.execute(f'CREATE DATABASE relief_open TEMPLATE "{whole}"')
    await maintenance.close()
    owner = await asyncpg.connect(_open(url))
    for table, trigger in _AUDITED.items():
        await owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    await owner.close()


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await(port: int, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and child.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"a server did not start: {child.args!r}")
