"""Refuse to order a payout under a policy whose payouts are on hold."""

from uuid import UUID

from app.db.holds import open_hold
from app.db.restorations import open_restoration
from app.db.session import Tx
from app.domain.errors import PayoutsHeld, RestorationOpen


async def refuse_held(tx: Tx, policy_id: UUID) -> None:
    """Raise PayoutsHeld when the policy's payouts are on hold, RestorationOpen when all are.

    To be asked before every payout that we order, never of what an insurer or bank reports.
    """
    if await open_restoration(tx) is not None:
        raise RestorationOpen
    hold = await open_hold(tx, policy_id)
    if hold is not None:
        raise PayoutsHeld(hold.reason_zh, hold.number)
