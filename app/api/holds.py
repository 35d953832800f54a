"""暂停发放: policies under which we order no payouts for now, and how that ends."""

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from app.api.answers import Answer
from app.api.exchange import ExchangeReasonForm
from app.api.fields import Labelled, View, When, labelled
from app.api.numbers import RowId
from app.api.reading import Listed, Page, Reading, Reads
from app.api.writing import Writes, Writing
from app.db.holds import HoldRow
from app.db.session import Tx
from app.domain.caller import Act
from app.domain.holds import HOLD_ZH, HoldState
from app.services.holds.list_holds import list_holds as find_holds
from app.services.holds.release_hold import release_hold as release

router = APIRouter(tags=["payouts"])

Looking = Annotated[Reading, Depends(Reads(Act.READ_HOLDS))]
Releasing = Annotated[Writing, Depends(Writes(Act.RELEASE_HOLD))]


class HoldView(View):
    """Payouts of a policy on hold, since an invariant does not hold at `places`.

    `ended_by` is the operator who released them, or the guard when all held again.
    """

    id: UUID
    policy_no: str
    invariant: int
    reason_zh: str
    places: Sequence[str]
    state: Labelled
    opened_at: When
    ended_at: When | None
    ended_by: str | None
    end_reason_zh: str | None


class HoldPage(Page[HoldView]):
    """One page of holds."""


class HoldsListed(Listed):
    """Which holds to list."""

    state: Literal["open", "released", "over"] | None = None


@router.get("/v1/payout-holds", response_model=HoldPage)
async def list_holds(listed: Annotated[HoldsListed, Query()], door: Looking) -> Response:
    """List policies whose payouts are or were on hold, newest first."""
    after = door.after(listed)
    async with door.transaction() as tx:
        found = await find_holds(
            tx,
            state=listed.state,
            before=None if after is None else UUID(after[0]),
            limit=listed.limit + 1,
        )
    return door.page(listed, found, lambda row: (row.id,), _shown)


@router.post("/v1/payout-holds/{hold_id}:release", response_model=HoldView)
async def release_hold(hold_id: RowId, form: ExchangeReasonForm, door: Releasing) -> Response:
    """Let payouts be ordered again, with a reason; the act is audited."""

    async def act(tx: Tx) -> Answer:
        return Answer(_shown(await release(tx, hold_id, form.reason)))

    return await door.once(form, act)


def _shown(row: HoldRow) -> HoldView:
    return HoldView(
        id=row.id,
        policy_no=row.policy_no,
        invariant=row.number,
        reason_zh=row.reason_zh,
        places=row.places,
        state=labelled(HOLD_ZH, HoldState(row.state)),
        opened_at=row.opened_at,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        end_reason_zh=row.end_reason_zh,
    )
