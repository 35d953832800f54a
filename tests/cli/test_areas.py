"""relief areas: the country's divisions, a county's villages, a merger."""

import asyncio
import base64
from pathlib import Path

import pytest

from app.catalogue.divisions import load_divisions
from app.cli import main
from app.crypto import Keyring
from app.db.areas import Area
from app.db.session import Database
from app.domain.caller import level_of, parent_of
from app.services.areas import list_areas
from tests.contracts import SYSTEM

KEY = bytes(range(32))
CHUNAN = 330127000000


@pytest.fixture
def url(fresh_database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("RELIEF_DATABASE_URL", fresh_database_url)
    monkeypatch.setenv("RELIEF_MASTER_KEY", base64.b64encode(KEY).decode())
    return fresh_database_url


def areas(url: str, within: int) -> list[Area]:
    async def ask() -> list[Area]:
        database = Database(url, Keyring(KEY))
        try:
            async with database.transaction(SYSTEM) as tx:
                return list(await list_areas(tx, within, 100_000))
        finally:
            await database.close()

    return asyncio.run(ask())


def test_the_shipped_tree_is_whole() -> None:
    divisions = load_divisions()
    codes = {one.code for one in divisions}
    assert len(codes) == len(divisions) == 44_699
    levels = [level_of(one.code) for one in divisions]
    counted = [levels.count(one) for one in ("province", "prefecture", "county", "township")]
    assert counted == [31, 342, 2975, 41_351]
    parents = [parent_of(one.code) for one in divisions]
    assert all(parent is None or parent in codes for parent in parents)
    assert {one.name_zh for one in divisions if one.code == CHUNAN} == {"淳安县"}


def test_the_whole_country_is_loaded_once(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["areas", "load"]) == 0
    assert "新增或更名 44699 个" in capsys.readouterr().out
    assert main(["areas", "load", "--within", str(CHUNAN)]) == 0
    assert "24 个区划" in (told := capsys.readouterr().out)
    assert "新增或更名 0 个" in told
    county, *towns = areas(url, CHUNAN)
    assert (county.name_zh, county.parent_code, len(towns)) == ("淳安县", 330100000000, 23)


def test_a_countys_villages_come_from_a_file(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "villages.csv"
    file.write_text("\ufeffcode,name\n330127100001,甲村\n330127100002,乙村\n", encoding="utf-8")
    assert main(["areas", "load", "--villages", str(file)]) == 0
    assert [one.name_zh for one in areas(url, 330127100000)] == ["甲村", "乙村"]
    file.write_text("code,name\n33012710000,甲村\n330127100000,乙镇\n330127100003,\n")
    capsys.readouterr()
    assert main(["areas", "load", "--villages", str(file)]) == 1
    told = capsys.readouterr().err.splitlines()
    assert [line[:6] for line in told] == ["第 2 行：", "第 3 行：", "第 4 行："]
    file.write_bytes("code,name\n330127100001,甲村\n".encode("gb18030"))
    assert main(["areas", "load", "--villages", str(file)]) == 1
    assert main(["areas", "load", "--villages", str(tmp_path / "none.csv")]) == 1


def test_a_merger_is_told(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["areas", "load", "--within", str(CHUNAN)])
    old, successor = "330127101000", "330127100000"
    assert main(["areas", "merge", old, successor, "--last-day", "2026-06-30"]) == 0
    assert "文昌镇 自 2026-06-30 后并入 千岛湖镇" in capsys.readouterr().out
    assert main(["areas", "merge", old, successor, "--last-day", "2026-06-30"]) == 1
