"""relief estimate: the README's example, and files that are wrong."""

import json
import re
from pathlib import Path

import pytest
import yaml

from app.catalogue.loading import SCHEMES
from app.cli import main

README = Path(__file__).parents[2] / "README.md"


def example() -> str:
    """The file that the README shows."""
    found = re.search(r"```yaml\n(# relief estimate .*?)```", README.read_text(), re.DOTALL)
    assert found is not None
    return found[1]


def estimate(folder: Path, text: str, *flags: str) -> int:
    file = folder / "family.yaml"
    file.write_text(text)
    return main(["estimate", str(file), *flags])


def told(folder: Path, text: str, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    assert estimate(folder, text, "--json") == 0
    answer: dict[str, object] = json.loads(capsys.readouterr().out)
    return answer


def test_the_example_is_told_in_sentences_with_clauses_limits_and_papers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert estimate(tmp_path, example()) == 0
    said = capsys.readouterr().out
    assert "住院自负 8,000.00 元 × 20% = 1,600.00 元〔答复函：" in said
    assert "县级、市级医院全年：120 天，此前已用 115 天，本次用 5 天，剩余 0 天" in said
    assert "缺材料：费用明细清单、身份证明" in said
    assert "最近的变化：限额至 2027-01-01 起重新计算" in said
    assert "由家庭承担 5,900.00 元" in said


def test_json_says_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = told(tmp_path, example(), capsys)
    assert (answer["total"], answer["self_borne_left"]) == ("2100.00", "5900.00")
    medical, nursing = answer["policies"]  # type: ignore[misc]
    assert medical["covers"][0]["amount"] == medical["amount"] == "1600.00"
    assert medical["limits"][0]["bound"] == "7500.00"
    assert medical["nearest_change"] is None
    assert nursing["nearest_change"]["difference"] == "400.00"
    assert {use["unit"] for use in nursing["limits"]} == {"days"}


def test_json_goes_in_as_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain = yaml.load(example(), yaml.BaseLoader)
    plain["policies"][1]["used"] = {"nursing.year_above": 115}
    assert told(tmp_path, json.dumps(plain), capsys) == told(tmp_path, example(), capsys)


def test_a_policy_that_is_silent_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    late = example().replace("covered_from: 2026-01-01\n", "covered_from: 2026-07-01\n")
    late = late.replace("    used: {nursing.year_above: 115}\n", "")
    assert estimate(tmp_path, late) == 0
    assert "早于保障开始 21 天" in capsys.readouterr().out
    other = (
        example()
        .replace("kind: illness", "kind: schooling")
        .replace("cause: disease", "cause: admission")
    )
    other = other.replace("    used: {nursing.year_above: 115}\n", "")
    answer = told(tmp_path, other, capsys)
    assert answer["total"] == "0.00"
    assert answer["policies"][0]["remark_zh"] == "保障有效，但其保障责任不含此类事故。"  # type: ignore[index]


def test_terms_may_stand_in_a_file_beside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.yaml").write_text((SCHEMES / "chunan-supplementary-medical.yaml").read_text())
    own = example().replace("scheme: chunan-supplementary-medical", "terms: mine.yaml")
    assert told(tmp_path, own, capsys) == told(tmp_path, example(), capsys)


@pytest.mark.parametrize(
    ("was", "now", "place", "said"),
    [
        ("kind: illness", "kind: flu", ":3: /event/kind", "应为以下之一"),
        ("total: 50000.00", "total: 50000.001", ":6: /bills/0/total", ""),
        ("psn_part_amt: 8000.00", "psn_part_amt: 9000.00", ":5: /bills/0", "对不上"),
        ("birth_on: 1958-03-02", "birth_on: 2027-03-02", ":3: /event/on", "早于被保险人出生"),
        ("birth_on: 1958-03-02", "died_on: 2026-03-02", ":3: /event/on", "晚于被保险人死亡"),
        ("category: tekun", "category: rich", ":22: /policies/1/category", "tekun（特困供养人员）"),
        ("category: dibao", "category: rich", ":2: /person/category", "没有这类被保人"),
        ("nursing.year_above: 115", "year: 115", ":25: /policies/1/used/year", "可写：nursing"),
        ("year_above: 115", "year_above: 1.5", "/policies/1/used/nursing.year_above", "整天数"),
        ("scheme: huainan-nursing", "scheme: atlantis", ":21: /policies/1/scheme", "没有这个项目"),
        ("papers:", "wishes:", ":18: /wishes", "没有这个字段"),
        ("stays:", "stays: [", ":", "YAML"),
        (
            "stays:\n",
            "stays:\n  - {admitted_on: 2026-06-02, discharged_on: 2026-06-04}\n",
            ":18: /stays/1",
            "重叠",
        ),
    ],
)
def test_a_wrong_file_is_refused_by_line_and_path_and_nothing_is_assessed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], was: str, now: str, place: str, said: str
) -> None:
    assert was in example()
    assert estimate(tmp_path, example().replace(was, now)) == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert f"family.yaml{place}" in output.err or place in output.err
    assert said in output.err


