"""What is said of a claim to people: one sentence for the family, whose turn it is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from app.domain.lifecycle import NEXT_ACTOR_ZH, OUTCOME_ZH, ClaimStatus, Outcome
from app.domain.money import yuan_zh

INSURER_ZH = "保险公司"
_STILL_COMING = frozenset(
    {
        ClaimStatus.PENDING_APPROVAL,
        ClaimStatus.UNDER_REVIEW,
        ClaimStatus.EVIDENCE_REQUIRED,
        ClaimStatus.PAYING,
    }
)
COUNTY_ZH = "县民政"


@dataclass(frozen=True, slots=True)
class ClaimState:
    """What the sentence is made of; amounts in fen, days in Asia/Shanghai."""

    status: ClaimStatus
    outcome: Outcome | None
    decided_fen: int | None
    paid_fen: int
    papers_asked: int
    due_on: date | None
    paid_on: date | None
    account_last4: str | None
    payout_stopped: bool
    waits_for: str | None
    clause: str | None
    reason_zh: str | None
    insured: bool = True
    account_wrong: bool = False


def whose_turn_zh(state: ClaimState, *, insured: bool) -> str:
    """Give who has to act next."""
    stopped = state.payout_stopped or state.account_wrong
    if stopped and state.status is ClaimStatus.PAYING:
        return "乡镇 / 县民政（更正账户）"
    if state.status in (ClaimStatus.SUBMITTED, ClaimStatus.UNDER_REVIEW):
        return INSURER_ZH if insured else COUNTY_ZH
    return NEXT_ACTOR_ZH[state.status]


def sentence_zh(state: ClaimState) -> str:
    """Give the one sentence for the family."""
    said = _SENTENCES[state.status](state)
    if state.status in _STILL_COMING and state.paid_fen > 0:
        return f"{said}（此前已到账 {yuan_zh(state.paid_fen)}）"
    return said


def _submitted(state: ClaimState) -> str:
    if state.waits_for is not None:
        return f"已收到报案，等待先行赔付的 {state.waits_for} 定论后送审"
    return "已收到报案，等待受理"


def _evidence_required(state: ClaimState) -> str:
    until = "" if state.due_on is None else f"，请在 {_day(state.due_on)}前补齐"
    return f"还缺 {state.papers_asked} 份材料{until}"


def _pending_approval(state: ClaimState) -> str:
    until = "" if state.due_on is None else f"，最迟 {_day(state.due_on)}"
    return f"正在由民政核实或审批{until}"


def _paying(state: ClaimState) -> str:
    if state.payout_stopped:
        return "银行未能入账，请核对并更正收款账户，更正后重新发放"
    if state.account_wrong:
        return "收款户名与账号不符，请核对并更正收款账户，更正后发放"
    return "款项正在发放"


def _ended(state: ClaimState) -> str:
    return _paid(state) if state.paid_fen > 0 else f"已办结：{_outcome(state)}"


def _paid(state: ClaimState) -> str:
    on = "" if state.paid_on is None else f"于 {_day(state.paid_on)}"
    account = "" if state.account_last4 is None else f"尾号 {state.account_last4} 的账户"
    return f"{yuan_zh(state.paid_fen)}已{on}到账{account}"


def _outcome(state: ClaimState) -> str:
    if state.outcome is None:
        return "—"
    label = OUTCOME_ZH[state.outcome]
    if state.decided_fen:
        return f"{label} {yuan_zh(state.decided_fen)}"
    parts = [part for part in (state.clause, state.reason_zh) if part]
    return f"{label}（{'：'.join(parts)}）" if parts else label


def _day(day: date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


_SENTENCES: dict[ClaimStatus, Callable[[ClaimState], str]] = {
    ClaimStatus.SUBMITTED: _submitted,
    ClaimStatus.EVIDENCE_REQUIRED: _evidence_required,
    ClaimStatus.UNDER_REVIEW: lambda state: (
        "保险公司正在核实" if state.insured else "正在由民政重新审核"
    ),
    ClaimStatus.PENDING_APPROVAL: _pending_approval,
    ClaimStatus.DECIDED: lambda state: f"已定论：{_outcome(state)}",
    ClaimStatus.PAYING: _paying,
    ClaimStatus.PAID: _ended,
    ClaimStatus.CLOSED: _ended,
    ClaimStatus.WITHDRAWN: lambda _: "已撤回，可重新报案",
}
