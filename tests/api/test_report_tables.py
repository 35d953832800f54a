"""Reports through the door: JSON, CSV and workbooks, by parameter or Accept; what is refused."""

import csv
import io
import zipfile
from datetime import date
from xml.etree import ElementTree as ET

import pytest

from app.api import report_tables
from app.api.report_files import CSV, XLSX, csv_answer, workbook
from app.db.session import Database
from app.domain.caller import Role
from app.domain.report_tables import Column, Kind, ReportTable, plain_text
from app.services.reports import claim_list
from tests.api.conftest import Caller_, Client
from tests.api.story import good
from tests.api.test_door import refused
from tests.contracts import COUNTY_AREA
from tests.services.test_reports import some_claims

NASTY = ("=1+1", "+1", "-1", "@sum", "\tx", "\rx", " =cmd", "正常", "12345678901234567890")
REPORTS = (
    "claims",
    "amounts",
    "ageing",
    "loss-ratio",
    "self-borne",
    "delegated",
    "coverage-gap",
    "limits",
    "claim-list",
)
_CELLS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def table_of(*texts: str) -> ReportTable:
    columns = (
        Column("text", "文本"),
        Column("sum", "金额", Kind.YUAN),
        Column("share", "比例", Kind.PERCENT),
        Column("count", "人数", Kind.COUNT, "人"),
        Column("day", "日期", Kind.DAY),
        Column("flag", "标记", Kind.FLAG),
    )
    rows = [(one, 123_456_789_012_34, 1_250, 7, date(2026, 6, 1), True) for one in texts]
    return ReportTable("x", "标题", "2026", (), date(2026, 6, 30), ("怎么算的",), columns, rows)


async def text_of(table: ReportTable) -> str:
    answer = csv_answer(table)
    parts = [part async for part in answer.body_iterator]  # type: ignore[attr-defined]
    return b"".join(parts).decode("utf-8-sig")


