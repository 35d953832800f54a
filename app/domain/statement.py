"""A statement: what an insurer or the bank says it settled, read strictly, with control totals.

As a file: CSV. The first row holds the totals as pairs of name and value, the second the names of
the columns in any order, each further row one settlement. Names are Chinese or those of the API.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.domain.errors import Fault, Invalid
from app.domain.money import parse_yuan, yuan

_NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z./_-]{0,63}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_COUNT = re.compile(r"\d{1,9}", re.ASCII)
MOST_FAULTS = 20  # of a file; whoever made it mends all of a kind at once


class Side(StrEnum):
    """Whose word it is: the party's own statement, or what the bank handed back (回盘)."""

    STATEMENT = "statement"
    BANK_RETURN = "bank_return"


class Direction(StrEnum):
    """Which way the money went: to the family, or back from it (returned, reversed)."""

    PAID = "paid"
    RETURNED = "returned"


SIDE_ZH: dict[Side, str] = {Side.STATEMENT: "对账单", Side.BANK_RETURN: "银行回盘"}
DIRECTION_ZH: dict[Direction, str] = {Direction.PAID: "支付", Direction.RETURNED: "退回"}


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One settlement with every reference it has; fen, day in Asia/Shanghai.

    `insurer_case_no` may be missing: a bank does not know it.
    """

    claim_no: str
    payout_reference: str
    settlement_no: str
    insurer_case_no: str | None
    direction: Direction
    amount_fen: int
    settled_on: date


@dataclass(frozen=True, slots=True)
class Totals:
    """Control totals, by direction; fen."""

    paid_count: int = 0
    paid_fen: int = 0
    returned_count: int = 0
    returned_fen: int = 0

    @property
    def count(self) -> int:
        """Count every line."""
        return self.paid_count + self.returned_count

    def plus(self, line: StatementLine) -> "Totals":
        """Give the totals with one line more."""
        paid = line.direction is Direction.PAID
        return Totals(
            self.paid_count + paid,
            self.paid_fen + line.amount_fen * paid,
            self.returned_count + (not paid),
            self.returned_fen + line.amount_fen * (not paid),
        )


COLUMNS: dict[str, str] = {
    "赔案号": "claim_no",
    "赔款编号": "payout_reference",
    "结算号": "settlement_no",
    "保险公司案号": "insurer_case_no",
    "方向": "direction",
    "金额": "amount",
    "日期": "settled_on",
}
TOTAL_NAMES: dict[str, str] = {
    "支付笔数": "paid_count",
    "支付金额": "paid_amount",
    "退回笔数": "returned_count",
    "退回金额": "returned_amount",
}
_FIELDS = frozenset(COLUMNS.values())
_TOTALS = frozenset(TOTAL_NAMES.values())
_DIRECTIONS = {word: one for one in Direction for word in (one.value, DIRECTION_ZH[one])}


def totals_of(lines: Iterable[StatementLine]) -> Totals:
    """Add lines up."""
    found = Totals()
    for line in lines:
        found = found.plus(line)
    return found


def check_totals(found: Totals, stated: Totals) -> None:
    """Hold what the lines add up to against what is stated. Raises Invalid, import.control_total.

    Nothing is taken of a statement whose totals differ.
    """
    if found != stated:
        raise Invalid(
            Fault(
                "/totals",
                "import.control_total",
                f"明细与控制总数不平：支付 {found.paid_count} 笔 {yuan(found.paid_fen)} 元，"
                f"退回 {found.returned_count} 笔 {yuan(found.returned_fen)} 元；未收取任何一行。",
                "The lines do not add up to the control totals; not one line was taken.",
                "请出单方核对后重新送交。",
            )
        )


def check_days(lines: Sequence[StatementLine], day: date) -> None:
    """Refuse lines of days that the statement cannot speak of yet. Raises Invalid."""
    faults = [
        Fault(
            f"/lines/{place}/settled_on",
            "validation.failed",
            "结算日期晚于对账单日期。",
            "Settled after the day of the statement.",
        )
        for place, line in enumerate(lines)
        if line.settled_on > day
    ]
    if faults:
        raise Invalid(*faults[:MOST_FAULTS])


def read_totals(row: Sequence[str]) -> Totals:
    """Read the first row of a file: names and values by turns. Raises Invalid."""
    told = {
        TOTAL_NAMES.get(name.strip(), name.strip()): value.strip()
        for name, value in zip(row[::2], row[1::2], strict=False)
    }
    if not told.keys() >= _TOTALS:
        raise Invalid(
            _row_fault(
                1,
                "import.control_total",
                "首行须有控制总数：支付笔数、支付金额、退回笔数、退回金额。",
                "The first row must hold the control totals.",
            )
        )
    counts = (told["paid_count"], told["returned_count"])
    if not all(_COUNT.fullmatch(count) for count in counts):
        raise Invalid(
            _row_fault(1, "import.control_total", "笔数应为整数。", "A count is an integer.")
        )
    return Totals(
        int(counts[0]),
        parse_yuan(told["paid_amount"], "/rows/1"),
        int(counts[1]),
        parse_yuan(told["returned_amount"], "/rows/1"),
    )


def read_header(row: Sequence[str]) -> tuple[str, ...]:
    """Read the second row of a file: which column is which. Raises Invalid."""
    names = tuple(COLUMNS.get(name.strip(), name.strip()) for name in row)
    known = [name for name in names if name in _FIELDS]
    if len(set(known)) < len(known) or not set(known) >= _FIELDS - {"insurer_case_no"}:
        raise Invalid(
            _row_fault(
                2,
                "import.header_mismatch",
                f"表头须有：{'、'.join(COLUMNS)}，各一列。",
                "The header must name each column once.",
            )
        )
    return names


def read_rows(
    rows: Iterable[Sequence[str]], names: Sequence[str], day: date
) -> Iterator[StatementLine | Fault]:
    """Read the further rows of a file, each a line or what is wrong with it; blank rows are none.

    `day` is the statement's: nothing may be settled later. Faults never repeat what stands there.
    """
    places = {name: names.index(name) for name in _FIELDS if name in names}
    for number, row in enumerate(rows, start=3):
        if not any(row):
            continue
        try:
            yield _line(row, places, day)
        except _Odd as odd:
            yield _row_fault(number, odd.code, odd.message_zh, odd.message_en)


class _Odd(Exception):
    def __init__(self, message_zh: str, message_en: str, code: str = "validation.failed") -> None:
        super().__init__(message_en)
        self.code, self.message_zh, self.message_en = code, message_zh, message_en


def _line(row: Sequence[str], places: dict[str, int], day: date) -> StatementLine:
    if len(row) <= max(places.values()):
        raise _Odd("列数不足。", "There are too few columns.")
    told = {name: row[place].strip() for name, place in places.items()}
    for name in ("claim_no", "payout_reference", "settlement_no"):
        if not _NUMBER.fullmatch(told[name]):
            raise _Odd(f"{_ZH[name]}缺失或格式不正确。", f"{name} is missing or has a wrong form.")
    case_no = told.get("insurer_case_no") or None
    if case_no is not None and not _NUMBER.fullmatch(case_no):
        raise _Odd("保险公司案号格式不正确。", "insurer_case_no has a wrong form.")
    direction = _DIRECTIONS.get(told["direction"])
    if direction is None:
        raise _Odd("方向应为支付或退回。", "direction is paid or returned.")
    return StatementLine(
        told["claim_no"],
        told["payout_reference"],
        told["settlement_no"],
        case_no,
        direction,
        _amount(told["amount"]),
        _settled_on(told["settled_on"], day),
    )


def _amount(text: str) -> int:
    try:
        amount = parse_yuan(text)
    except Invalid:
        raise _Odd(
            "金额应为最多两位小数的正数，不带符号和千分位。",
            "amount is digits with at most two decimals.",
            "money.precision",
        ) from None
    if amount == 0:
        raise _Odd("金额不能为零。", "amount is not zero.")
    return amount


def _settled_on(text: str, day: date) -> date:
    try:
        settled_on = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        settled_on = None
    if settled_on is None:
        raise _Odd("日期应为 YYYY-MM-DD。", "settled_on is YYYY-MM-DD.")
    if settled_on > day:
        raise _Odd("结算日期晚于对账单日期。", "settled after the day of the statement.")
    return settled_on


_ZH = {field: name for name, field in COLUMNS.items()}


def _row_fault(number: int, code: str, message_zh: str, message_en: str) -> Fault:
    return Fault(
        f"/rows/{number}", code, f"第 {number} 行：{message_zh}", f"Row {number}: {message_en}"
    )
