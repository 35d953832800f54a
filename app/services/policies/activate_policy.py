"""Activate a policy that was quoted: from now on it covers."""

from app.db.events import NewEvent, write_event
from app.db.policies import stand_policy
from app.db.session import Tx
from app.domain.policy import PolicyStatus
from app.services.policies.held import hold_policy, must_be
from app.services.policies.read_policy import read_policy
from app.services.policies.view import PolicyView


async def activate_policy(tx: Tx, policy_no: str, expected_version: int) -> PolicyView:
    """Bring a quoted policy into force. Raises NotFound, OutOfArea, VersionStale, IllegalMove."""
    policy = await hold_policy(tx, policy_no, expected_version)
    must_be(policy, PolicyStatus.QUOTED)
    version = await stand_policy(tx, policy.id, PolicyStatus.ACTIVE)
    await write_event(
        tx,
        NewEvent(
            "policy",
            policy_no,
            version,
            "policy.activate",
            policy.area_lo,
            was=PolicyStatus.QUOTED.value,
            now=PolicyStatus.ACTIVE.value,
            insurer_code=policy.insurer_code,
        ),
    )
    return await read_policy(tx, policy_no)
