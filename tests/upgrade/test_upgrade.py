"""F20: a migration that is killed half-way and run again ends right; F19 is `make upgrade-test`.

There the previous version's processes serve on, under load, while our migrations run beneath them.
"""

import asyncio
import os
import random
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli.migrate import drift
from tests import database as databases
from tests.upgrade.fleet import Fleet, asked, kill_half_way, migrate_under_load
from tests.upgrade.previous import FOLDER

KILLS = 3


@pytest.fixture
def empty_database_url(run: databases.Run) -> Iterator[str]:
    url = run.empty()
    yield url
    run.drop(url)


async def test_f20_a_migration_killed_at_any_moment_is_run_again_and_ends_right(
    empty_database_url: str, tmp_path: Path
) -> None:
    seed = int(os.environ.get("RELIEF_CHAOS_SEED", "20"))
    fleet = Fleet(tmp_path, {}, 0.0, seed, url="http://127.0.0.1:1")
    fleet.database_url = empty_database_url
    chance = random.Random(seed)
    for _ in range(KILLS - 1):
        await kill_half_way(fleet, chance.uniform(0, 0.3))
    assert await migrate_under_load(fleet, 1, chance) == []
    assert await asyncio.to_thread(drift, empty_database_url) == ""
    kept = await asked(empty_database_url, "SELECT count(*) FROM alembic_version")
    assert kept == 1


def test_the_version_that_is_kept_is_code_and_migrations_without_the_bulk() -> None:
    [archive] = FOLDER.glob("previous-*.tar.xz")
    with tarfile.open(archive) as kept:
        names = kept.getnames()
    assert "app/cli/migrate.py" in names
    assert any(name.startswith("migrations/versions/") for name in names)
    assert archive.stat().st_size < 600_000
