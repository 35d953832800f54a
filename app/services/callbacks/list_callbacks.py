"""List stored callbacks: what came, and what became of it."""

from app.db.inbox import CallbackRow
from app.db.inbox import list_callbacks as find_callbacks
from app.db.session import Tx


async def list_callbacks(
    tx: Tx, *, state: str | None, claim_no: str | None, before: int | None, limit: int
) -> list[CallbackRow]:
    """Give up to `limit` callbacks, newest first, before an id; an insurer sees its own."""
    return await find_callbacks(tx, state=state, claim_no=claim_no, before=before, limit=limit)