PUTIAN = """\
person: {category: dibao}
event: {kind: death, cause: traffic, on: 2015-06-13}
policies:
  - {scheme: putian-dibao-accident, covered_from: 2014-06-14}
"""


@pytest.mark.parametrize(
    ("was", "now", "version", "total"),
    [
        ("on: 2015-06-13", "on: 2015-06-13", "2014", "8000.00"),
        ("on: 2015-06-13", "on: 2015-06-14", "2015", "11000.00"),
        ("scheme:", "version: '2015', scheme:", "2015", "11000.00"),
    ],
)
def test_the_day_of_the_event_chooses_the_version_unless_one_is_named(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    was: str,
    now: str,
    version: str,
    total: str,
) -> None:
    answer = told(tmp_path, PUTIAN.replace(was, now), capsys)
    assert answer["total"] == total
    assert answer["policies"][0]["scheme_version"] == version  # type: ignore[index]


@pytest.mark.parametrize(
    ("was", "now", "place"),
    [
        ("on: 2015-06-13", "on: 2014-06-13", ":4: /policies/0/scheme "),
        ("scheme:", "version: '2013', scheme:", ":4: /policies/0/version "),
        ("scheme: putian-dibao-accident", "terms: none.yaml", ":4: /policies/0/terms "),
    ],
)
def test_a_version_that_is_not_there_is_told_with_those_that_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], was: str, now: str, place: str
) -> None:
    assert estimate(tmp_path, PUTIAN.replace(was, now)) == 1
    said = capsys.readouterr().err
    assert f"family.yaml{place}" in said
    assert "terms" in place or "2014（2014-06-14 至 2015-06-13）；2015（2015-06-14 起）" in said


def test_a_file_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["estimate", str(tmp_path / "none.yaml")]) == 1
    assert "none.yaml" in capsys.readouterr().err


RELIEF = """\
person: {category: dibao}
event: {kind: hardship, cause: other, on: 2026-06-10, area: "220202"}
extra: {relief_kind: spending}
bills: [{kind: inpatient, total: 9000.00, amounts: {psn_part_amt: 9000.00}}]
policies: [{scheme: jilin-temporary-relief, covered_from: 2026-01-01}]
"""


def test_a_local_standard_comes_from_the_tables_or_from_standards_beside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(tmp_path, RELIEF, capsys)["total"] == "3858.00"
    elsewhere = RELIEF.replace("220202", "990127")
    assert estimate(tmp_path, elsewhere) == 1
    said = capsys.readouterr().err
    assert "缺少 990127 2026-06-10 适用的当地标准（dibao_month_urban）" in said
    assert "standards/" in said
    (tmp_path / "standards").mkdir()
    (tmp_path / "standards" / "ours.yaml").write_text(
        "code: dibao_month_urban\nname_zh: 城市低保月标准\n"
        "rows: [{place: '990127', from_on: 2026-01-01, value: {yuan: 700, clause: 本县文件}}]\n"
    )
    assert told(tmp_path, elsewhere, capsys)["total"] == "4200.00"
