"""relief report: write a report of an area as CSV or a workbook, as for every Monday."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from app.api.report_files import csv_parts, workbook
from app.cli._desk import open_database
from app.db.session import Tx
from app.domain.caller import Caller, Role, area_range
from app.domain.errors import ReliefError
from app.domain.grouping import Group
from app.domain.report_tables import ReportTable
from app.domain.reports import Period, read_period
from app.services.reports.loss_ratio import make_loss_ratio
from app.services.reports.pipeline import make_amounts, make_pipeline
from app.services.reports.self_borne import make_self_borne
from app.settings import load_settings

Make = Callable[[Tx, Sequence[Group], Period], Awaitable[ReportTable]]
REPORTS: dict[str, tuple[Make, tuple[Group, ...]]] = {
    "claims": (make_pipeline, (Group.STATUS, Group.OUTCOME)),
    "amounts": (make_amounts, (Group.SCHEME,)),
    "loss-ratio": (make_loss_ratio, (Group.TOWNSHIP,)),
    "self-borne": (make_self_borne, (Group.TOWNSHIP,)),
}


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("report", help="写一份报表文件 / write a report to a file")
    parser.add_argument("report", choices=REPORTS)
    parser.add_argument("--area", type=int, required=True, help="12 位区划代码 / 12 digits")
    parser.add_argument("--period", required=True, help="2026 或 2026-06 / a year or a month")
    parser.add_argument("--out", type=Path, required=True, help="*.csv 或 *.xlsx")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0 with the file written, 1 with the reason."""
    try:
        period = read_period(arguments.period)
        table = asyncio.run(_make(arguments.report, arguments.area, period))
        arguments.out.write_bytes(
            workbook(table) if arguments.out.suffix == ".xlsx" else b"".join(csv_parts(table))
        )
    except ReliefError as refusal:
        print(f"{refusal.detail_zh} / {refusal.detail_en}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"写不了文件或连不上数据库 / file or database: {error}", file=sys.stderr)
        return 1
    print(f"{arguments.out}：共 {len(table.rows)} 条，业务日期 {table.data_on}")
    return 0


async def _make(report: str, area: int, period: Period) -> ReportTable:
    make, groups = REPORTS[report]
    lo, hi = area_range(area)
    database = open_database(load_settings())
    try:
        async with database.transaction(Caller(Role.COUNTY, lo, hi, "cli")) as tx:
            return await make(tx, groups, period)
    finally:
        await database.close()