def cells_of(content: bytes, sheet: int = 1) -> list[tuple[str, str, str]]:
    """Reference, type and value of every cell of a sheet."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        shared = (
            ET.fromstring(book.read("xl/sharedStrings.xml"))
            if "xl/sharedStrings.xml" in (book.namelist())
            else None
        )
        root = ET.fromstring(book.read(f"xl/worksheets/sheet{sheet}.xml"))
    strings = [] if shared is None else ["".join(one.itertext()) for one in shared]
    found = []
    for cell in root.iter(f"{_CELLS}c"):
        assert cell.find(f"{_CELLS}f") is None, "a formula"
        kind, value = cell.get("t", "n"), "".join(cell.itertext())
        text = strings[int(value)] if kind == "s" else value
        found.append((str(cell.get("r")), kind, text))
    return found


async def test_f66_no_text_of_a_file_is_reckoned_by_a_spreadsheet() -> None:
    table = table_of(*NASTY)
    read = list(csv.reader(io.StringIO(await text_of(table), newline="")))
    assert read[0] == ["文本", "金额（元）", "比例（%）", "人数（人）", "日期", "标记", "业务日期"]
    told = [row[0] for row in read[1:]]
    assert told[:7] == [f"'{one}" for one in NASTY[:7]]
    assert told[7:] == list(NASTY[7:])
    assert read[1][1:] == ["123456789012.34", "12.50", "7", "2026-06-01", "是", "2026-06-30"]
    kinds = {reference: (kind, text) for reference, kind, text in cells_of(workbook(table))}
    for place, one in enumerate(NASTY, start=5):
        kind, text = kinds[f"A{place}"]
        assert kind in ("s", "inlineStr")
        assert text.strip("\r\n\t") == plain_text(one, Kind.TEXT).strip("\r\n\t") or "x" in text


async def test_a_workbook_has_typed_cells_a_frozen_header_and_its_day() -> None:
    content = workbook(table_of("甲", "乙"))
    cells = {reference: (kind, text) for reference, kind, text in cells_of(content)}
    assert cells["A2"][1] == "业务日期：2026-06-30　期间：2026　共 2 条"
    assert [cells[f"{at}4"][1] for at in "ABCD"] == [
        "文本",
        "金额（元）",
        "比例（%）",
        "人数（人）",
    ]
    assert cells["B5"] == ("n", "123456789012.34")
    assert (cells["C5"], cells["D5"]) == (("n", "12.5"), ("n", "7"))
    assert cells["E5"][0] == "n"
    assert cells_of(content, 2)[0][2] == "怎么算的"
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert 'topLeftCell="A5"' in sheet
    assert 'state="frozen"' in sheet
    assert '<autoFilter ref="A4:F6"' in sheet


@pytest.mark.parametrize("report", REPORTS)
async def test_every_report_comes_in_three_forms_with_the_same_figures(
    report: str, database: Database, county: Client
) -> None:
    await some_claims(database)
    path = f"/v1/reports/{report}"
    answer = await county.get(path)
    shown = good(answer)
    assert shown["total"] == len(shown["rows"])
    assert shown["how_zh"]
    assert shown["data_on"]
    codes = [column["code"] for column in shown["columns"]]
    assert all(list(row) == codes for row in shown["rows"])
    again = await county.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    file = await county.get(path, headers={"Accept": CSV})
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    assert file.content.startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"), newline="")))
    assert len(read) == shown["total"] + 1
    assert all(row[-1] == shown["data_on"] for row in read[1:])
    for row, told in zip(read[1:], shown["rows"], strict=True):
        for cell, value in zip(row, told.values(), strict=False):
            assert isinstance(value, bool) or cell == ("" if value is None else str(value))
    book = await county.get(path, params={"format": "xlsx"})
    assert book.headers["content-type"] == XLSX
    assert f"{report}-{shown['data_on']}.xlsx" in book.headers["content-disposition"]
    assert any(f"共 {shown['total']} 条" in text for _, _, text in cells_of(book.content))


async def test_a_list_of_claims_is_streamed_page_by_page(
    database: Database, county: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = await some_claims(database)
    monkeypatch.setattr(claim_list, "PAGE", 2)
    path = "/v1/reports/claim-list"
    file = await county.get(path, params={"format": "csv"})
    read = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"), newline="")))
    assert sorted(row[0] for row in read[1:]) == sorted(numbers)
    assert {row[1] for row in read[1:]} == {number[:-2] for number in numbers}
    assert "张试" not in file.text
    closed = good(await county.get(path, params={"status": "closed"}))
    assert closed["total"] == 2
    assert good(await county.get(path, params={"period": "2025"}))["rows"] == []
    monkeypatch.setattr(report_tables, "MOST_IN_JSON", 3)
    refused(await county.get(path), 422, "validation.failed")


async def test_an_insurer_and_a_dashboard_see_their_own_and_a_township_nothing(
    database: Database, county: Client, township: Client, client_of: Caller_
) -> None:
    await some_claims(database)
    path = "/v1/reports/amounts"
    mine = good(await county.get(path))["rows"]
    for client in (
        await client_of(Role.DASHBOARD, COUNTY_AREA),
        await client_of(Role.INSURER, 0, "demo-insurer"),
        await client_of(Role.PROVINCE, 990000000000),
    ):
        assert good(await client.get(path))["rows"] == mine
    rival = await client_of(Role.COUNTY, 990128000000)
    assert good(await rival.get(path))["rows"] == []
    refused(await township.get(path), 403, "auth.forbidden")
    insurer = await client_of(Role.INSURER, 0, "demo-insurer")
    for report in ("self-borne", "delegated", "limits", "coverage-gap"):
        refused(await insurer.get(f"/v1/reports/{report}"), 403, "auth.forbidden")


@pytest.mark.parametrize(
    ("report", "asked"),
    [
        ("claims", {"group_by": "colour"}),
        ("claims", {"group_by": ["status", "status"]}),
        ("claims", {"group_by": ["status", "outcome", "month", "policy"]}),
        ("claims", {"period": "2026-13"}),
        ("claims", {"period": "last year"}),
        ("claims", {"format": "pdf"}),
        ("claims", {"colour": "red"}),
        ("loss-ratio", {"group_by": ["cover", "township"]}),
        ("loss-ratio", {"group_by": "month"}),
        ("ageing", {"period": "2026"}),
        ("self-borne", {"group_by": "policy"}),
    ],
)
async def test_an_unknown_question_is_refused_with_its_name(
    report: str, asked: dict[str, str], county: Client
) -> None:
    answer = await county.get(f"/v1/reports/{report}", params=asked)
    body = refused(answer, 422, "validation.failed")
    assert next(iter(asked)) in str(body["errors"][0])


async def test_a_form_that_reports_have_not_is_not_acceptable(county: Client) -> None:
    refused(
        await county.get("/v1/reports/claims", headers={"Accept": "image/png"}),
        406,
        "http.not_acceptable",
    )
    refused(await county.get("/v1/claims", headers={"Accept": CSV}), 406, "http.not_acceptable")
