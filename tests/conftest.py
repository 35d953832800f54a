"""Fixtures every room's tests may ask for: keys and databases."""

import re
from collections.abc import AsyncGenerator, Generator, Iterator

import pytest

from app.crypto import Keyring
from app.db.session import Database
from tests import database as databases

_RUN = pytest.StashKey[databases.Run]()
# F80: the people, cards and phones of the tests, and no API key either, in whatever is printed or
# logged while any test runs.
CANARIES = re.compile(
    r"(?<!\d)9901(?:\d{2})(?:19|20)\d{9}[\dX](?!\d)|张试|6200000000001234|6222000011112222"
    r"|138000(?:01234|00000)|rk_(?:test|live)_[A-Za-z0-9]{43}"
)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test that lets a canary out into what is printed.

    Records that the runner takes off the logging library are as they were before our formatter,
    which masks them: what counts is what comes out.
    """
    report = yield
    if report.passed:
        printed = [text for title, text in report.sections if "std" in title]
        found = {match[0] for text in printed for match in CANARIES.finditer(text)}
        if found:
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid} ({call.when}) wrote personal values: {len(found)}"
    return report


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
