"""What stays with families, by township or month."""

import asyncio
from collections.abc import Sequence

from app.db.report_facts import BillsRow, filed_bills
from app.db.session import Tx
from app.domain.grouping import Group, Key
from app.domain.report_tables import Cell, ReportTable
from app.domain.reports import Period
from app.domain.self_borne import REPORT, Borne
from app.services.reports.asked import MOST_CLAIMS, no_more_than, put_table


async def make_self_borne(tx: Tx, groups: Sequence[Group], period: Period) -> ReportTable:
    """Work out what stays with families of the bills of a period.

    Raises Invalid for more than 50,000 notices.
    """
    rows = no_more_than(await filed_bills(tx, period, MOST_CLAIMS + 1), MOST_CLAIMS)
    cells = await asyncio.to_thread(_summed, rows, groups)
    return await put_table(tx, REPORT, groups, period, cells)


def _summed(rows: Sequence[BillsRow], groups: Sequence[Group]) -> dict[Key, tuple[Cell, ...]]:
    found: dict[Key, Borne] = {}
    for row in rows:
        key = tuple(_code(row, group) for group in groups)
        found.setdefault(key, Borne()).add(row.bills, row.claims or ())
    return {key: one.cells() for key, one in found.items()}


def _code(row: BillsRow, group: Group) -> str:
    match group:
        case Group.TOWNSHIP:
            return row.township
        case Group.COUNTY:
            return f"{row.township[:6]}000000"
        case _:
            return row.month
