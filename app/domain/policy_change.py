"""What of a policy may be changed after it was issued, and by which way the rest changes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date

from app.domain.errors import Fault
from app.domain.policy import DAYS_MAX, TOLERANCE_FEN_MAX

ENDORSE = (
    "增减人员请办理批改（endorsements）。",
    "People are added and removed by an endorsement.",
)
RENEW = (
    "本期内不能改，请在续保（:renew）时约定，或退保后重新出具。",
    "It stands for the whole period: agree on it at the renewal, or cancel and issue anew.",
)
# What is agreed with others for the whole period; claims are computed and timed by it.
FIXED: dict[str, tuple[str, str]] = {
    "policy_no": ("保单号是保单的名字，不能修改。", "The number names the policy for ever."),
    "scheme": RENEW,
    "area_code": RENEW,
    "period_from": RENEW,
    "period_to": (
        "提前终止请办理退保（:cancel），延长请续保（:renew）。",
        "Cancel it to end it earlier, renew it to go on.",
    ),
    "shares": RENEW,
    "premium_per_person": RENEW,
    "approval": RENEW,
    "status": (
        "请用生效（:activate）或退保（:cancel）。",
        "A policy is activated or cancelled by its own act.",
    ),
    "payers": RENEW,
    "premium_by": RENEW,
    "day_count": RENEW,
    "papers_stop_clock": RENEW,
    "decide_days": RENEW,
    "pay_days": RENEW,
    "limitation_years": RENEW,
    "members": ENDORSE,
}
BEFORE_FIRST_CLAIM = frozenset({"payer_rank", "exclusive_group"})
RANK_MAX = 10_000


@dataclass(frozen=True, slots=True)
class PolicyTuning:
    """What may be changed of a standing policy; None leaves it as it is.

    `exclusive_group` is emptied by an empty text. `payer_rank` and it may change only while the
    policy has no claim: claims on the way were ordered by them.
    """

    waiting_days: int | None = None
    check_days: int | None = None
    return_window_days: int | None = None
    tolerance_fen: int | None = None
    premium_due_on: date | None = None
    payer_rank: int | None = None
    exclusive_group: str | None = None

    def named(self) -> dict[str, object]:
        """Give what is to be changed, by name."""
        every = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in every.items() if value is not None}


def fixed_faults(names: Iterable[str]) -> tuple[Fault, ...]:
    """Tell for each name that may not be changed which way it changes instead."""
    return tuple(
        Fault(
            f"/{name}",
            "validation.failed",
            "出具后不能修改",
            f"not changed after issue: {FIXED[name][1]}",
            FIXED[name][0],
        )
        for name in names
    )


def tuning_faults(tuning: PolicyTuning) -> tuple[Fault, ...]:
    """Tell what is out of range; empty when nothing is."""
    return tuple(_range_faults(tuning))


def _range_faults(tuning: PolicyTuning) -> Iterator[Fault]:
    for name in ("waiting_days", "check_days", "return_window_days"):
        if not 0 <= (getattr(tuning, name) or 0) <= DAYS_MAX:
            yield Fault(f"/{name}", "validation.failed", "天数须为 0 至 366", "days are 0 to 366")
    if not 0 <= (tuning.tolerance_fen or 0) <= TOLERANCE_FEN_MAX:
        yield Fault("/tolerance", "validation.failed", "容差超出范围", "tolerance out of range")
    if not 0 <= (tuning.payer_rank or 0) <= RANK_MAX:
        yield Fault("/payer_rank", "validation.failed", "顺位须为 0 至 10000", "0 to 10000")
