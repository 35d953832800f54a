"""我的待办: what waits for somebody, in which role, and how it is said."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.domain.caller import Role
from app.domain.exchange_words import FAILURE_ZH, REASONS
from app.domain.lifecycle import PAYOUT_ZH
from app.domain.matching import KIND_ZH


class TaskKind(StrEnum):
    """What is to be done."""

    SUPPLY_PAPERS = "supply_papers"
    PAPERS_FOLLOW = "papers_follow"
    CORRECT_ACCOUNT = "correct_account"
    CONFIRM_ACCOUNT = "confirm_account"
    FINISH_DRAFT = "finish_draft"
    FIND_COVER = "find_cover"
    CHECK_FACTS = "check_facts"
    APPROVE = "approve"
    DECIDE_FUND_CLAIM = "decide_fund_claim"
    CONFIRM_DECISION = "confirm_decision"
    CONFIRM_OVERRIDE = "confirm_override"
    CONFIRM_SCALE_BACK = "confirm_scale_back"
    CONFIRM_ADVANCE = "confirm_advance"
    RESOLVE_DIFFERENCE = "resolve_difference"
    ANSWER_APPEAL = "answer_appeal"
    RECHECK = "recheck"
    OWN_ITEM = "own_item"
    RESOLVE_ITEM = "resolve_item"
    CONFIRM_CARRY = "confirm_carry"
    CLOSE_DAY = "close_day"
    GIVE_STATEMENT = "give_statement"
    MEND_HELD_POLICY = "mend_held_policy"
    DECIDE_CLAIM = "decide_claim"
    PAY_CLAIM = "pay_claim"
    SETTLE_INSTRUCTION = "settle_instruction"
    SETTLE_CALLBACK = "settle_callback"
    DEAD_JOB = "dead_job"
    PAUSED_LANE = "paused_lane"
    RED_INVARIANT = "red_invariant"
    MEND_ENDPOINT = "mend_endpoint"
    RENEW_KEY = "renew_key"
    CONFIRM_ERASURE = "confirm_erasure"


@dataclass(frozen=True, slots=True)
class TaskWords:
    """How a kind is called and said; `{number}` is the thing's number, `{detail}` what it adds."""

    label_zh: str
    zh: str
    en: str


