"""What stays with families: of each notice's bills, after every payer and every claim."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.facts import Bill
from app.domain.money import split_fen
from app.domain.report_tables import Cell, Column, Kind, Report
from app.domain.words import BillKind

REPORT = Report(
    "self-borne",
    "家庭自担费用",
    (
        Column("notices", "报案数", Kind.COUNT),
        Column("bills", "费用总额", Kind.YUAN),
        Column("others", "医保等各方已付", Kind.YUAN),
        Column("relief", "救助保险结论金额", Kind.YUAN),
        Column("relief_paid", "其中已付", Kind.YUAN),
        Column("on_bills", "其中冲抵费用", Kind.YUAN),
        Column("left", "家庭自担", Kind.YUAN),
        Column("left_share", "自担占费用", Kind.PERCENT),
    ),
    (
        "逐个报案计算：费用总额减医保基金、医院分担及其后各方已付，再减赔案结论中冲抵费用的部分，不足为零。",
        "定额给付（如身故金、津贴）不冲抵费用；一个结论同时含两者时，按最近一次理算中两者的金额分摊，最大余额法。",
        "不含草稿和已撤报案；期间按出险日。",
    ),
)


@dataclass(slots=True)
class Borne:
    """What is summed up of one group, in fen."""

    notices: int = 0
    bills_fen: int = 0
    others_fen: int = 0
    relief_fen: int = 0
    paid_fen: int = 0
    on_bills_fen: int = 0
    left_fen: int = 0

    def add(self, bills: str, claims: Sequence[tuple[int, int, int | None, Any]]) -> None:
        """Add a notice: its bills as JSON; decided, paid, assessed (fen) and by bill of claims."""
        read = [_bill(one) for one in json.loads(bills)]
        left = sum(one.left_fen for one in read)
        total = sum(one.total_fen for one in read)
        on_bills = sum(_on_bills(decided, assessed, by) for decided, _, assessed, by in claims)
        self.notices += 1
        self.bills_fen += total
        self.others_fen += total - left
        self.relief_fen += sum(claim[0] for claim in claims)
        self.paid_fen += sum(claim[1] for claim in claims)
        self.on_bills_fen += min(left, on_bills)
        self.left_fen += max(0, left - on_bills)

    def cells(self) -> tuple[Cell, ...]:
        """Give the cells of `REPORT`."""
        return (
            self.notices,
            self.bills_fen,
            self.others_fen,
            self.relief_fen,
            self.paid_fen,
            self.on_bills_fen,
            self.left_fen,
            self.left_fen * 10_000 // self.bills_fen if self.bills_fen else None,
        )


def _bill(told: dict[str, Any]) -> Bill:
    return Bill(
        ref="",
        kind=BillKind(told["kind"]),
        total_fen=told["total_fen"],
        amounts=told.get("amounts") or {},
        paid_by=tuple((payer, fen) for payer, fen in told.get("paid_by") or ()),
    )


def _on_bills(decided_fen: int, assessed_fen: int | None, by_bill: Any) -> int:
    """Give how much of a decided amount (fen) goes against bills, as the assessment has it."""
    held = sum(int(fen) for _, fen in by_bill or ())
    if not assessed_fen:
        return 0
    return split_fen(decided_fen, [held, max(0, assessed_fen - held)])[0]
