"""Policies: the words they are kept in, what a new one must say, and where it stands on a day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.domain.days_off import DayCount
from app.domain.errors import Fault
from app.domain.money import BP
from app.domain.terms import TermsKind

PAYER_RANK = 100  # places put their payers in order with numbers around it
WAITING_DAYS = 15
CHECK_DAYS = 5
DAYS_MAX = 366
DECIDE_DAYS = 30  # Insurance Law art. 23; one contract text found says 60
PAY_DAYS = 10  # Insurance Law art. 23
LIMITATIONS = (2, 5)  # years; art. 26: other than life insurance, life insurance
PREMIUM_FEN_MAX = 10**9
TOLERANCE_FEN_MAX = 10**9
PAYERS_MAX = 20


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
    """Where a policy stands on a day; worked out from its status, its period and its successor."""

    QUOTED = "quoted"
    ACTIVE = "active"
    PENDING_START = "pending_start"
    EXPIRED = "expired"
    RENEWED = "renewed"
    CANCELLED = "cancelled"


class PremiumBy(StrEnum):
    """How the premium of somebody who joins or leaves during the period is counted.

    By day; by calendar months begun; or not at all: who joins pays in full, who leaves gets nothing
    back.
    """

    DAY = "day"
    MONTH = "month"
    NONE = "none"


STATE_ZH: dict[PolicyState, str] = {
    PolicyState.QUOTED: "询价",
    PolicyState.ACTIVE: "保障中",
    PolicyState.PENDING_START: "未生效",
    PolicyState.EXPIRED: "已到期",
    PolicyState.RENEWED: "已续保",
    PolicyState.CANCELLED: "已退保",
}
PREMIUM_BY_ZH: dict[PremiumBy, str] = {
    PremiumBy.DAY: "按日计",
    PremiumBy.MONTH: "按月计",
    PremiumBy.NONE: "不按期折算",
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
class Payer:
    """Who bears which part of the premium, in basis points."""

    code: str
    name_zh: str
    share_bp: int


BUREAU = Payer("bureau", "民政部门", BP)  # bears the whole where nothing else is said


@dataclass(frozen=True, slots=True)
class Contract:
    """What a policy agrees on beyond its terms.

    `tolerance_fen`: how far the insurer's amount may be from ours without being a difference.
    `decide_days`, `pay_days`: the insurer's days, counted as `day_count` says; with
    `papers_stop_clock` the days rest while papers that were asked for are missing.
    `limitation_years` runs for the family. The premium is due on `premium_due_on`; None: on the
    first day of the period.
    """

    premium_by: PremiumBy = PremiumBy.DAY
    premium_due_on: date | None = None
    tolerance_fen: int = 0
    day_count: DayCount = DayCount.CALENDAR
    papers_stop_clock: bool = True
    decide_days: int = DECIDE_DAYS
    pay_days: int = PAY_DAYS
    limitation_years: int = LIMITATIONS[0]


@dataclass(frozen=True, slots=True)
class NewPolicy:
    """A policy to issue, both days of its period inclusive (Asia/Shanghai).

    `area_code` is the area that it covers, 12 digits. `approval` None is the default of its kind:
    none for insurance, ladder for a fund. An indemnity waits at most `waiting_days` for payers of
    an earlier rank; a county check passes by itself after `check_days`; a paid claim closes after
    `return_window_days`. Of the policies in one `exclusive_group` only the first in payer order
    opens a claim. Without `payers` the premium is borne as the terms say, or else by the bureau.
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
    status: PolicyStatus = PolicyStatus.ACTIVE
    payers: tuple[Payer, ...] = ()
    contract: Contract = Contract()


def approval_of(policy: NewPolicy, kind: TermsKind) -> Approval:
    """Give the approval that is asked for, or the default of the kind."""
    if policy.approval is not None:
        return policy.approval
    return Approval.LADDER if kind is TermsKind.FUND else Approval.NONE


def policy_faults(policy: NewPolicy, kind: TermsKind) -> tuple[Fault, ...]:
    """Tell what is wrong with a policy on terms of a kind; empty when nothing is."""
    return (
        *_plain_faults(policy),
        *_share_faults(policy, kind),
        *_approval_faults(policy, kind),
        *_payer_faults(policy, kind),
        *_contract_faults(policy.contract),
    )


def states_of(
    status: PolicyStatus,
    period_from: date,
    period_to: date,
    today: date,
    *,
    cancelled_from: date | None = None,
    renewed: bool = False,
) -> tuple[PolicyState, ...]:
    """Tell where a policy stands today; several states may hold.

    One that is cancelled from a later day still covers until then; without a day it is over.
    """
    states = [] if status is PolicyStatus.ACTIVE else [PolicyState(status)]
    covers_to = period_to
    if status is PolicyStatus.CANCELLED:
        covers_to = (cancelled_from or period_from) - timedelta(days=1)
    covers = status is not PolicyStatus.QUOTED and covers_to >= period_from
    if today > period_to:
        states.append(PolicyState.EXPIRED)
    elif covers and today <= covers_to:
        states.append(PolicyState.PENDING_START if today < period_from else PolicyState.ACTIVE)
    if renewed:
        states.append(PolicyState.RENEWED)
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


def _payer_faults(policy: NewPolicy, kind: TermsKind) -> Iterator[Fault]:
    payers = policy.payers
    if not payers:
        return
    if kind is TermsKind.FUND:
        yield _fault("/payers", "基金没有保费", "a fund has no premium")
        return
    if sum(payer.share_bp for payer in payers) != BP or any(p.share_bp < 1 for p in payers):
        yield _fault("/payers", "各出资方比例之和须为 100%", "the payers' shares must sum to 100 %")
    if len({payer.code for payer in payers}) != len(payers):
        yield _fault("/payers", "同一出资方只能列一次", "a payer is listed once")


def _contract_faults(contract: Contract) -> Iterator[Fault]:
    if not 0 <= contract.tolerance_fen <= TOLERANCE_FEN_MAX:
        yield _fault("/tolerance", "容差超出范围", "the tolerance is out of range")
    for name in ("decide_days", "pay_days"):
        if not 1 <= getattr(contract, name) <= DAYS_MAX:
            yield _fault(f"/{name}", "天数须为 1 至 366", "days are 1 to 366")
    if contract.limitation_years not in LIMITATIONS:
        yield _fault("/limitation_years", "时效须为 2 年或 5 年", "limitation is 2 or 5 years")


def _fault(pointer: str, message_zh: str, message_en: str) -> Fault:
    return Fault(pointer, "validation.failed", message_zh, message_en)