K, W = TaskKind, TaskWords
TASK_WORDS: dict[TaskKind, TaskWords] = {
    K.SUPPLY_PAPERS: W(
        "补充材料",
        "赔案 {number} 还缺 {detail} 份材料，请上传",
        "Claim {number} lacks {detail} paper(s): upload them",
    ),
    K.PAPERS_FOLLOW: W(
        "补齐后补材料",
        "赔案 {number} 先行救助，还有 {detail} 份材料须补交",
        "Claim {number} was paid first: {detail} paper(s) are to follow",
    ),
    K.CORRECT_ACCOUNT: W(
        "更正收款账户",
        "赔案 {number} 的赔款未能到账（{detail}），请核对并更正账户",
        "A payout of claim {number} bounced ({detail}): correct the account",
    ),
    K.CONFIRM_ACCOUNT: W(
        "复核账户更正",
        "赔案 {number} 的收款账户更正待另一人复核",
        "A corrected account of claim {number} waits for a second person",
    ),
    K.FINISH_DRAFT: W(
        "提交或作废草稿",
        "报案草稿 {number} 尚未提交",
        "Draft {number} is not submitted yet",
    ),
    K.FIND_COVER: W(
        "核对无保障报案",
        "报案 {number} 没有对应的保障，请核对名册或另行救助",
        "No cover responds to notice {number}: check the roster or help otherwise",
    ),
    K.CHECK_FACTS: W(
        "核实事实",
        "赔案 {number} 待民政核实，逾期自动报送保险公司",
        "Claim {number} waits for the check of facts; when due it goes to its insurer by itself",
    ),
    K.APPROVE: W(
        "授权内审批",
        "赔案 {number} 在授权额度内（{detail} 元），请审批",
        "Claim {number} is within the delegation ({detail} yuan): approve or decline it",
    ),
    K.DECIDE_FUND_CLAIM: W(
        "基金赔案审批",
        "赔案 {number} 待民政审批（理算 {detail} 元）",
        "Claim {number} waits for a decision (assessed {detail} yuan)",
    ),
    K.CONFIRM_DECISION: W(
        "确认结论",
        "赔案 {number} 的结论待另一人确认",
        "A proposed decision on claim {number} waits for a second person",
    ),
    K.CONFIRM_OVERRIDE: W(
        "确认特批",
        "赔案 {number} 的特批待另一人确认",
        "An override on claim {number} waits for a second person",
    ),
    K.CONFIRM_SCALE_BACK: W(
        "确认按比例回调",
        "保单 {number} 的按比例回调待另一人确认",
        "A scale-back of policy {number} waits for a second person",
    ),
    K.CONFIRM_ADVANCE: W(
        "确认预付赔款",
        "赔案 {number} 的预付赔款待另一人确认",
        "An advance on claim {number} waits for a second person",
    ),
    K.RESOLVE_DIFFERENCE: W(
        "处理核定差异",
        "赔案 {number} 的核定金额与理算不同，请认可或提出异议",
        "Claim {number} was decided otherwise than assessed: accept or dispute it",
    ),
    K.ANSWER_APPEAL: W(
        "答复申诉",
        "赔案 {number} 有申诉或投诉待答复",
        "An appeal or complaint on claim {number} waits for its answer",
    ),
    K.RECHECK: W(
        "抽查复核",
        "赔案 {number} 被抽中复核（授权审批），请由他人复核",
        "Claim {number}, decided under a delegation, was drawn: look at it again",
    ),
    K.OWN_ITEM: W(
        "认领对账差异",
        "对账 {number} 有差异待认领：{detail}",
        "A difference of {number} has no owner: {detail}",
    ),
    K.RESOLVE_ITEM: W(
        "处理对账差异",
        "您认领的对账差异待处理：{number} {detail}",
        "A difference of {number} that you own waits: {detail}",
    ),
    K.CONFIRM_CARRY: W(
        "确认挂账",
        "对账 {number} 的挂账待另一人确认：{detail}",
        "Carrying forward in {number} waits for a second person: {detail}",
    ),
    K.CLOSE_DAY: W(
        "对账封账",
        "对账 {number} 尚未封账",
        "{number} is not closed yet",
    ),
    K.GIVE_STATEMENT: W(
        "提交对账单",
        "{detail} 的对账单尚未提交（{number}）",
        "The statement of {detail} is missing ({number})",
    ),
    K.MEND_HELD_POLICY: W(
        "处理暂停发放",
        "保单 {number} 的发放已暂停：{detail}",
        "Payouts of policy {number} are on hold: {detail}",
    ),
    K.DECIDE_CLAIM: W(
        "核定赔案",
        "赔案 {number} 待核定",
        "Claim {number} waits for its decision",
    ),
    K.PAY_CLAIM: W(
        "支付赔款",
        "赔案 {number} 的赔款待支付",
        "Claim {number} waits to be paid",
    ),
    K.SETTLE_INSTRUCTION: W(
        "处理停下的指令",
        "赔案 {detail} 的报送指令已停下，请重发或人工认定",
        "An instruction of claim {detail} is parked: resend or resolve it",
    ),
    K.SETTLE_CALLBACK: W(
        "处理搁置的回调",
        "回调 {number} 搁置：{detail}",
        "Callback {number} is parked: {detail}",
    ),
    K.DEAD_JOB: W(
        "处理失败的任务",
        "任务 {number}（{detail}）多次失败已停止",
        "Job {number} ({detail}) has failed too often",
    ),
    K.PAUSED_LANE: W(
        "恢复通道",
        "通道 {number} 已暂停",
        "Lane {number} is paused",
    ),
    K.RED_INVARIANT: W(
        "核查不变量",
        "不变量 {number} 不成立，共 {detail} 处",
        "Invariant {number} is broken in {detail} place(s)",
    ),
    K.MEND_ENDPOINT: W(
        "恢复事件接收地址",
        "事件接收地址 {number} 已自动停用：{detail}",
        "Endpoint {number} was switched off: {detail}",
    ),
    K.RENEW_KEY: W(
        "更换将到期的密钥",
        "密钥 {detail} 即将到期",
        "Key {detail} is about to expire",
    ),
    K.CONFIRM_ERASURE: W(
        "确认删除个人信息",
        "一项删除个人信息的申请待另一人确认",
        "An erasure waits for a second person",
    ),
}
ROLE_TASKS: dict[Role, tuple[TaskKind, ...]] = {
    Role.TOWNSHIP: (
        K.SUPPLY_PAPERS,
        K.PAPERS_FOLLOW,
        K.CORRECT_ACCOUNT,
        K.FINISH_DRAFT,
        K.APPROVE,
    ),
    Role.COUNTY: (
        K.CONFIRM_ACCOUNT,
        K.CORRECT_ACCOUNT,
        K.FIND_COVER,
        K.CHECK_FACTS,
        K.DECIDE_FUND_CLAIM,
        K.CONFIRM_DECISION,
        K.CONFIRM_OVERRIDE,
        K.CONFIRM_SCALE_BACK,
        K.CONFIRM_ADVANCE,
        K.RESOLVE_DIFFERENCE,
        K.ANSWER_APPEAL,
        K.RECHECK,
        K.OWN_ITEM,
        K.RESOLVE_ITEM,
        K.CONFIRM_CARRY,
        K.CLOSE_DAY,
        K.MEND_HELD_POLICY,
        K.MEND_ENDPOINT,
    ),
    Role.PREFECTURE: (K.MEND_ENDPOINT,),
    Role.PROVINCE: (K.MEND_ENDPOINT,),
    Role.DASHBOARD: (K.MEND_ENDPOINT,),
    Role.INSURER: (K.DECIDE_CLAIM, K.PAY_CLAIM, K.GIVE_STATEMENT, K.MEND_ENDPOINT),
    Role.SYSTEM: (
        K.SETTLE_INSTRUCTION,
        K.SETTLE_CALLBACK,
        K.DEAD_JOB,
        K.PAUSED_LANE,
        K.RED_INVARIANT,
        K.MEND_HELD_POLICY,
        K.MEND_ENDPOINT,
    ),
    Role.SECURITY: (K.RENEW_KEY, K.CONFIRM_ERASURE),
    Role.AUDIT: (),
}
del K, W
# Whose day depends on papers, working days and what the policy agrees: worked out by the clocks.
BY_CLOCK = frozenset({TaskKind.DECIDE_CLAIM, TaskKind.PAY_CLAIM})


