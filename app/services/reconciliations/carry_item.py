"""Carry a difference forward (挂账): one officer proposes with the reason, another confirms."""

from app.db.reconciliation_items import ItemRow, propose_carry, read_item, settle_item
from app.db.session import Tx
from app.domain.errors import Forbidden
from app.domain.matching import ItemState
from app.services.reconciliations.held_item import hold_open_item
from app.services.reconciliations.match_day import tell_day


async def carry_item(tx: Tx, item_id: int, note_zh: str) -> ItemRow:
    """Propose to carry an owned difference, or confirm what another officer proposed.

    The reason that stays is the second one's. Raises NotFound, PeriodClosed, IllegalMove where it
    has no owner or is settled, Forbidden for the proposer.
    """
    book, item = await hold_open_item(tx, item_id, ItemState.OWNED)
    detail = {"item": item_id, "note_zh": note_zh}
    if item.proposed_by is None:
        await propose_carry(tx, item_id, note_zh)
        await tell_day(tx, book, item.number, "reconciliation.propose_carry", detail)
        return await read_item(tx, item_id)
    if item.proposed_by == tx.caller.actor:
        raise Forbidden(
            "挂账须由另一名经办人确认，不能由同一人确认。",
            "Carrying forward is confirmed by another officer.",
        )
    await settle_item(tx, item_id, ItemState.CARRIED, note_zh, None)
    await tell_day(tx, book, item.number, "reconciliation.carry", detail)
    return await read_item(tx, item_id)
