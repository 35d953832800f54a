"""Policies: the words they are kept in, what a new one must say, and where it stands on a day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.domain.errors import Fault
from app.domain.money import BP
from app.domain.terms import TermsKind

PAYER_RANK = 100  # places put their payers in order with numbers around it
WAITING_DAYS = 15
CHECK_DAYS = 5
DAYS_MAX = 366
PREMIUM_FEN_MAX = 10**9


class Approval(StrEnum):
    """What stands between an assessment and the insurer, or the fund's money."""

    NONE = "none"
    COUNTY_CHECK = "county_check"
    LADDER = "ladder"


class PolicyStatus(StrEnum):
    """What is kept of a policy."""

    QUOTED = "quoted"
    ACTIVE = "active"
    CANCELLED = "cancelled"


class PolicyState(StrEnum):
    """Where a policy stands on a day; worked out from its status and its period."""

    QUOTED = "quoted"
    ACTIVE = "active"
    PENDING_START = "pending_start"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


STATE_ZH: dict[PolicyState, str] = {
    PolicyState.QUOTED: "询价",
    PolicyState.ACTIVE: "保障中",
    PolicyState.PENDING_START: "未生效",
    PolicyState.EXPIRED: "已到期",
    PolicyState.CANCELLED: "已退保",
}
APPROVAL_ZH: dict[Approval, str] = {
    Approval.NONE: "直接报送",
    Approval.COUNTY_CHECK: "县民政核实",
    Approval.LADDER: "分级审批",
}


@dataclass(frozen=True, slots=True)
class Share:
    """One insurer's part of a policy in basis points; the lead (首席承保人) deals with claims."""

    insurer_code: str
    share_bp: int
    lead: bool


@dataclass(frozen=True, slots=True)
class NewPolicy:
    """A policy to issue, both days of its period inclusive (Asia/Shanghai).

    `area_code` is the area that it covers, 12 digits. `approval` None is the default of its kind:
    none for insurance, ladder for a fund. An indemnity waits at most `waiting_days` for payers of
    an earlier rank; a county check passes by itself after `check_days`; a paid claim closes after
    `return_window_days`. Of the policies in one `exclusive_group` only the first in payer order
    opens a claim.
    """

    policy_no: str
    scheme_code: str
    area_code: int
    period_from: date
    period_to: date
    shares: tuple[Share, ...] = ()
    premium_per_person_fen: int = 0
    approval: Approval | None = None
    payer_rank: int = PAYER_RANK
    waiting_days: int = WAITING_DAYS
    check_days: int = CHECK_DAYS
    return_window_days: int = 0
    exclusive_group: str | None = None


def approval_of(policy: NewPolicy, kind: TermsKind) -> Approval:
    """Give the approval that is asked for, or the default of the kind."""
    if policy.approval is not None:
        return policy.approval
    return Approval.LADDER if kind is TermsKind.FUND else Approval.NONE


def policy_faults(policy: NewPolicy, kind: TermsKind) -> tuple[Fault, ...]:
    """Tell what is wrong with a policy on terms of a kind; empty when nothing is."""
    return (*_plain_faults(policy), *_share_faults(policy, kind), *_approval_faults(policy, kind))


def states_of(
    status: PolicyStatus, period_from: date, period_to: date, today: date
) -> tuple[PolicyState, ...]:
    """Tell where a policy stands today; a cancelled one may also be over."""
    states = [] if status is PolicyStatus.ACTIVE else [PolicyState(status)]
    if today > period_to:
        states.append(PolicyState.EXPIRED)
    elif status is PolicyStatus.ACTIVE:
        states.append(PolicyState.PENDING_START if today < period_from else PolicyState.ACTIVE)
    return tuple(states)


def _plain_faults(policy: NewPolicy) -> Iterator[Fault]:
    if policy.period_from > policy.period_to:
        yield _fault("/period_to", "保险止期早于起期", "the period ends before it begins")
    if not 0 <= policy.premium_per_person_fen <= PREMIUM_FEN_MAX:
        yield _fault("/premium_per_person", "保费超出范围", "the premium is out of range")
    for name in ("waiting_days", "check_days", "return_window_days"):
        if not 0 <= getattr(policy, name) <= DAYS_MAX:
            yield _fault(f"/{name}", "天数须为 0 至 366", "days are 0 to 366")


def _share_faults(policy: NewPolicy, kind: TermsKind) -> Iterator[Fault]:
    shares = policy.shares
    if kind is TermsKind.FUND:
        if shares:
            yield _fault("/shares", "基金由民政自行支付，没有承保人", "a fund has no insurer")
        return
    if sum(share.share_bp for share in shares) != BP:
        yield _fault("/shares", "各承保人份额之和须为 100%", "shares must sum to 100 %")
    if any(share.share_bp < 1 for share in shares):
        yield _fault("/shares", "每个份额须大于零", "each share is above zero")
    if len({share.insurer_code for share in shares}) != len(shares):
        yield _fault("/shares", "同一承保人只能列一次", "an insurer is listed once")
    if sum(share.lead for share in shares) != 1:
        yield _fault("/shares", "须有且只有一个首席承保人", "exactly one insurer leads")


def _approval_faults(policy: NewPolicy, kind: TermsKind) -> Iterator[Fault]:
    approval = approval_of(policy, kind)
    if (approval is Approval.LADDER) != (kind is TermsKind.FUND):
        yield _fault(
            "/approval",
            "分级审批只用于基金；保险的赔付由保险公司决定",
            "the ladder is for funds; an insurer decides insured claims",
        )


def _fault(pointer: str, message_zh: str, message_en: str) -> Fault:
    return Fault(pointer, "validation.failed", message_zh, message_en)
