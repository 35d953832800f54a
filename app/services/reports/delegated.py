"""What was approved within a delegation, and what two persons approved."""

from collections.abc import Sequence

from app.db.report_facts import ApprovedRow, approvals_of
from app.db.session import Tx
from app.domain.grouping import Group
from app.domain.report_tables import Column, Kind, Report, ReportTable
from app.domain.reports import Period
from app.services.reports.asked import gather, put_table

_REPORT = Report(
    "delegated",
    "授权审批",
    (
        Column("alone", "授权内审批", Kind.COUNT),
        Column("alone_amount", "授权内金额", Kind.YUAN),
        Column("largest", "授权内最大一笔", Kind.YUAN),
        Column("by_two", "双人审批", Kind.COUNT),
        Column("by_two_amount", "双人审批金额", Kind.YUAN),
        Column("drawn", "抽中复核", Kind.COUNT),
        Column("rechecked", "已复核", Kind.COUNT),
        Column("objected", "复核有异议", Kind.COUNT),
    ),
    (
        "授权内审批：由乡镇或县一人在授权额度内批准；双人审批：一人提出、另一人确认。",
        "期间与月份按审批日；金额为批准的金额，其后的改判不在此列。",
    ),
)


async def make_delegated(tx: Tx, groups: Sequence[Group], period: Period) -> ReportTable:
    """Sum what was approved alone and by two persons in a period."""
    rows = gather(
        await approvals_of(tx, period), lambda row: tuple(_code(row, group) for group in groups)
    )
    cells = {
        key: (
            sum(one.alone for one in found),
            sum(one.alone_fen for one in found),
            max(one.largest_fen for one in found),
            sum(one.by_two for one in found),
            sum(one.by_two_fen for one in found),
            sum(one.drawn for one in found),
            sum(one.rechecked for one in found),
            sum(one.objected for one in found),
        )
        for key, found in rows.items()
    }
    return await put_table(tx, _REPORT, groups, period, cells)


def _code(row: ApprovedRow, group: Group) -> str:
    match group:
        case Group.TOWNSHIP:
            return row.township
        case Group.POLICY:
            return row.policy_no
        case Group.SCHEME:
            return row.scheme_code
        case _:
            return row.month
