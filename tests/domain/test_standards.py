from datetime import date
from pathlib import Path

import pytest

from app.catalogue import load_standards
from app.domain.assess import assess
from app.domain.clauses.sums import FixedSum
from app.domain.errors import TermsInvalid
from app.domain.figures import (
    OfStandard,
    Selector,
    Sourced,
    StandardMissing,
    Table,
    Unit,
    whole_years,
)
from app.domain.standards import (
    Standard,
    StandardRow,
    joined,
    local_standards,
    read_standard,
    standard_on,
    standards_needed,
)
from tests.domain.facts_made import bp, fen, make_cover, make_facts, make_limit, make_terms

ON = date(2026, 6, 15)
DIBAO = Standard(
    "dibao",
    "低保标准",
    (
        StandardRow("", date(2020, 1, 1), fen(50_000)),
        StandardRow("22", date(2024, 1, 1), fen(60_000)),
        StandardRow("2202", date(2024, 1, 1), fen(64_300)),
        StandardRow("2202", date(2026, 7, 1), fen(70_000)),
    ),
)
SIX_TIMES = OfStandard("dibao", Sourced(6, Unit.COUNT, "六个月"))


@pytest.mark.parametrize(
    ("area", "on", "value"),
    [
        ("220202000000", ON, 64_300),
        ("220202000000", date(2026, 7, 1), 70_000),
        ("220100000000", ON, 60_000),
        ("330127000000", ON, 50_000),
        ("220202000000", date(2023, 12, 31), 50_000),
    ],
)
def test_the_nearest_place_wins_then_the_latest_day(area: str, on: date, value: int) -> None:
    found = standard_on(DIBAO, area, on)

    assert found is not None
    assert found.value_fen == value


def test_before_every_row_there_is_no_standard() -> None:
    assert standard_on(DIBAO, "22", date(2019, 12, 31)) is None
    assert local_standards({"dibao": DIBAO}, {"dibao", "line"}, "22", date(2019, 1, 1)) == ()


def test_terms_tell_which_standards_they_refer_to_however_deep() -> None:
    nested = Table(Selector.CATEGORY, "", {"dibao": SIX_TIMES}, None)
    once = OfStandard("line", bp(15_000))
    terms = make_terms(make_cover(measure=FixedSum("定额", nested), limits=(make_limit(once),)))

    assert standards_needed(terms) == {"dibao", "line"}


def test_a_standard_nobody_has_stops_the_assessment_by_name() -> None:
    terms = make_terms(make_cover(measure=FixedSum("定额", SIX_TIMES)))

    with pytest.raises(StandardMissing) as refused:
        assess(terms, make_facts(), {})

    assert refused.value.faults[0].pointer == "/standards"
    assert "dibao" in refused.value.faults[0].message_zh


def test_the_catalogue_s_standards_are_read() -> None:
    found = standard_on(load_standards()["dibao_month_urban"], "220202000000", ON)

    assert found is not None
    assert found.value_fen == 64_300


def test_a_table_of_standards_names_file_and_line_of_its_faults(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(
        "code: x\nname_zh: 标准\nrows:\n"
        "  - {place: ab, from_on: 2024-01-01, value: {days: 3, clause: 甲}}\n"
        "  - {place: ab, from_on: 2024-01-01, value: {yuan: 3}}\n",
        encoding="utf-8",
    )

    with pytest.raises(TermsInvalid) as refused:
        load_standards(tmp_path)

    told = [fault.message_zh.partition(" ")[0] for fault in refused.value.faults]
    assert told == ["bad.yaml:4:", "bad.yaml:4:", "bad.yaml:5:", "bad.yaml:5:", "bad.yaml:5:"]


def test_a_standard_stands_in_one_file(tmp_path: Path) -> None:
    row = "{place: '', from_on: 2024-01-01, value: {yuan: 3, clause: 甲}}"
    text = f"code: x\nname_zh: 标准\nrows: [{row}]\n"
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(text, encoding="utf-8")

    with pytest.raises(TermsInvalid) as refused:
        load_standards(tmp_path)

    assert refused.value.faults[0].message_zh.startswith("b.yaml:1: /code ")


def test_of_two_tables_the_first_one_s_row_counts() -> None:
    ours = Standard("dibao", "低保", (StandardRow("2202", date(2024, 1, 1), fen(1)),))
    other = Standard("line", "线", DIBAO.rows)

    both = joined({"dibao": ours}, {"dibao": DIBAO, "line": other})

    assert local_standards(both, {"dibao"}, "220202000000", ON)[0].value_fen == 1
    assert local_standards(both, {"dibao"}, "220102000000", ON)[0].value_fen == 60_000
    assert both["line"] is other


def test_a_standard_without_rows_is_refused() -> None:
    with pytest.raises(TermsInvalid):
        read_standard({"code": "x", "name_zh": "标准", "rows": []})
    with pytest.raises(TermsInvalid):
        read_standard({"code": "x"})


@pytest.mark.parametrize(
    ("born", "on", "years"),
    [
        (date(1946, 6, 15), date(2026, 6, 15), 80),
        (date(1946, 6, 16), date(2026, 6, 15), 79),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
    ],
)
def test_a_year_is_full_on_its_anniversary(born: date, on: date, years: int) -> None:
    assert whole_years(born, on) == years
