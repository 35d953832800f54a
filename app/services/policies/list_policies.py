"""List policies."""

from collections.abc import Sequence

from app.db import policies
from app.db.session import Tx
from app.services.policies.view import PolicyView, view_of


async def list_policies(
    tx: Tx, scheme_code: str | None = None, after: str | None = None, limit: int = 50
) -> Sequence[PolicyView]:
    """Give up to `limit` policies that touch the caller's area, by number, after a number."""
    today = await tx.today()
    rows = await policies.list_policies(tx, scheme_code=scheme_code, after=after, limit=limit)
    return [view_of(row, today) for row in rows]