_STOPPED = {**FAILURE_ZH, **{status.value: zh for status, zh in PAYOUT_ZH.items()}}
_DIFFERENCES = {kind.value: zh for kind, zh in KIND_ZH.items()}


def is_overdue(due_on: date | None, today: date) -> bool:
    """Tell whether the day by which a task is due has passed (days in Asia/Shanghai)."""
    return due_on is not None and due_on < today


def sentences(kind: TaskKind, number: str, detail: str | None) -> tuple[str, str]:
    """Say a task in Chinese and in English."""
    words, (detail_zh, detail_en) = TASK_WORDS[kind], _said(kind, detail or "")
    return (
        words.zh.format(number=number, detail=detail_zh),
        words.en.format(number=number, detail=detail_en),
    )


def _said(kind: TaskKind, detail: str) -> tuple[str, str]:
    """Put the codes that a task adds into words; amounts, days and numbers stand for themselves."""
    code, _, claim_no = detail.partition(" ")
    plain = detail.replace("_", " ")
    match kind:
        case TaskKind.SETTLE_CALLBACK:
            return REASONS.get(detail, (detail, detail))
        case TaskKind.CORRECT_ACCOUNT:
            return _STOPPED.get(detail, detail), plain
        case TaskKind.OWN_ITEM | TaskKind.RESOLVE_ITEM | TaskKind.CONFIRM_CARRY:
            return f"{_DIFFERENCES.get(code, code)} {claim_no}".strip(), plain
        case _:
            return detail, detail
