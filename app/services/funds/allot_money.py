"""Allot money to a fund, or take back what nobody has decided on."""

from app.db.events import NewEvent, write_event
from app.db.funds import Balance, allot
from app.db.policies import PolicyRow, read_policy, touch_policy
from app.db.session import Tx
from app.domain.errors import Fault, Invalid, OutOfArea


async def allot_money(tx: Tx, policy_no: str, amount_fen: int, note_zh: str) -> Balance:
    """Add an amount (fen, not zero) to a fund and give its balance.

    Raises NotFound, OutOfArea, Invalid for an insured policy or zero, FundExhausted.
    """
    policy = await fund(tx, policy_no)
    if policy.area_lo < tx.caller.area_lo or policy.area_hi > tx.caller.area_hi:
        raise OutOfArea("这个基金由上级辖区管理。", "A wider area keeps this fund.")
    if amount_fen == 0:
        raise Invalid(
            Fault("/amount", "validation.failed", "金额不能为零。", "The amount is zero.")
        )
    balance = await allot(tx, policy.id, amount_fen, note_zh)
    version = await touch_policy(tx, policy.id)
    await write_event(
        tx,
        NewEvent(
            "policy",
            policy_no,
            version,
            "policy.allot",
            policy.area_lo,
            detail={"amount_fen": amount_fen},
        ),
    )
    return balance


async def fund(tx: Tx, policy_no: str) -> PolicyRow:
    """Give a policy that is a fund. Raises NotFound, Invalid."""
    policy = await read_policy(tx, policy_no)
    if policy.kind != "fund":
        raise Invalid(
            Fault("/policy_no", "validation.failed", "这张保单不是基金。", "This is no fund.")
        )
    return policy
