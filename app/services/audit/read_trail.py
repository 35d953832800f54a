"""Read the audit trail of a county; for the audit role."""

from app.db.audit import Head, TrailRow, TrailWanted, list_trail, trail_heads
from app.db.session import Tx
from app.domain.caller import county_of
from app.domain.errors import NotFound


async def read_trail(
    tx: Tx, wanted: TrailWanted, *, before: int | None, limit: int
) -> list[TrailRow]:
    """Give rows of one county's chain, newest first, one more than `limit` when there is more.

    Raises NotFound for a county outside the caller's range, or a code that is no county.
    """
    if county_of(wanted.chain) != wanted.chain or not tx.caller.covers(wanted.chain):
        raise NotFound("没有这个县的审计记录。", "There is no trail of such a county.")
    return await list_trail(tx, wanted, before=before, limit=limit + 1)


async def read_heads(tx: Tx) -> list[Head]:
    """Give where every chain of the caller's range stands."""
    return await trail_heads(tx)
