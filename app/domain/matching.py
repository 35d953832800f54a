"""How our settlements and another side's compare: kinds of differences, their states, sentences.

The comparing itself is one pass in the database; here stand its words and what they mean.
"""

from collections.abc import Mapping
from enum import StrEnum

from app.domain.money import yuan_zh


class Kind(StrEnum):
    """How a settlement compares; all but the first are differences."""

    MATCHED = "matched"
    AMOUNT_MISMATCH = "amount_mismatch"
    REFERENCE_MISMATCH = "reference_mismatch"
    ONLY_OURS = "only_ours"
    ONLY_THEIRS = "only_theirs"
    DUPLICATE = "duplicate"
    LATE = "late"


class ItemState(StrEnum):
    """What became of a difference."""

    OPEN = "open"
    OWNED = "owned"
    CARRIED = "carried"
    RESOLVED = "resolved"


KIND_ZH: dict[Kind, str] = {
    Kind.MATCHED: "一致",
    Kind.AMOUNT_MISMATCH: "金额不符",
    Kind.REFERENCE_MISMATCH: "单号不符",
    Kind.ONLY_OURS: "我有他无",
    Kind.ONLY_THEIRS: "他有我无",
    Kind.DUPLICATE: "重复",
    Kind.LATE: "迟到",
}
STATE_ZH: dict[ItemState, str] = {
    ItemState.OPEN: "待认领",
    ItemState.OWNED: "处理中",
    ItemState.CARRIED: "挂账",
    ItemState.RESOLVED: "已处理",
}
# Why they have what we do not, as far as our own books tell.
REASON_ZH: dict[str, str] = {
    "claim_unknown": "本系统没有这个赔案",
    "not_decided": "我方尚未收到结论",
    "in_flight": "我方在途，尚未收到到账消息",
    "payout_unknown": "我方没有这笔赔款",
    "stopped_here": "我方记为发放失败或退汇",
    "paid_otherwise": "我方已按另一结算号到账",
    "not_paid_here": "我方没有对应的到账记录",
    "settlement_no": "结算号与我方不同",
    "claim_no": "赔案号与我方不同",
    "payout_reference": "赔款编号与我方不同",
    "insurer_case_no": "保险公司案号与我方不同",
    "same_file": "同日明细中已有同一结算号",
    "earlier_day": "以前的对账单中已有同一结算号",
    "closed_day": "属于已封账的日期",
}


def sentence_zh(
    kind: Kind, reason: str | None, ours: Mapping[str, object], theirs: Mapping[str, object]
) -> str:
    """Tell a difference in one sentence; `ours` and `theirs` hold `amount_fen` where they exist."""
    why = f"：{REASON_ZH.get(reason, reason)}" if reason else ""
    return _SENTENCES[kind].format(ours=_money(ours), theirs=_money(theirs), why=why)


_SENTENCES: dict[Kind, str] = {
    Kind.MATCHED: "一致 {theirs}",
    Kind.AMOUNT_MISMATCH: "我方 {ours}，对方 {theirs}",
    Kind.REFERENCE_MISMATCH: "{theirs} 单号不符{why}",
    Kind.ONLY_OURS: "我方已入账 {ours}，对方未列",
    Kind.ONLY_THEIRS: "对方列有 {theirs}，我方未入账{why}",
    Kind.DUPLICATE: "对方 {theirs} 重复列示{why}",
    Kind.LATE: "{theirs} 两方一致，但迟到{why}",
}


def _money(side: Mapping[str, object]) -> str:
    amount = side.get("amount_fen")
    return yuan_zh(amount) if isinstance(amount, int) else "—"
