"""A county adds a scheme of known shapes: one YAML file and its cases, and not a line of code."""

from pathlib import Path

import pytest

from app.catalogue import load_all, load_folder
from app.cli import main
from app.domain.origins import unconfirmed
from app.domain.sentences import sentence_zh
from tests.schemes.cases import load_cases

SCHEME = """\
scheme_code: qinghe-widows-help
version: "2026"
name_zh: 清河县困难家庭帮扶保险
place_zh: 清河县（虚构）
kind: insurance
effective_from: 2026-01-01
effective_to: null
source: {title_zh: 清河县政府采购合同（虚构）, published_on: 2025-12-20}
categories: {dibao: 低保对象, tekun: 特困供养人员}
premium: {yuan: 60, clause: 第三条}
covers:
  - code: inpatient
    name_zh: 住院补充
    nature: indemnity
    events: [illness]
    measure:
      type: bills
      label_zh: 住院自付
      kinds: [inpatient]
      categories: []
      parts: [{field: psn_part_amt, label_zh: 个人负担总额}]
      other_payers: base_after
      per: claim
      steps: [{type: deductible, amount: {yuan: 800, clause: 第五条}, accrues: each}]
      pay:
        type: ratio
        rate:
          type: table
          by: category
          field: ""
          rows: {dibao: {percent: 40, clause: 第五条}, tekun: {percent: 60, clause: 第五条}}
          otherwise: null
    limits:
      - code: year
        name_zh: 住院补充年度
        scope: person_year
        unit: fen
        amount: {yuan: 3000, unconfirmed: 合同附件未到}
    documents: [{code: settlement, label_zh: 医疗费用结算单, needed_for: submit}]
extra:
  - {code: village, label_zh: 所在行政村, type: text, required: true}
"""

CASES = """\
terms: qinghe
cases:
  - name: forty percent above 800
    source: 第五条
    event: illness
    category: dibao
    bills: [{kind: inpatient, total: "9000.00", psn_part_amt: "4800.00"}]
    expect: {amount: "1600.00"}
  - name: sixty percent, cut at 3,000
    source: 第五条
    event: illness
    category: tekun
    bills: [{kind: inpatient, total: "20000.00", psn_part_amt: "6800.00"}]
    expect: {amount: "3000.00", reasons: [coverage.limit_exhausted]}
  - name: exactly 800
    source: 第五条
    event: illness
    category: dibao
    bills: [{kind: inpatient, total: "1000.00", psn_part_amt: "800.00"}]
    expect: {amount: "0.00", outcome: below_deductible}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    terms = tmp_path / "terms"
    terms.mkdir()
    (terms / "qinghe.yaml").write_text(SCHEME, encoding="utf-8")
    (tmp_path / "qinghe_cases.yaml").write_text(CASES, encoding="utf-8")
    return tmp_path


def test_the_scheme_is_not_in_the_catalogue() -> None:
    assert "qinghe-widows-help" not in load_all()


def test_its_file_alone_is_a_scheme(folder: Path) -> None:
    ((terms,),) = load_folder(folder / "terms").values()

    assert terms.covers[0].name_zh == "住院补充"
    assert [doubt.why for doubt in unconfirmed(terms)] == ["合同附件未到"]


def test_its_cases_come_out_to_the_fen_and_say_why(folder: Path) -> None:
    cases = load_cases(folder)

    assert [case.told(case.assess()) for case in cases] == [case.expected for case in cases]
    assert [sentence_zh(line) for line in cases[0].assess().lines] == [
        "住院自付：个人负担总额 4,800.00 元 = 4,800.00 元",
        "住院自付 4,800.00 元 − 起付额 800.00 元 = 4,000.00 元",
        "住院自付 4,000.00 元 × 40% = 1,600.00 元",
    ]


def test_a_clerk_can_check_it_and_a_mistake_is_found_in_its_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "terms" / "qinghe.yaml"
    assert main(["schemes", "check", str(file.parent)]) == 0
    capsys.readouterr()

    file.write_text(SCHEME.replace("percent: 40, clause: 第五条", "percent: 40"), encoding="utf-8")

    assert main(["schemes", "check", str(file.parent)]) == 1
    line = 1 + next(i for i, text in enumerate(SCHEME.splitlines()) if "percent: 40" in text)
    assert f"qinghe.yaml:{line}: " in capsys.readouterr().err
