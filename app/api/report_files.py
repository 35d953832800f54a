"""A report as a file: CSV for any program, or a workbook with typed cells."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Literal

from starlette.responses import Response, StreamingResponse

from app.api.refusals import NoWorkbooks
from app.domain.report_tables import (
    Cell,
    Column,
    Kind,
    Measured,
    ReportTable,
    neutral,
    plain_text,
)

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {CSV: {"schema": {"type": "string"}}, XLSX: {"schema": {}}}}
}
Form = Literal["json", "csv", "xlsx"]
DATA_ON_ZH = "业务日期"
_ROWS_AT_ONCE = 500
_HEADER_ROW = 3  # rows above: title, day and number of rows, a blank one
_FORMATS = {Kind.YUAN: "#,##0.00", Kind.PERCENT: "0.00", Kind.DAY: "yyyy-mm-dd"}
Row = tuple[Cell, ...]
_WIDTHS = {Kind.TEXT: 22, Kind.YUAN: 16}


def form_of(asked: Form | None, accept: str) -> Form:
    """Give the form asked for, or else the one that the Accept header names first, or JSON."""
    forms: dict[str, Form] = {CSV: "csv", XLSX: "xlsx", "application/json": "json"}
    wanted = (part.partition(";")[0].strip().lower() for part in accept.split(","))
    if asked is not None:
        return asked
    return next((forms[part] for part in wanted if part in forms), "json")


async def file_answer(form: Form, table: ReportTable) -> Response:
    """Give the table as the file asked for. Raises NoWorkbooks, see `workbook`."""
    if form == "csv":
        return csv_answer(table)
    content = await asyncio.to_thread(workbook, table)
    return Response(content, media_type=XLSX, headers=_headers(table, "xlsx"))


def csv_answer(table: ReportTable) -> Response:
    """Give a CSV with a byte-order mark: without it a Chinese spreadsheet shows it garbled.

    The header tells each unit, the last column the business day; numbers have no separators.
    """
    return StreamingResponse(
        csv_parts(table), media_type=f"{CSV}; charset=utf-8", headers=_headers(table, "csv")
    )


async def csv_stream(table: ReportTable, pages: AsyncIterator[Sequence[Row]]) -> Response:
    """Give a CSV of the table's rows and then of page after page, none kept in memory.

    The first page is waited for, so that what goes wrong at once is answered as anywhere else.
    """
    first = await anext(pages, ())

    async def told() -> AsyncIterator[bytes]:
        for part in csv_parts(table):
            yield part
        yield _lines(table, first)
        async for page in pages:
            yield _lines(table, page)

    return StreamingResponse(
        told(), media_type=f"{CSV}; charset=utf-8", headers=_headers(table, "csv")
    )


def workbook(table: ReportTable) -> bytes:
    """Write a workbook: numbers as numbers, text as text, the header frozen, one sheet of how.

    Text is written as text whatever it begins with, so nothing in it is reckoned; it is marked as
    well, for programs that forget the type when the sheet is saved as CSV.
    """
    try:
        import xlsxwriter  # type: ignore[import-untyped]  # noqa: PLC0415 - an extra
    except ImportError:
        raise NoWorkbooks from None
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet("报表")
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True})
    header = book.add_format({"bold": True, "text_wrap": True, "bottom": 1})
    formats = {kind: book.add_format({"num_format": told}) for kind, told in _FORMATS.items()}
    for place, column in enumerate(table.columns):
        sheet.set_column(place, place, _WIDTHS.get(column.kind, 14))
    sheet.write_string(0, 0, neutral(table.title_zh), bold)
    sheet.write_string(
        1, 0, f"{DATA_ON_ZH}：{table.data_on}　期间：{table.period}　共 {len(table.rows)} 条"
    )
    for place, column in enumerate(table.columns):
        sheet.write_string(_HEADER_ROW, place, column.header_zh, header)
    for place, row in enumerate(table.rows, start=_HEADER_ROW + 1):
        for at, (cell, column) in enumerate(zip(row, table.columns, strict=True)):
            _write(sheet, place, at, cell, column, formats)
    sheet.freeze_panes(_HEADER_ROW + 1, 0)
    last = _HEADER_ROW + len(table.rows)
    sheet.autofilter(_HEADER_ROW, 0, max(last, _HEADER_ROW + 1), len(table.columns) - 1)
    told = book.add_worksheet("说明")
    told.set_column(0, 0, 100)
    for place, sentence in enumerate(table.how_zh):
        told.write_string(place, 0, sentence, wrapped)
    book.close()
    return out.getvalue()


def _write(
    sheet: Any, row: int, at: int, cell: Cell, column: Column, formats: dict[Kind, Any]
) -> None:
    """Write one cell by its kind. Fen and basis points stay exact: 15 digits are kept."""
    if isinstance(cell, Measured):
        _write(sheet, row, at, cell.value, replace(column, kind=cell.kind), formats)
        return
    if cell is None:
        return
    if isinstance(cell, bool | str):
        sheet.write_string(row, at, plain_text(cell, Kind.TEXT))
    elif isinstance(cell, date):
        sheet.write_datetime(row, at, cell, formats[Kind.DAY])
    elif column.kind in (Kind.YUAN, Kind.PERCENT):
        sheet.write_number(row, at, cell / 100, formats[column.kind])
    else:
        sheet.write_number(row, at, cell)


def csv_parts(table: ReportTable) -> Iterator[bytes]:
    """Give a CSV in parts, the byte-order mark and the header first."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    yield "\ufeff".encode()
    writer.writerow([*(column.header_zh for column in table.columns), DATA_ON_ZH])
    yield out.getvalue().encode()
    for first in range(0, len(table.rows), _ROWS_AT_ONCE):
        yield _lines(table, table.rows[first : first + _ROWS_AT_ONCE])


def _lines(table: ReportTable, rows: Sequence[Row]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    kinds = [column.kind for column in table.columns]
    for row in rows:
        texts = [plain_text(cell, kind) for cell, kind in zip(row, kinds, strict=True)]
        writer.writerow([*texts, table.data_on.isoformat()])
    return out.getvalue().encode()


def _headers(table: ReportTable, ending: str) -> dict[str, str]:
    name = f"{table.code}-{table.data_on}.{ending}"
    return {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
        "Vary": "Authorization, Accept",
    }
