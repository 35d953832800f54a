"""List payouts on hold."""

from uuid import UUID

from app.db.holds import HoldRow
from app.db.holds import list_holds as find_holds
from app.db.session import Tx


async def list_holds(
    tx: Tx, *, state: str | None, before: UUID | None, limit: int
) -> list[HoldRow]:
    """Give up to `limit` holds, newest first, before an id; an insurer sees its own policies'."""
    return await find_holds(tx, state=state, before=before, limit=limit)
