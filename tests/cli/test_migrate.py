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


async def test_a_migration_behind_a_long_lock_gives_up_and_says_so(
    empty_database_url: str,
) -> None:
    holder = await asyncpg.connect(empty_database_url)
    await holder.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)")
    await holder.execute("BEGIN")
    await holder.execute("LOCK TABLE alembic_version")
    migrator = migrate(empty_database_url)
    _, said = migrator.communicate(timeout=30)
    await holder.close()
    assert migrator.returncode == 1
    assert "数据库正忙" in said
    assert "Traceback" not in said


def test_a_database_that_is_not_there_is_told_without_its_password() -> None:
    migrator = migrate("postgresql://somebody:loud-secret@127.0.0.1:9/nothing")
    _, said = migrator.communicate(timeout=30)
    assert migrator.returncode == 1
    assert "127.0.0.1" in said
    assert "loud-secret" not in said
    assert "Traceback" not in said


def test_a_check_of_an_empty_database_fails_and_says_why(empty_database_url: str) -> None:
    migrator = migrate(empty_database_url, "--check")
    _, said = migrator.communicate(timeout=60)
    assert migrator.returncode == 1
    assert "not up to date" in said


def test_a_check_of_a_migrated_database_passes(database_url: str) -> None:
    migrator = migrate(database_url, "--check")
    said = migrator.communicate(timeout=60)
    assert migrator.returncode == 0, said
