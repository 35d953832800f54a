"""`relief schemes`: the catalogue told, a foreign folder checked, a folder loaded."""

import base64
from itertools import chain
from pathlib import Path

import pytest

from app.catalogue import load_versions
from app.catalogue.loading import SCHEMES
from app.cli import main
from app.domain.origins import unconfirmed
from app.domain.terms_zh import terms_lines

LINE = """\
code: our_line
name_zh: 本县收入线
rows:
  - {place: "990127", from_on: 2026-01-01, value: {yuan: 700, clause: 本县文件}}
  - {place: "990127", from_on: 2026-07-01, value: {yuan: 720, unconfirmed: 待正式发文}}
"""
CHUNAN = (SCHEMES / "chunan-supplementary-medical.yaml").read_text(encoding="utf-8")


def test_the_list_names_every_scheme_with_place_source_and_marks(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["schemes", "list"]) == 0
    *rows, total = capsys.readouterr().out.splitlines()
    known = load_versions()
    assert len(known) >= 30
    assert f"共 {len(known)} 个项目（{len(rows)} 个版本）" in total
    told = [terms for versions in known.values() for terms in reversed(versions)]
    for row, terms in zip(rows, told, strict=True):
        newest = terms is known[terms.scheme_code][-1]
        assert row.startswith(terms.scheme_code) if newest else "早先版本" in row
        assert terms.place_zh in row or not newest
        assert terms.version in row
        assert terms.source.title_zh in row
        doubts = len(unconfirmed(terms))
        assert (f"未证实 {doubts} 处" if doubts else "全部有出处") in row


def test_a_scheme_is_told_in_chinese_with_its_clauses(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schemes", "show", "chunan-supplementary-medical"]) == 0
    said = capsys.readouterr().out
    assert "1. 住院补充医疗（费用补偿；疾病就医、意外伤害）" in said
    assert "住院自负 比例：20%（答复函：住院（乙类自理+丙类自费+自负）赔付 20%）" in said


def test_an_earlier_version_is_told_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schemes", "show", "putian-dibao-accident", "--version", "2014"]) == 0
    said = capsys.readouterr().out
    assert "版本：2014（2014-06-14 至 2015-06-13）；2015（2015-06-14 起）" in said
    assert "8,000.00 元" in said
    assert "11,000.00 元" not in said
    assert main(["schemes", "show", "putian-dibao-accident", "--version", "2013"]) == 1
    assert "没有版本 2013" in capsys.readouterr().err


def test_every_doubt_of_every_scheme_is_told() -> None:
    for terms in chain.from_iterable(load_versions().values()):
        said = "\n".join(terms_lines(terms))
        for doubt in unconfirmed(terms):
            assert f"演示参数，未经证实：{doubt.why}" in said, terms.scheme_code


def test_an_unknown_scheme_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schemes", "show", "moon-base"]) == 1
    assert "moon-base" in capsys.readouterr().err


def test_a_sound_folder_passes_the_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ours.yaml").write_text(CHUNAN, encoding="utf-8")
    assert main(["schemes", "check", str(tmp_path)]) == 0
    assert "1 个项目" in capsys.readouterr().out


def test_a_wrong_folder_is_told_with_file_and_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = CHUNAN.replace("preselfpay_amt", "wine_and_song", 1)
    line = 1 + next(i for i, text in enumerate(wrong.splitlines()) if "wine_and_song" in text)
    (tmp_path / "ours.yaml").write_text(wrong, encoding="utf-8")
    assert main(["schemes", "check", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert f"ours.yaml:{line}: /covers/0/measure/parts/0/field" in said


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("{yuan: 150,", "{yuan: 150, clause: 每人 1,000 元,", "请用引号"),
        ("percent: 20", "percent: 20%", "不带 %"),
        ("premium: {yuan: 150, ", "premium: 150 # ", "数字须带单位和出处"),
        ("other_payers: base_before", "note: x", "base_before, base_after"),
        ("preselfpay_amt", "zifu", "psn_part_amt"),
        ("place_zh: ", "place_zh：", "半角冒号"),
        ("    measure:\n", "\tmeasure:\n", "制表符"),
    ],
)
def test_a_slip_of_the_pen_is_told_with_what_to_write(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], was: str, now: str, said: str
) -> None:
    wrong = CHUNAN.replace(was, now, 1)
    (tmp_path / "ours.yaml").write_text(wrong, encoding="utf-8")
    assert wrong != CHUNAN
    assert main(["schemes", "check", str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert "ours.yaml:" in told
    assert said in told


def test_a_file_in_another_encoding_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ours.yaml").write_bytes(CHUNAN.encode("gb18030"))
    assert main(["schemes", "check", str(tmp_path)]) == 1
    assert "另存为 UTF-8" in capsys.readouterr().err


def test_a_folder_without_terms_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schemes", "check", str(tmp_path)]) == 1
    assert "*.yaml" in capsys.readouterr().err


def test_a_folder_is_loaded_once_and_again_without_harm(
    tmp_path: Path,
    fresh_database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("RELIEF_DATABASE_URL", fresh_database_url)
    monkeypatch.setenv("RELIEF_MASTER_KEY", base64.b64encode(bytes(32)).decode())
    (tmp_path / "ours.yaml").write_text(CHUNAN, encoding="utf-8")
    (tmp_path / "standards").mkdir()
    (tmp_path / "standards" / "line.yaml").write_text(LINE, encoding="utf-8")
    assert main(["schemes", "load", str(tmp_path)]) == 0
    standard, first = capsys.readouterr().out.splitlines()
    assert standard == "our_line 本县收入线：新增或更正 2 行"
    assert first.startswith("chunan-supplementary-medical 2021 ")
    assert main(["schemes", "load", str(tmp_path)]) == 0
    assert capsys.readouterr().out.splitlines() == [standard.replace("2 行", "0 行"), first]


def test_a_standard_that_no_table_has_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (SCHEMES / "jilin-temporary-relief.yaml").read_text(encoding="utf-8")
    ours = text.replace("standard: dibao_month_urban", "standard: our_line")
    (tmp_path / "ours.yaml").write_text(ours, encoding="utf-8")
    assert main(["schemes", "check", str(tmp_path)]) == 0
    assert "当地标准 our_line 不在 standards/ 中" in capsys.readouterr().out
    (tmp_path / "standards").mkdir()
    (tmp_path / "standards" / "line.yaml").write_text(LINE, encoding="utf-8")
    assert main(["schemes", "check", str(tmp_path)]) == 0
    assert "our_line" not in capsys.readouterr().out
    (tmp_path / "standards" / "line.yaml").write_text(LINE.replace("clause", "note", 1))
    assert main(["schemes", "check", str(tmp_path)]) == 1
    assert "line.yaml:4: /rows/0/value" in capsys.readouterr().err


def test_other_terms_under_a_stored_version_are_refused(
    tmp_path: Path,
    fresh_database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("RELIEF_DATABASE_URL", fresh_database_url)
    monkeypatch.setenv("RELIEF_MASTER_KEY", base64.b64encode(bytes(32)).decode())
    (tmp_path / "ours.yaml").write_text(CHUNAN, encoding="utf-8")
    assert main(["schemes", "load", str(tmp_path)]) == 0
    (tmp_path / "ours.yaml").write_text(CHUNAN.replace("percent: 20", "percent: 25"))
    assert main(["schemes", "load", str(tmp_path)]) == 1
    assert "此版本已有不同内容的条款" in capsys.readouterr().err
