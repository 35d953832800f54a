"""`relief demo`: its own words when it cannot play. The story itself: tests/journeys."""

import os
import subprocess
import sys
from pathlib import Path

from sqlalchemy import text

from app.db.areas import Area
from app.db.session import Database
from app.services.areas import load_areas
from tests.contracts import SYSTEM

ROOT = Path(__file__).parents[2]


def demo(data_dir: Path, url: str) -> "subprocess.CompletedProcess[str]":
    given = {name: value for name, value in os.environ.items() if not name.startswith("RELIEF_")}
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "demo", "--once"],
        env={**given, "RELIEF_DATA_DIR": str(data_dir), "RELIEF_DATABASE_URL": url},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


async def test_a_database_that_serves_real_areas_is_left_alone(
    fresh_database: Database, fresh_database_url: str, tmp_path: Path
) -> None:
    async with fresh_database.transaction(SYSTEM) as tx:
        await load_areas(tx, [Area(330000000000, "浙江省", "province", None)])
    ended = demo(tmp_path, fresh_database_url)
    assert ended.returncode == 1
    assert "演示不会写入其中" in ended.stderr
    assert "Traceback" not in ended.stderr
    async with fresh_database.transaction(SYSTEM) as tx:
        assert (await tx.sql.execute(text("SELECT count(*) FROM area"))).scalar_one() == 1


def test_a_database_that_is_not_there_is_told_in_words(tmp_path: Path) -> None:
    ended = demo(tmp_path, "postgresql://nobody:secret-of-mine@127.0.0.1:9/none")
    assert ended.returncode == 1
    assert "演示未完成" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "secret-of-mine" not in ended.stderr + ended.stdout
