"""List lanes: what runs, what waits, which of them rest."""

from app.db.jobs import LaneRow, insurer_lane
from app.db.jobs import list_lanes as find_lanes
from app.db.session import Tx


async def list_lanes(tx: Tx) -> list[LaneRow]:
    """Give every lane, by key; an insurer's caller sees its own."""
    insurer = tx.caller.insurer
    lanes = await find_lanes(tx)
    return [lane for lane in lanes if insurer is None or lane.key == insurer_lane(insurer)]
