"""Let one person approve small claims of a fund in an area."""

from dataclasses import dataclass
from datetime import date

from app.db.delegations import DelegationRow, add_delegation
from app.db.events import NewEvent, write_event
from app.db.policies import touch_policy
from app.db.session import Tx
from app.domain.caller import area_range
from app.domain.errors import Fault, Invalid, OutOfArea
from app.services.funds.allot_money import fund

WHOLE_BP = 10_000


@dataclass(frozen=True, slots=True)
class NewDelegation:
    """What is delegated: 12-digit area, most per claim in fen, days inclusive, sample in bp."""

    policy_no: str
    area_code: int
    max_amount_fen: int
    valid_from: date
    valid_to: date
    sample_bp: int = 0


async def grant_delegation(tx: Tx, new: NewDelegation) -> DelegationRow:
    """Grant a delegation. Raises NotFound, OutOfArea, Invalid (no fund, wrong days or amounts)."""
    policy = await fund(tx, new.policy_no)
    lo, hi = area_range(new.area_code)
    if lo < tx.caller.area_lo or hi > tx.caller.area_hi:
        raise OutOfArea("不能向本辖区以外授权。", "The area is not the caller's.")
    faults = delegation_faults(new)
    if faults:
        raise Invalid(*faults)
    granted = await add_delegation(
        tx,
        policy.id,
        (lo, hi),
        new.max_amount_fen,
        valid_from=new.valid_from,
        valid_to=new.valid_to,
        sample_bp=new.sample_bp,
    )
    version = await touch_policy(tx, policy.id)
    await write_event(
        tx,
        NewEvent(
            "policy",
            new.policy_no,
            version,
            "policy.delegate",
            lo,
            detail={"max_amount_fen": new.max_amount_fen, "area_code": new.area_code},
        ),
    )
    return granted


def delegation_faults(new: NewDelegation) -> tuple[Fault, ...]:
    """Tell what is wrong with a delegation."""
    found = []
    if new.max_amount_fen <= 0:
        found.append(_fault("/max_amount", "额度须大于零。", "The amount must be above zero."))
    if new.valid_from > new.valid_to:
        found.append(_fault("/valid_to", "止期早于起期。", "It ends before it begins."))
    if not 0 <= new.sample_bp <= WHOLE_BP:
        found.append(_fault("/sample_rate", "抽查比例须为 0 至 100%。", "Sample: 0 to 100 %."))
    return tuple(found)


def _fault(pointer: str, message_zh: str, message_en: str) -> Fault:
    return Fault(pointer, "validation.failed", message_zh, message_en)
