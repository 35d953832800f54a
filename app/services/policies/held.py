"""Hold a policy that is the caller's to keep."""

from app.db.policies import PolicyRow, lock_policy
from app.db.session import Tx
from app.domain.errors import IllegalMove, OutOfArea, VersionStale
from app.domain.policy import STATE_ZH, PolicyState, PolicyStatus


async def hold_policy(tx: Tx, policy_no: str, expected_version: int | None = None) -> PolicyRow:
    """Give and hold a policy. Raises NotFound, OutOfArea, VersionStale."""
    policy = await lock_policy(tx, policy_no)
    if policy.area_lo < tx.caller.area_lo or policy.area_hi > tx.caller.area_hi:
        raise OutOfArea("这张保单由上级辖区管理。", "A wider area keeps this policy.")
    if expected_version is not None and policy.version != expected_version:
        raise VersionStale(str(policy.version))
    return policy


def must_be(policy: PolicyRow, *statuses: PolicyStatus) -> None:
    """Refuse with IllegalMove when a policy stands otherwise."""
    if policy.status not in statuses:
        raise IllegalMove(STATE_ZH[PolicyState(policy.status)], ())
