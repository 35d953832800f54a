"""What every report shares: how much it may hold, what it was asked for, how a table is put."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from app.db.report_counts import names_of
from app.db.session import Tx
from app.domain.errors import Fault, Invalid
from app.domain.grouping import Group, Key, group_cells, group_columns
from app.domain.report_tables import Cell, Report, ReportTable
from app.domain.reports import Period

R = TypeVar("R")

MOST_GROUPS = 20_000
MOST_CLAIMS = 50_000
ALL_TIME_ZH = "全部"


def no_more_than(rows: Sequence[R], most: int, pointer: str = "/period") -> Sequence[R]:
    """Give the rows back. Raises Invalid when there are more than so many."""
    if len(rows) > most:
        raise Invalid(
            Fault(
                pointer,
                "validation.failed",
                f"结果超过 {most} 项，请缩短期间或减少分组",
                f"more than {most} rows: ask for a shorter period or fewer groups",
            )
        )
    return rows


async def put_table(
    tx: Tx,
    report: Report,
    groups: Sequence[Group],
    period: Period | None,
    cells: Mapping[Key, tuple[Cell, ...]],
) -> ReportTable:
    """Put the figures of groups into a table, in the order of their codes, every group named."""
    no_more_than(list(cells), MOST_GROUPS, "/group_by")
    keys = sorted(cells)
    names = await names_of(tx, groups, keys)
    return ReportTable(
        code=report.code,
        title_zh=report.title_zh,
        period=ALL_TIME_ZH if period is None else period.name,
        group_by=tuple(group.value for group in groups),
        data_on=await tx.today(),
        how_zh=report.how_zh,
        columns=(*group_columns(groups), *report.columns),
        rows=[(*group_cells(groups, key, names), *cells[key]) for key in keys],
    )


def gather(rows: Sequence[R], key: Callable[[R], Key]) -> dict[Key, list[R]]:
    """Put rows of one key together."""
    found: dict[Key, list[R]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found
