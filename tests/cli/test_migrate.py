"""`relief migrate`: from empty to head, one migrator at a time."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from app.db.revision import HEAD
from tests.database import Run, in_thread

ROOT = Path(__file__).parents[2]


@pytest.fixture
def empty_database_url(run: Run) -> Iterator[str]:
    url = run.empty()
    yield url
    run.drop(url)


def migrate(url: str, *flags: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "app.cli", "migrate", *flags],
        env={**os.environ, "RELIEF_DATABASE_URL": url},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


async def revision(url: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval("SELECT version_num FROM alembic_version")
    finally:
        await connection.close()


def test_two_migrators_at_once_take_turns(empty_database_url: str) -> None:
    migrators = [migrate(empty_database_url), migrate(empty_database_url)]
    ends = [migrator.communicate(timeout=60) for migrator in migrators]
    assert [migrator.returncode for migrator in migrators] == [0, 0], ends
    assert all(HEAD in said for said, _ in ends)
    assert in_thread(revision(empty_database_url)) == HEAD


def test_a_check_of_an_empty_database_fails_and_says_why(empty_database_url: str) -> None:
    migrator = migrate(empty_database_url, "--check")
    _, said = migrator.communicate(timeout=60)
    assert migrator.returncode == 1
    assert "not up to date" in said


def test_a_check_of_a_migrated_database_passes(database_url: str) -> None:
    migrator = migrate(database_url, "--check")
    said = migrator.communicate(timeout=60)
    assert migrator.returncode == 0, said
