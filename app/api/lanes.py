"""通道: the queues of work behind the service, one per insurer; the operator pauses them."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from app.api.answers import Answer
from app.api.exchange import ExchangeReasonForm
from app.api.fields import View, When
from app.api.numbers import LaneKey
from app.api.reading import Reading, Reads
from app.api.writing import Writes, Writing
from app.db.jobs import LaneRow
from app.db.session import Tx
from app.domain.caller import Act
from app.services.lanes.list_lanes import list_lanes as find_lanes
from app.services.lanes.switch_lane import switch_lane as switch

router = APIRouter(tags=["exchange"])

Looking = Annotated[Reading, Depends(Reads(Act.READ_EXCHANGE))]
Operating = Annotated[Writing, Depends(Writes(Act.OPERATE_EXCHANGE))]


class LaneView(View):
    """A lane: how many jobs may run at once, what runs, what is due and what waits for later.

    `rests_until`: its breaker is open after `failures` in a row. `given_up`: jobs that have used up
    their attempts and begin anew when the lane is resumed.
    """

    key: str
    max_running: int
    paused: bool
    failures: int
    rests_until: When | None
    running: int
    due: int
    later: int
    due_since: When | None
    given_up: int


class Lanes(View):
    """Every lane, by key."""

    items: list[LaneView]


@router.get("/v1/lanes", response_model=Lanes)
async def list_lanes(door: Looking) -> Response:
    """List the lanes; an insurer sees its own."""
    async with door.transaction() as tx:
        found = await find_lanes(tx)
    return door.answer(Lanes(items=[_lane(row) for row in found]))


@router.post("/v1/lanes/{lane}:pause", response_model=LaneView)
async def pause_lane(lane: LaneKey, form: ExchangeReasonForm, door: Operating) -> Response:
    """Pause a lane: what runs is finished, nothing new begins."""
    return await _switch(lane, form, door, paused=True)


@router.post("/v1/lanes/{lane}:resume", response_model=LaneView)
async def resume_lane(lane: LaneKey, form: ExchangeReasonForm, door: Operating) -> Response:
    """Let a lane run again, close its breaker, and begin anew what was given up."""
    return await _switch(lane, form, door, paused=False)


async def _switch(lane: str, form: ExchangeReasonForm, door: Writing, *, paused: bool) -> Response:
    async def act(tx: Tx) -> Answer:
        return Answer(_lane(await switch(tx, lane, form.reason, paused=paused)))

    return await door.once(form, act)


def _lane(row: LaneRow) -> LaneView:
    return LaneView.model_validate(row)
