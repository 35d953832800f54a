"""应保尽保: who is registered but not covered today, and who is covered but should not be."""

from collections.abc import Sequence

from app.db.report_coverage import CoveredRow, covered_people
from app.db.session import Tx
from app.domain.grouping import Group
from app.domain.money import BP
from app.domain.report_tables import Cell, Column, Kind, Report, ReportTable
from app.services.reports.asked import gather, put_table

_REPORT = Report(
    "coverage-gap",
    "应保尽保缺口",
    (
        Column("people", "在册人数", Kind.COUNT, "人"),
        Column("covered", "当日在保", Kind.COUNT, "人"),
        Column("uncovered", "在册未保", Kind.COUNT, "人"),
        Column("rate", "参保率", Kind.PERCENT),
        Column("late", "晚于起保日参保", Kind.COUNT, "人"),
        Column("dead", "已登记死亡仍在保", Kind.COUNT, "人"),
        Column("twice", "同一项目重复参保", Kind.COUNT, "人"),
    ),
    (
        "在册：本系统登记、未登记死亡的人，按其所在乡镇；在保：业务日期当日至少有一份有效保单的名册包含此人。",
        "不记名保单（全体居民）不列名册，只靠它们保障的人计为未保；参保率舍去百分比两位小数以下。",
        "晚于起保日参保：今年度保单起保之后才进入名册的人。",
    ),
)


async def make_coverage_gap(tx: Tx, groups: Sequence[Group]) -> ReportTable:
    """Count who is covered today and who is not, by township or county."""
    county = Group.COUNTY in groups
    rows = gather(
        await covered_people(tx),
        lambda row: (f"{row.township[:6]}000000" if county else row.township,),
    )
    cells = {key: _cells(found) for key, found in rows.items()}
    return await put_table(tx, _REPORT, groups, None, cells)


def _cells(rows: Sequence[CoveredRow]) -> tuple[Cell, ...]:
    people, covered = sum(row.people for row in rows), sum(row.covered for row in rows)
    return (
        people,
        covered,
        people - covered,
        covered * BP // people if people else None,
        sum(row.late for row in rows),
        sum(row.dead for row in rows),
        sum(row.twice for row in rows),
    )
