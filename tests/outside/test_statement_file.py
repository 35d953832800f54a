"""Statement files: read strictly, in every encoding a spreadsheet writes, checked before taken."""

import io
from datetime import date

import pytest

from app.domain.errors import Invalid
from app.domain.statement import Direction, StatementLine, Totals
from app.outside.statement_file import check_file, lines_of

DAY = date(2026, 6, 20)
TOTALS = "支付笔数,1,支付金额,2000.00,退回笔数,1,退回金额,12.5"
HEADER = "赔案号,赔款编号,结算号,保险公司案号,方向,金额,日期"
PAID = "990127-2026-000001-1,P-1,S-1,C-1,支付,2000.00,2026-06-20"
RETURNED = "990127-2026-000002-1,P-2,S-2,,returned,12.5,2026-06-19"


def file_of(*rows: str, encoding: str = "utf-8") -> io.BytesIO:
    return io.BytesIO("\r\n".join((*rows, "")).encode(encoding))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_file_is_read_in_every_encoding_of_a_spreadsheet(encoding: str) -> None:
    file = file_of(TOTALS, HEADER, PAID, "", RETURNED, encoding=encoding)
    checked = check_file(file, DAY)
    assert checked.totals == Totals(1, 200_000, 1, 1_250)
    assert list(lines_of(file, checked, DAY)) == [
        StatementLine("990127-2026-000001-1", "P-1", "S-1", "C-1", Direction.PAID, 200_000, DAY),
        StatementLine(
            "990127-2026-000002-1", "P-2", "S-2", None, Direction.RETURNED, 1_250, date(2026, 6, 19)
        ),
    ]
    assert len(checked.sha256) == 64


def test_columns_come_in_any_order_and_by_their_names_in_the_api() -> None:
    file = file_of(
        "paid_count,1,paid_amount,1.00,returned_count,0,returned_amount,0",
        "settled_on,amount,direction,settlement_no,payout_reference,claim_no,备注",
        "2026-06-20,1.00,paid,S-1,P-1,990127-2026-000001-1,无",
    )
    (line,) = lines_of(file, check_file(file, DAY), DAY)
    assert (line.settlement_no, line.amount_fen) == ("S-1", 100)


BAD = {
    "three-decimals": (PAID.replace("2000.00", "2000.001"), "money.precision"),
    "float": (PAID.replace("2000.00", "2e3"), "money.precision"),
    "signed": (PAID.replace("2000.00", "-2000.00"), "money.precision"),
    "thousands": (PAID.replace("2000.00", '"2,000.00"'), "money.precision"),
    "full-width": (PAID.replace("2000.00", "２０００.00"), "money.precision"),
    "zero": (PAID.replace("2000.00", "0.00"), "validation.failed"),
    "no-number": (PAID.replace("S-1", ""), "validation.failed"),
    "formula": (PAID.replace("S-1", "=S1"), "validation.failed"),
    "long": (PAID.replace("S-1", "S" * 65), "validation.failed"),
    "direction": (PAID.replace("支付", "其他"), "validation.failed"),
    "day": (PAID.replace("06-20", "06-31"), "validation.failed"),
    "day-form": (PAID.replace("2026-06-20", "20260620"), "validation.failed"),
    "later": (PAID.replace("06-20", "06-21"), "validation.failed"),
    "short": ("990127-2026-000001-1,P-1", "validation.failed"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_row_is_named_and_nothing_of_the_file_is_taken(case: str) -> None:
    row, code = BAD[case]
    with pytest.raises(Invalid) as refused:
        check_file(file_of(TOTALS, HEADER, RETURNED, row), DAY)
    (fault,) = refused.value.faults
    assert (fault.pointer, fault.code) == ("/rows/4", code)
    assert "第 4 行" in fault.message_zh
    assert row not in fault.message_zh


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (file_of(TOTALS.replace("2000.00", "2000.01"), HEADER, PAID, RETURNED), "control_total"),
        (file_of(TOTALS.replace("笔数,1", "笔数,2"), HEADER, PAID, RETURNED), "control_total"),
        (file_of(HEADER, PAID), "control_total"),
        (file_of(TOTALS, HEADER.replace("结算号", "编号"), PAID), "header_mismatch"),
        (file_of(TOTALS, HEADER + ",金额", PAID), "header_mismatch"),
        (file_of(), "control_total"),
        (io.BytesIO(b'a,"b\n'), "failed"),
        (io.BytesIO(b"\xff\xff\x80\n"), "failed"),
        (file_of(TOTALS, HEADER, "x" * 200_000), "failed"),
    ],
    ids=["sum", "count", "no-totals", "column", "twice", "empty", "quote", "bytes", "huge-field"],
)
def test_a_file_that_is_no_statement_is_refused(file: io.BytesIO, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_file(file, DAY)
    assert refused.value.faults[0].code.endswith(code)


def test_at_most_twenty_faults_are_told() -> None:
    with pytest.raises(Invalid) as refused:
        check_file(file_of(TOTALS, HEADER, *["bad"] * 1_000), DAY)
    assert len(refused.value.faults) == 20
