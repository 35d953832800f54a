"""The list of claims for a file: page after page, each in a transaction of its own.

A slow reader holds neither a connection nor a snapshot between two pages. Claims keep their place
in the order for ever, so none is missed or told twice.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from uuid import UUID

from app.db.report_lists import ListedClaim, claims_after
from app.db.session import Tx
from app.domain.grouping import FUND_ZH, NOT_YET_ZH
from app.domain.lifecycle import OUTCOME_ZH, STATUS_ZH, ClaimStatus, Outcome
from app.domain.report_tables import Cell, Column, Kind, Report
from app.domain.reports import Period

PAGE = 1_000
REPORT = Report(
    "claim-list",
    "赔案清单",
    (
        Column("claim_no", "赔案编号"),
        Column("notice_no", "报案号"),
        Column("insurer_case_no", "保险公司案号"),
        Column("policy_no", "保单号"),
        Column("scheme_zh", "项目"),
        Column("insurer_zh", "保险公司"),
        Column("township", "区划代码"),
        Column("township_zh", "乡镇（街道）"),
        Column("status_zh", "状态"),
        Column("outcome_zh", "结论"),
        Column("event_on", "出险日", Kind.DAY),
        Column("filed_on", "报案日", Kind.DAY),
        Column("assessed", "理算额", Kind.YUAN),
        Column("decided", "结论金额", Kind.YUAN),
        Column("paid", "已付金额", Kind.YUAN),
        Column("due_on", "到期日", Kind.DAY),
    ),
    (
        "按报案先后逐件列出本辖区（保险公司：本公司）的赔案，不含姓名、证件号和账号。",
        "金额为导出时的最近一次理算、结论和已到账；期间按出险日。",
    ),
)
Row = tuple[Cell, ...]


async def claim_pages(
    transaction: Callable[[], AbstractAsyncContextManager[Tx]],
    status: ClaimStatus | None,
    period: Period | None,
) -> AsyncIterator[Sequence[Row]]:
    """Give the caller's claims in pages of 1,000 rows, in the columns of `REPORT`."""
    after: UUID | None = None
    while True:
        async with transaction() as tx:
            found = await claims_after(tx, status, period, after, PAGE)
        yield [_row(one) for one in found]
        if len(found) < PAGE:
            return
        after = found[-1].id


def _row(one: ListedClaim) -> Row:
    return (
        one.claim_no,
        one.notice_no,
        one.insurer_case_no,
        one.policy_no,
        one.scheme_zh,
        one.insurer_zh or FUND_ZH,
        one.township,
        one.township_zh or one.township,
        STATUS_ZH[ClaimStatus(one.status)],
        NOT_YET_ZH if one.outcome is None else OUTCOME_ZH[Outcome(one.outcome)],
        one.event_on,
        one.filed_on,
        one.assessed_fen,
        one.decided_fen,
        one.paid_fen,
        one.due_on,
    )
