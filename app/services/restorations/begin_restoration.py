"""Begin: from here on nothing is told to anybody until insurers were heard."""

from collections.abc import Sequence

from app.db.audit import trail_heads
from app.db.feed import begin_again
from app.db.restorations import RestorationRow, begin, latest_root, open_restoration
from app.db.session import Tx
from app.domain.errors import IllegalMove
from app.domain.trail_root import TrailRoot, root_told
from app.outside.trail_roots import PublishedRoot
from app.services.restorations.tell import tell

# More than a county files between two backups; a serial has six digits.
SKIPPED = 5_000


async def begin_restoration(
    tx: Tx, reason: str, published: Sequence[PublishedRoot], *, skipped: int = SKIPPED
) -> RestorationRow:
    """Hold everything that leaves, and skip the numbers of the lost time; for the operator.

    Raises IllegalMove while a restoration is open.
    """
    if await open_restoration(tx) is not None:
        raise IllegalMove("恢复核对进行中", ("end",))
    last = published[-1].name if published else None
    begun = await begin(tx, reason, skipped, last)
    await begin_again(tx)  # readers who stand after the backup are told that it was undone
    detail = {"back_to": begun.back_to_at.isoformat(), "skipped": skipped, "reason": reason}
    await tell(tx, "lane.restored", detail)
    return begun


async def hold_if_restored(tx: Tx, published: Sequence[PublishedRoot]) -> str | None:
    """Begin a restoration when the database holds less than was published; give the root if so.

    For whoever is about to send: a copy may have been put back without a word to us.
    """
    if await open_restoration(tx) is not None:
        return None
    noted = await latest_root(tx)
    fresh = [one for one in published if noted is None or one.name > noted]
    root = root_told(fresh[-1].told) if fresh else None
    if root is None or not await _is_ahead(tx, root):
        return None
    name = fresh[-1].name
    await begin_restoration(tx, f"已公布的审计根 {name} 比数据库新，数据库曾被恢复", published)
    return name


async def _is_ahead(tx: Tx, root: TrailRoot) -> bool:
    here = {head.chain: head.seq for head in await trail_heads(tx)}
    return any(head.seq > here.get(head.chain, 0) for head in root.heads)
