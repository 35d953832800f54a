"""What befalls the whole database server, F08 and F15: on a server of the test's own."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
import pytest
from structlog.testing import capture_logs

from app.cli.migrate import upgrade
from app.db.session import Database
from app.domain.caller import Role
from app.launcher import ensure_server, stop_server
from app.main import create_app
from app.services.keys import issue_key
from app.settings import Settings
from tests import database as databases
from tests.api.conftest import SECURITY
from tests.chaos.conftest import Client, away, keyed
from tests.chaos.house import stop_at_once
from tests.chaos.test_database_faults import draft, files_at_most, until_one_waits
from tests.contracts import TOWN

# A segment of the server's log is 16 MiB: less, and it could not even write down that it fails.
LARGEST_FILE = 17 * 1024 * 1024
SETTINGS = {**databases.UNSAFE_BUT_FAST, "autovacuum": "off"}
PLAIN = "ALTER TABLE idempotency ALTER body_sealed SET STORAGE PLAIN"  # a row fills a page
FILL = """
    INSERT INTO idempotency (principal, route, key, fingerprint, status, body_sealed, expires_at)
    SELECT 'fill', gen_random_uuid(), '', '\\x00', 200, convert_to(repeat('x', $2::int), 'UTF8'),
           now()
    FROM generate_series(1, $1::int) AS n
"""


@pytest.fixture(scope="module")
def own_server(run: databases.Run) -> Iterator[Path]:
    """The data folder of a running, migrated server that nobody else uses."""
    folder = Path(tempfile.mkdtemp(prefix="hurt-", dir=run.folder))
    folder.chmod(0o711)
    databases.in_thread_call(upgrade, ensure_server(folder, settings=SETTINGS))
    yield folder
    stop_server(folder)


@asynccontextmanager
async def door(own_server: Path, tmp_path: Path) -> AsyncIterator[Client]:
    """The door on that server, for a township."""
    database = Database(ensure_server(own_server, settings=SETTINGS), databases.keyring())
    async with database.transaction(SECURITY) as tx:
        token = (await issue_key(tx, Role.TOWNSHIP, TOWN, None, "test", test=True)).token
    app = create_app(Settings(data_dir=tmp_path, allowed_hosts="door"), database)
    try:
        async with (
            app.router.lifespan_context(app),
            Client(
                transport=httpx.ASGITransport(app),
                base_url="http://door",
                headers={"Authorization": f"Bearer {token}"},
            ) as client,
        ):
            yield client
    finally:
        await database.close()


async def count(own_server: Path, question: str) -> int:
    connection = await asyncpg.connect(ensure_server(own_server, settings=SETTINGS))
    try:
        return int(await connection.fetchval(question))
    finally:
        await connection.close()


async def for_ever(filling: asyncpg.Connection, rows: int, letters: int) -> None:
    while True:
        await filling.execute(FILL, rows, letters)


async def test_f08_a_crash_in_the_middle_leaves_nothing_half_written(
    own_server: Path, tmp_path: Path
) -> None:
    key = keyed()
    with capture_logs():
        async with door(own_server, tmp_path) as client:
            assert (await draft(client, "", keyed())).status_code == 201
            holder = await asyncpg.connect(ensure_server(own_server, settings=SETTINGS))
            await holder.execute("BEGIN; LOCK TABLE idempotency IN SHARE MODE")
            waiting = asyncio.create_task(draft(client, "", key))
            await until_one_waits(holder)
            await asyncio.to_thread(stop_at_once, own_server)
            assert away(await waiting)
            assert away(await draft(client, "", key))
            await asyncio.to_thread(ensure_server, own_server, settings=SETTINGS)
            assert await count(own_server, "SELECT count(*) FROM notice") == 1
            assert await count(own_server, "SELECT count(*) FROM event WHERE type ~ 'draft'") == 1
            again = await draft(client, "", key)
            while away(again):  # the connections that died with the server
                again = await draft(client, "", key)
        assert again.status_code == 201
        assert "idempotency-replayed" not in again.headers
        assert await count(own_server, "SELECT count(*) FROM notice") == 2


async def test_f15_a_full_disk_refuses_writes_loudly_and_goes_on_reading(
    own_server: Path, tmp_path: Path
) -> None:
    stop_server(own_server)
    with files_at_most(LARGEST_FILE):
        url = ensure_server(own_server, settings=SETTINGS)
    key = keyed()
    filling = await asyncpg.connect(url)
    await filling.execute(PLAIN)
    for rows, letters in ((100, 7900), (1, 7900), (1, 400)):  # to the end, then every gap
        with pytest.raises(asyncpg.PostgresError, match="could not extend"):
            await for_ever(filling, rows, letters)
    await filling.close()
    before = await count(own_server, "SELECT count(*) FROM notice")
    with capture_logs() as logs:
        async with door(own_server, tmp_path) as client:
            refused = await draft(client, "", key)
            assert away(refused), refused.text
            assert "storage.full" in [one["event"] for one in logs if one["log_level"] == "error"]
            assert (await client.get("/v1/notices")).status_code == 200
            assert (await client.get("/readyz")).status_code == 200
    assert await count(own_server, "SELECT count(*) FROM notice") == before
    stop_server(own_server)
    with capture_logs():
        async with door(own_server, tmp_path) as client:
            assert (await draft(client, "", key)).status_code == 201
