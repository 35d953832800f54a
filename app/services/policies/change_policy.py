"""Change what may be changed of a policy after it was issued."""

from app.db.events import NewEvent, write_event
from app.db.policies import has_claims, tune_policy
from app.db.session import Tx
from app.domain.errors import IllegalMove, Invalid
from app.domain.policy import PolicyStatus
from app.domain.policy_change import BEFORE_FIRST_CLAIM, PolicyTuning, tuning_faults
from app.services.policies.held import hold_policy, must_be
from app.services.policies.read_policy import read_policy
from app.services.policies.view import PolicyView


async def change_policy(
    tx: Tx, policy_no: str, expected_version: int, tuning: PolicyTuning
) -> PolicyView:
    """Change a policy's own days, tolerance and order; what is as it was changes nothing.

    Raises NotFound, OutOfArea, VersionStale; Invalid when a value is out of range; IllegalMove for
    a cancelled policy, and for the payer order once there is a claim.
    """
    policy = await hold_policy(tx, policy_no, expected_version)
    must_be(policy, PolicyStatus.QUOTED, PolicyStatus.ACTIVE)
    faults = tuning_faults(tuning)
    if faults:
        raise Invalid(*faults)
    changed = {
        name: value or None if name == "exclusive_group" else value
        for name, value in tuning.named().items()
        if (value or None) != (getattr(policy, name) or None)
    }
    if not changed:
        return await read_policy(tx, policy_no)
    # The policy is held: a claim that is being opened under it waits, or was seen here.
    if not BEFORE_FIRST_CLAIM.isdisjoint(changed) and await has_claims(tx, policy.id):
        raise IllegalMove("已有赔案，支付顺位不再变动，请在续保时约定", ("renew",))
    version = await tune_policy(tx, policy.id, changed)
    await write_event(
        tx,
        NewEvent(
            "policy",
            policy_no,
            version,
            "policy.change",
            policy.area_lo,
            insurer_code=policy.insurer_code,
            detail={
                name: [_told(getattr(policy, name)), _told(value)]
                for name, value in changed.items()
            },
        ),
    )
    return await read_policy(tx, policy_no)


def _told(value: object) -> object:
    return value if isinstance(value, int | None) else str(value)
