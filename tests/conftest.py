"""Fixtures every room's tests may ask for: keys and databases."""

from collections.abc import AsyncGenerator, Iterator

import pytest

from app.crypto import Keyring
from app.db.session import Database
from tests import database as databases

_RUN = pytest.StashKey[databases.Run]()


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.stash[_RUN] = databases.Run.begin()


def pytest_unconfigure(config: pytest.Config) -> None:
    if (run := config.stash.get(_RUN, None)) is not None:
        run.end()


@pytest.fixture(scope="session")
def run() -> databases.Run:
    """What this run of the tests owns."""
    return databases.Run.joined()


@pytest.fixture(scope="session")
def keyring() -> Keyring:
    """The same keys in every test."""
    return databases.keyring()


@pytest.fixture(scope="session")
def database_url(run: databases.Run) -> str:
    """The owner's URL of this worker's database, at head. Leave no rows in it."""
    return run.clone()


@pytest.fixture(scope="session")
async def worker_database(database_url: str, keyring: Keyring) -> AsyncGenerator[Database]:
    """The pool beneath `database`; ask for that one."""
    database = Database(database_url, keyring, pool_size=2)
    yield database
    await database.close()


@pytest.fixture
async def database(worker_database: Database) -> AsyncGenerator[Database]:
    """A database that forgets everything after the test."""
    async with databases.rolled_back(worker_database) as rolled_back:
        yield rolled_back


@pytest.fixture
def fresh_database_url(run: databases.Run) -> Iterator[str]:
    """The owner's URL of a database of this test's own, with real commits; dropped afterwards."""
    url = run.clone()
    yield url
    run.drop(url)


@pytest.fixture
async def fresh_database(fresh_database_url: str, keyring: Keyring) -> AsyncGenerator[Database]:
    """A database of this test's own, with real commits: for races, feeds and journeys."""
    database = Database(fresh_database_url, keyring)
    yield database
    await database.close()
