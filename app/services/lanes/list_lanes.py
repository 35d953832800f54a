"""List lanes: what runs, what waits, which of them rest."""

from app.db.jobs import LaneRow
from app.db.jobs import list_lanes as find_lanes
from app.db.session import Tx


async def list_lanes(tx: Tx) -> list[LaneRow]:
    """Give every lane, by key."""
    return await find_lanes(tx)
