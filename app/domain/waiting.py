"""为什么还没到账: the one step that a claim waits for, who holds it and the latest day for it."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.domain.clocks import Clock, ClockKind
from app.domain.lifecycle import ClaimStatus, PayoutStatus
from app.domain.pend_words import pend_zh


class WaitStep(StrEnum):
    """What a claim waits for."""

    ASSESSMENT = "assessment"
    EARLIER_PAYER = "earlier_payer"
    APPROVAL = "approval"
    PAPERS = "papers"
    SENDING = "sending"
    LANE_PAUSED = "lane_paused"
    INSURER_AWAY = "insurer_away"
    ANSWER_LOST = "answer_lost"
    PARKED = "parked"
    INSURER_REVIEW = "insurer_review"
    BUREAU_REVIEW = "bureau_review"
    HOLD = "hold"
    ACCOUNT = "account"
    ACCOUNT_NAME = "account_name"
    ACCOUNT_CHECK = "account_check"
    PAYMENT_ORDER = "payment_order"
    INSTALMENT = "instalment"
    INSURER_PAYMENT = "insurer_payment"
    BANK = "bank"


class Holder(StrEnum):
    """Who has to act."""

    SERVICE = "service"
    SYSTEM = "system"
    TOWNSHIP = "township"
    COUNTY = "county"
    BUREAU = "bureau"
    INSURER = "insurer"
    BANK = "bank"


HOLDER_ZH: dict[Holder, str] = {
    Holder.SERVICE: "本系统",
    Holder.SYSTEM: "系统管理员",
    Holder.TOWNSHIP: "乡镇",
    Holder.COUNTY: "县民政",
    Holder.BUREAU: "民政",
    Holder.INSURER: "保险公司",
    Holder.BANK: "银行",
}
HOLDER_EN: dict[Holder, str] = {
    Holder.SERVICE: "this service",
    Holder.SYSTEM: "the operator of this service",
    Holder.TOWNSHIP: "the township",
    Holder.COUNTY: "the county",
    Holder.BUREAU: "the civil-affairs office",
    Holder.INSURER: "the insurer",
    Holder.BANK: "the bank",
}
STEP_ZH: dict[WaitStep, str] = {
    WaitStep.ASSESSMENT: "正在理算",
    WaitStep.EARLIER_PAYER: "等待先行赔付的赔案定论",
    WaitStep.APPROVAL: "等待民政核实或审批",
    WaitStep.PAPERS: "等待补齐材料",
    WaitStep.SENDING: "正在报送保险公司",
    WaitStep.LANE_PAUSED: "已暂停向该保险公司报送",
    WaitStep.INSURER_AWAY: "保险公司系统暂时不通，正在自动重试",
    WaitStep.ANSWER_LOST: "已报送，尚未收到保险公司的确认，正在核实",
    WaitStep.PARKED: "报送未成，须人工处理",
    WaitStep.INSURER_REVIEW: "等待保险公司核定",
    WaitStep.BUREAU_REVIEW: "等待民政重新审核",
    WaitStep.HOLD: "本保单的发放已暂停",
    WaitStep.ACCOUNT: "银行未能入账，等待更正收款账户",
    WaitStep.ACCOUNT_NAME: "收款户名与账号不符，等待更正收款账户",
    WaitStep.ACCOUNT_CHECK: "收款账户已更正，等待另一人复核",
    WaitStep.PAYMENT_ORDER: "等待送银行发放",
    WaitStep.INSTALMENT: "已到期的各期已到账，等待下一期到期",
    WaitStep.INSURER_PAYMENT: "等待保险公司付款",
    WaitStep.BANK: "银行正在入账",
}
STEP_EN: dict[WaitStep, str] = {
    WaitStep.ASSESSMENT: "it is being assessed",
    WaitStep.EARLIER_PAYER: "a claim that pays first must be decided",
    WaitStep.APPROVAL: "it must be checked or approved",
    WaitStep.PAPERS: "papers are missing",
    WaitStep.SENDING: "it is on its way to the insurer",
    WaitStep.LANE_PAUSED: "sending to this insurer is paused",
    WaitStep.INSURER_AWAY: "the insurer's system cannot be reached and is tried again",
    WaitStep.ANSWER_LOST: "it was sent, and whether the insurer has it is being found out",
    WaitStep.PARKED: "it could not be sent and a person must look into it",
    WaitStep.INSURER_REVIEW: "the insurer must decide",
    WaitStep.BUREAU_REVIEW: "it is being reviewed again",
    WaitStep.HOLD: "payouts of this policy are on hold",
    WaitStep.ACCOUNT: "the bank could not pay in and the account must be corrected",
    WaitStep.ACCOUNT_NAME: "the account is not in the payee's name and must be corrected",
    WaitStep.ACCOUNT_CHECK: "a corrected account must be confirmed by a second person",
    WaitStep.PAYMENT_ORDER: "it must be ordered at the bank",
    WaitStep.INSTALMENT: "what was due is paid and the next instalment is not due yet",
    WaitStep.INSURER_PAYMENT: "the insurer must pay",
    WaitStep.BANK: "the bank is paying it in",
}
_HELD_BY: dict[WaitStep, Holder] = {
    WaitStep.ASSESSMENT: Holder.SERVICE,
    WaitStep.EARLIER_PAYER: Holder.INSURER,
    WaitStep.APPROVAL: Holder.BUREAU,
    WaitStep.PAPERS: Holder.TOWNSHIP,
    WaitStep.SENDING: Holder.SERVICE,
    WaitStep.LANE_PAUSED: Holder.SYSTEM,
    WaitStep.INSURER_AWAY: Holder.INSURER,
    WaitStep.ANSWER_LOST: Holder.INSURER,
    WaitStep.PARKED: Holder.SYSTEM,
    WaitStep.INSURER_REVIEW: Holder.INSURER,
    WaitStep.BUREAU_REVIEW: Holder.COUNTY,
    WaitStep.HOLD: Holder.SYSTEM,
    WaitStep.ACCOUNT: Holder.TOWNSHIP,
    WaitStep.ACCOUNT_NAME: Holder.TOWNSHIP,
    WaitStep.ACCOUNT_CHECK: Holder.COUNTY,
    WaitStep.PAYMENT_ORDER: Holder.COUNTY,
    WaitStep.INSTALMENT: Holder.SERVICE,
    WaitStep.INSURER_PAYMENT: Holder.INSURER,
    WaitStep.BANK: Holder.BANK,
}
_STOPPED = frozenset({PayoutStatus.FAILED, PayoutStatus.RETURNED})
_OPEN = frozenset({PayoutStatus.PENDING, PayoutStatus.SENT})


@dataclass(frozen=True, slots=True)
class Asking:
    """An instruction to the insurer without its last answer, and the lane that it travels by."""

    state: str
    lane_paused: bool
    lane_rests: bool


@dataclass(frozen=True, slots=True)
class WaitFacts:
    """What the step is found from; days in Asia/Shanghai, `decided_fen` in fen.

    `payouts` are the states of the claim's payouts, `pend_code` and `pend_said_zh` why the insurer
    has not decided, `held_zh` why no payout is ordered, `account_proposed`: a corrected account
    waits for its second person; `account_wrong`: an account is somebody else's; `next_due_on`: the
    day of the next instalment.
    """

    status: ClaimStatus
    insured: bool
    submitted_on: date
    waits_for: str | None = None
    waiting_days: int = 0
    decided_fen: int | None = None
    papers_asked: int = 0
    asking: Asking | None = None
    pend_code: str | None = None
    pend_said_zh: str | None = None
    held_zh: str | None = None
    payouts: tuple[PayoutStatus, ...] = ()
    account_proposed: bool = False
    account_wrong: bool = False
    next_due_on: date | None = None
    clocks: tuple[Clock, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """The blocking step, who holds it, and by when at the latest; None: no day is named for it."""

    step: WaitStep
    holder: Holder
    until: date | None
    overdue: bool
    sentence_zh: str
    sentence_en: str


def waiting(facts: WaitFacts, today: date) -> Waiting | None:
    """Say why the money has not arrived; None when it has, or when there is none to come."""
    found = _step(facts)
    if found is None:
        return None
    step, clock, more_zh = found
    holder = _HELD_BY[step]
    until = _until(facts, step, clock)
    overdue = until is not None and until < today
    return Waiting(
        step,
        holder,
        until,
        overdue,
        _sentence_zh(step, holder, until, more_zh, overdue=overdue),
        _sentence_en(step, holder, until, overdue=overdue),
    )


_Found = tuple[WaitStep, ClockKind | None, str]


def _step(facts: WaitFacts) -> _Found | None:
    match facts.status:
        case ClaimStatus.SUBMITTED:
            return _before_review(facts)
        case ClaimStatus.PENDING_APPROVAL:
            return WaitStep.APPROVAL, ClockKind.APPROVAL, ""
        case ClaimStatus.EVIDENCE_REQUIRED:
            more = f"（{facts.papers_asked} 份）" if facts.papers_asked else ""
            return _sending(facts) or (WaitStep.PAPERS, ClockKind.PAPERS, more)
        case ClaimStatus.UNDER_REVIEW:
            return _sending(facts) or _review(facts)
        case ClaimStatus.DECIDED | ClaimStatus.PAYING:
            return _payment(facts)
        case _:
            return None


def _before_review(facts: WaitFacts) -> _Found:
    if facts.waits_for is not None and facts.asking is None:
        return WaitStep.EARLIER_PAYER, None, f"（{facts.waits_for}）"
    return _sending(facts) or (WaitStep.ASSESSMENT, None, "")


def _sending(facts: WaitFacts) -> _Found | None:
    asking = facts.asking
    if asking is None:
        return None
    if asking.state == "parked":
        return WaitStep.PARKED, None, ""
    if asking.lane_paused:
        return WaitStep.LANE_PAUSED, None, ""
    if asking.lane_rests:
        return WaitStep.INSURER_AWAY, None, ""
    if asking.state in ("sent", "unknown"):
        return WaitStep.ANSWER_LOST, None, ""
    return WaitStep.SENDING, None, ""


def _review(facts: WaitFacts) -> _Found:
    if not facts.insured:
        return WaitStep.BUREAU_REVIEW, None, ""
    if facts.pend_code is None:
        return WaitStep.INSURER_REVIEW, ClockKind.DECIDE, ""
    said = f"：{facts.pend_said_zh}" if facts.pend_said_zh else ""
    return WaitStep.INSURER_REVIEW, ClockKind.DECIDE, f"（{pend_zh(facts.pend_code)}{said}）"


def _payment(facts: WaitFacts) -> _Found | None:
    if not facts.decided_fen:
        return None
    return _obstacle(facts) or _sending(facts) or _on_its_way(facts)


def _obstacle(facts: WaitFacts) -> _Found | None:
    if facts.account_proposed:
        return WaitStep.ACCOUNT_CHECK, None, ""
    if _STOPPED & set(facts.payouts):
        return WaitStep.ACCOUNT, None, ""
    if facts.account_wrong:
        return WaitStep.ACCOUNT_NAME, None, ""
    if facts.held_zh is not None:
        return WaitStep.HOLD, None, f"：{facts.held_zh}"
    return None


def _on_its_way(facts: WaitFacts) -> _Found:
    if facts.payouts and not _OPEN & set(facts.payouts):
        return WaitStep.INSTALMENT, None, ""
    if facts.insured:
        return WaitStep.INSURER_PAYMENT, ClockKind.PAY, ""
    if PayoutStatus.PENDING in facts.payouts or not facts.payouts:
        return WaitStep.PAYMENT_ORDER, None, ""
    return WaitStep.BANK, None, ""


def _until(facts: WaitFacts, step: WaitStep, kind: ClockKind | None) -> date | None:
    if step is WaitStep.EARLIER_PAYER:
        return facts.submitted_on + timedelta(days=facts.waiting_days)
    if step is WaitStep.INSTALMENT:
        return facts.next_due_on
    owed = (clock.due_on for clock in facts.clocks if clock.kind is kind and clock.done_on is None)
    return next(owed, None)


def _sentence_zh(
    step: WaitStep, holder: Holder, until: date | None, more: str, *, overdue: bool
) -> str:
    said = f"{STEP_ZH[step]}{more}，由{HOLDER_ZH[holder]}办理"
    if until is None:
        return f"{said}，未定最迟日期"
    day = f"{until.year} 年 {until.month} 月 {until.day} 日"
    return f"{said}，已超过最迟日期 {day}" if overdue else f"{said}，最迟 {day}"


def _sentence_en(step: WaitStep, holder: Holder, until: date | None, *, overdue: bool) -> str:
    said = f"Not paid yet: {STEP_EN[step]}; with {HOLDER_EN[holder]}"
    if until is None:
        return f"{said}, no latest day is set."
    return f"{said}, {'overdue since' if overdue else 'by'} {until.isoformat()}."
