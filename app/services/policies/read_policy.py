"""Read one policy."""

from app.db import policies
from app.db.session import Tx
from app.services.policies.view import PolicyView, view_of


async def read_policy(tx: Tx, policy_no: str) -> PolicyView:
    """Give a policy that touches the caller's area. Raises NotFound."""
    return view_of(await policies.read_policy(tx, policy_no), await tx.today())
