"""Where claims stand: how many, and what was assessed, decided and paid, by status and more."""

from collections.abc import Sequence

from app.db.report_counts import count_booked, count_cases, count_claims
from app.db.session import Tx
from app.domain.grouping import Group
from app.domain.report_tables import Column, Kind, Report, ReportTable
from app.domain.reports import Period
from app.services.reports.asked import MOST_GROUPS, put_table

_PIPELINE = Report(
    "claims",
    "赔案进展",
    (
        Column("claims", "赔案数", Kind.COUNT),
        Column("assessed", "理算额", Kind.YUAN),
        Column("decided", "结论金额", Kind.YUAN),
        Column("paid", "已付金额", Kind.YUAN),
    ),
    (
        "赔案数：每个赔案按当前状态与结论计一次，含已撤案；期间按出险日所在月份。",
        "理算额为最近一次理算，结论金额为最近一次结论，已付金额为已确认到账（退汇已扣除）。",
    ),
)
_AMOUNTS = Report(
    "amounts",
    "赔款金额",
    (
        Column("claims", "赔案数", Kind.COUNT),
        Column("assessed", "理算额", Kind.YUAN),
        Column("incurred", "已发生赔款", Kind.YUAN),
        Column("paid", "已付赔款", Kind.YUAN),
        Column("unpaid", "已发生未付", Kind.YUAN),
        Column("open_claims", "未结论赔案", Kind.COUNT),
        Column("expected", "未结论赔案的理算额", Kind.YUAN),
        Column("recovered", "已追回款", Kind.YUAN),
    ),
    (
        "已发生、已付、未付、追回均取自台账科目余额，按出险日所在月份归期；错付追回不冲减赔款。",
        "共保时赔款按各公司份额入账，赔案数计在首席承保人名下；赔案数不含已撤案。",
    ),
)


async def make_pipeline(tx: Tx, groups: Sequence[Group], period: Period | None) -> ReportTable:
    """Count the caller's claims by groups; `period` is of the event, None for all.

    Raises Invalid for more than 20,000 groups.
    """
    found = await count_claims(tx, groups, period, MOST_GROUPS + 1)
    cells = {
        key: (one.claims, one.assessed_fen, one.decided_fen, one.paid_fen)
        for key, one in found.items()
    }
    return await put_table(tx, _PIPELINE, groups, period, cells)


async def make_amounts(tx: Tx, groups: Sequence[Group], period: Period | None) -> ReportTable:
    """Sum what was assessed, incurred, paid, not yet paid and recovered, by groups.

    Raises Invalid for more than 20,000 groups.
    """
    cases = await count_cases(tx, groups, period, MOST_GROUPS + 1)
    booked = await count_booked(tx, groups, period, MOST_GROUPS + 1)
    cells = {}
    for key in cases.keys() | booked.keys():
        case, money = cases.get(key), booked.get(key)
        cells[key] = (
            case.claims if case else 0,
            case.assessed_fen if case else 0,
            money.incurred_fen if money else 0,
            money.paid_fen if money else 0,
            money.unpaid_fen if money else 0,
            case.open_claims if case else 0,
            case.expected_fen if case else 0,
            money.recovered_fen if money else 0,
        )
    return await put_table(tx, _AMOUNTS, groups, period, cells)
