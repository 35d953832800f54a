"""Pause a lane, or let it run again."""

from app.db.events import COUNTED, EVERYWHERE, NewEvent, write_act
from app.db.jobs import LaneRow, hold_lane, read_lane
from app.db.jobs import switch_lane as switch
from app.db.session import Tx
from app.domain.errors import IllegalMove, NotFound


async def switch_lane(tx: Tx, key: str, reason: str, *, paused: bool) -> LaneRow:
    """Pause a lane (what runs is finished, nothing new begins) or resume it; for the operator.

    Resuming also closes its breaker and begins anew what was given up after all its attempts.
    Raises NotFound, and IllegalMove when there is nothing to do.
    """
    held = await hold_lane(tx, key)
    if held is None:
        raise NotFound("没有这条通道。", "There is no such lane.")
    if paused and held.paused:
        raise IllegalMove("已暂停", ("resume",))
    if not (paused or held.paused or held.rests_until or held.given_up):
        raise IllegalMove("运行中", ("pause",))
    await switch(tx, key, paused=paused)
    await write_act(
        tx,
        NewEvent(
            "lane",
            key,
            COUNTED,
            "lane.pause" if paused else "lane.resume",
            EVERYWHERE,
            was="paused" if held.paused else "running",
            now="paused" if paused else "running",
            detail={"reason": reason, "given_up": held.given_up},
        ),
    )
    return await read_lane(tx, key)
