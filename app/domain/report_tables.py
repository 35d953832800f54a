"""A report as a table: typed columns with their units, rows, its day, and how it was made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.domain.money import yuan
from app.domain.reports import FORMULA, UNIT_ZH, Figure, Unit

SMALL_NUMBER = 30  # fewer people or claims than this say little; the report marks it


class Kind(StrEnum):
    """What a cell holds: fen, basis points, a count, days, a day, yes or no, or text."""

    TEXT = "text"
    YUAN = "yuan"
    PERCENT = "percent"
    COUNT = "count"
    DAYS = "days"
    DAY = "day"
    FLAG = "flag"


KIND_ZH: dict[Kind, str] = {
    Kind.TEXT: "",
    Kind.YUAN: "元",
    Kind.PERCENT: "%",
    Kind.COUNT: "件",
    Kind.DAYS: "天",
    Kind.DAY: "",
    Kind.FLAG: "",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """A cell with a unit of its own, where one column holds figures of several."""

    value: int
    kind: Kind


Cell = str | int | bool | date | Measured | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `unit_zh` stands in the header, that of the kind when nothing else is told."""

    code: str
    label_zh: str
    kind: Kind = Kind.TEXT
    counted_zh: str = ""

    @property
    def unit_zh(self) -> str:
        """The unit of every cell below: 元, %, 件, 人 or nothing."""
        return self.counted_zh or KIND_ZH[self.kind]

    @property
    def header_zh(self) -> str:
        """The label with its unit."""
        return f"{self.label_zh}（{self.unit_zh}）" if self.unit_zh else self.label_zh


@dataclass(frozen=True, slots=True)
class Report:
    """A kind of report: its name, its figures, and the sentences that say how they are made."""

    code: str
    title_zh: str
    columns: tuple[Column, ...]
    how_zh: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A whole report as of the business day `data_on`; `how_zh` says how each figure was made."""

    code: str
    title_zh: str
    period: str
    group_by: tuple[str, ...]
    data_on: date
    how_zh: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Cell, ...]]


_KINDS = {
    Unit.YUAN: Kind.YUAN,
    Unit.DAYS: Kind.DAYS,
    Unit.COUNT: Kind.COUNT,
    Unit.PERCENT: Kind.PERCENT,
}
_FIGURES = (
    Column("code", "指标代码"),
    Column("label", "指标"),
    Column("value", "数值"),
    Column("unit", "单位"),
    Column("claims", "依据赔案数", Kind.COUNT),
    Column("sentence", "说明"),
)


def table_of_figures(
    code: str, title_zh: str, period: str, data_on: date, figures: Sequence[Figure]
) -> ReportTable:
    """Put figures into a table, one to a row; the sentence beside each says how it was made."""
    return ReportTable(
        code=code,
        title_zh=title_zh,
        period=period,
        group_by=(),
        data_on=data_on,
        how_zh=("每行一个指标，单位见“单位”列，算法见“说明”列。",),
        columns=_FIGURES,
        rows=[
            (
                one.code,
                one.label_zh,
                None if one.value is None else Measured(one.value, _KINDS[one.unit]),
                UNIT_ZH[one.unit],
                one.claims,
                one.sentence_zh,
            )
            for one in figures
        ],
    )


def text_of(cell: Cell, kind: Kind) -> str | int | bool | None:
    """Give a cell as JSON has it: yuan and percent as text with two decimals, days as ISO text."""
    if isinstance(cell, Measured):
        return text_of(cell.value, cell.kind)
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, int) and kind in (Kind.YUAN, Kind.PERCENT):
        return yuan(cell)
    return cell


def plain_text(cell: Cell, kind: Kind) -> str:
    """Give a cell as a file has it; no text is taken for a formula by a spreadsheet."""
    shown = text_of(cell, kind)
    if shown is None:
        return ""
    if isinstance(shown, bool):
        return "是" if shown else "否"
    return neutral(cell) if kind is Kind.TEXT and isinstance(cell, str) else str(shown)


def neutral(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would reckon, so that it stays text."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) or text[:1] == "\n" else text
