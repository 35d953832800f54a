"""Release payouts by hand: the operator has looked into it and says why."""

from uuid import UUID

from app.db.events import NewEvent, write_event
from app.db.holds import HoldRow, end_hold, read_hold
from app.db.policies import lock_policy, touch_policy
from app.db.session import Tx
from app.domain.errors import IllegalMove, NotFound
from app.domain.holds import HOLD_ZH, HoldState


async def release_hold(tx: Tx, hold_id: UUID, reason_zh: str) -> HoldRow:
    """Release a hold; it comes back only when something else breaks. For the operator.

    Raises NotFound, and IllegalMove when it is not open.
    """
    seen = await _known(tx, hold_id)
    policy = await lock_policy(tx, seen.policy_no)
    held = await _known(tx, hold_id)
    if held.state != HoldState.OPEN:
        raise IllegalMove(HOLD_ZH[HoldState(held.state)], ())
    await end_hold(tx, hold_id, HoldState.RELEASED.value, reason_zh)
    version = await touch_policy(tx, policy.id)
    await write_event(
        tx,
        NewEvent(
            "policy",
            policy.policy_no,
            version,
            "policy.release_payouts",
            policy.area_lo,
            insurer_code=policy.insurer_code,
            detail={"invariant": held.number, "reason_zh": reason_zh},
        ),
    )
    return await _known(tx, hold_id)


async def _known(tx: Tx, hold_id: UUID) -> HoldRow:
    found = await read_hold(tx, hold_id)
    if found is None:
        raise NotFound("没有找到这条暂停记录。", "There is no such hold.")
    return found
