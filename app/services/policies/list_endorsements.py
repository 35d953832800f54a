"""Read the endorsements of a policy."""

from uuid import UUID

from app.db import endorsements
from app.db.endorsements import EndorsementRow, lines_of
from app.db.policies import read_policy
from app.db.session import Tx
from app.services.policies.ending import standing_claims
from app.services.policies.endorse import Endorsed


async def list_endorsements(
    tx: Tx, policy_no: str, before: UUID | None = None, limit: int = 50
) -> list[EndorsementRow]:
    """Give up to `limit` endorsements of a policy, newest first, before an id. Raises NotFound."""
    policy = await read_policy(tx, policy_no)
    return await endorsements.list_endorsements(tx, policy.id, before, limit)


async def read_endorsement(tx: Tx, policy_no: str, endorsement_no: str) -> Endorsed:
    """Give one endorsement with the lines of the caller's area. Raises NotFound."""
    policy = await read_policy(tx, policy_no)
    row = await endorsements.read_endorsement(tx, policy.id, endorsement_no)
    lines = await lines_of(tx, row.id)
    left = [line.person_id for line in lines if line.act == "remove"]
    _, over = await standing_claims(tx, policy, row.effective_on, left)
    return Endorsed(row, tuple(lines), tuple(over))
