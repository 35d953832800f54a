"""relief whatif and relief compare-offers, over a real database."""

import csv
import io
import json
from pathlib import Path

import pytest

from app.catalogue.loading import SCHEMES
from app.cli import main
from app.db.session import Database
from tests.cases import CHUNAN, bill, county_with, file, notice, work
from tests.database import in_thread_call

POLICY = f"P-{CHUNAN}"
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


@pytest.fixture
async def _year(
    fresh_database: Database, fresh_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three people of one year; the first has two claims of 2,000 yuan, the others one."""
    monkeypatch.setenv("RELIEF_DATABASE_URL", fresh_database_url)
    monkeypatch.setenv("RELIEF_MASTER_KEY", KEY)
    await county_with(fresh_database, CHUNAN, people=3)
    for person, settlement in ((1, "A"), (2, "B"), (3, "C"), (1, "D")):
        await file(fresh_database, notice(person, bills=(bill(settlement),)))
        await work(fresh_database)


def offer(folder: Path, name: str, percent: int, premium: str, **replaced: str) -> str:
    """A file of terms that pays another share of stays, at another price."""
    text = (SCHEMES / f"{CHUNAN}.yaml").read_text()
    assert "percent: 20," in text
    assert "yuan: 150," in text
    text = text.replace("percent: 20,", f"percent: {percent},")
    text = text.replace("yuan: 150,", f"yuan: {premium},")
    for was, now in replaced.items():
        assert was in text
        text = text.replace(was, now)
    (folder / name).write_text(text)
    return str(folder / name)


def relief(*words: str) -> int:
    return in_thread_call(main, list(words))


@pytest.mark.usefixtures("_year")
def test_what_if_tells_the_year_under_other_terms(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = offer(tmp_path, "other.yaml", 10, "150")
    asked = ("whatif", "--policy", POLICY, "--workers", "1", "--terms", other)
    assert relief(*asked) == 0
    said = capsys.readouterr().out
    assert "赔案 4 件：8,000.00 元 → 4,000.00 元（-4,000.00 元）" in said
    assert "住院补充医疗：8,000.00 元 → 4,000.00 元" in said
    assert "2026-06：" in said
    assert "受益增加的家庭 0 户，减少的 3 户，共 3 户" in said
    assert relief(*asked, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["changed"]["claims_worse"] == 4
    assert told["present"]["by_township"] == [{"area_code": "990127103000", "amount": "8000.00"}]
    assert len(told["changed"]["largest_differences"]) == 4


@pytest.mark.usefixtures("_year")
def test_what_if_refuses_unknown_terms_and_policies(capsys: pytest.CaptureFixture[str]) -> None:
    assert relief("whatif", "--policy", POLICY, "--terms", "atlantis") == 1
    assert "atlantis" in capsys.readouterr().err
    assert relief("whatif", "--policy", "P-none", "--terms", CHUNAN) == 1
    assert "No such policy" in capsys.readouterr().err


@pytest.mark.usefixtures("_year")
def test_offers_are_compared_in_a_table_and_a_record(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [offer(tmp_path, "a.yaml", 25, "180"), offer(tmp_path, "=b.yaml", 10, "90")]
    out = tmp_path / "record"
    asked = ("compare-offers", "--policy", POLICY, "--out", str(out), "--workers", "1", *files)
    assert relief(*asked) == 0
    assert "赔付率" in capsys.readouterr().out
    raw = (tmp_path / "record.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert [row["赔付（元）"] for row in rows] == ["8000.00", "10000.00", "4000.00"]
    assert [row["家庭自付（元）"] for row in rows] == ["32000.00", "30000.00", "36000.00"]
    assert [row["受益增加户数"] for row in rows] == ["0", "3", "0"]
    assert [row["受益减少户数"] for row in rows] == ["0", "0", "3"]
    assert rows[2]["方案"].startswith("'=b.yaml")
    record = json.loads((tmp_path / "record.json").read_text())
    present, first, second = record["offers"]
    assert float(first["premium"]) == pytest.approx(float(present["premium"]) * 1.2, abs=0.05)
    assert float(second["premium"]) == pytest.approx(float(present["premium"]) * 0.6, abs=0.05)
    assert first["loss_ratio_bp"] == int(1_000_000 * 10_000 / (float(first["premium"]) * 100))
    assert len({one["terms_sha256"] for one in record["offers"]}) == 3


@pytest.mark.usefixtures("_year")
@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("premium:", "# premium:", "报价须写明每人保费"),
        ("  dibao: 低保对象\n", "", "没有类别 dibao"),
        ("nature: indemnity", "nature: gift", "a.yaml:"),
    ],
)
def test_a_bad_offer_is_refused_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], was: str, now: str, said: str
) -> None:
    bad = offer(tmp_path, "a.yaml", 25, "180", **{was: now})
    out = tmp_path / "record"
    assert relief("compare-offers", "--policy", POLICY, "--out", str(out), bad) == 1
    assert said in capsys.readouterr().err
    assert not list(tmp_path.glob("record*"))
