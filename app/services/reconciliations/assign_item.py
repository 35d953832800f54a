"""Say who works on a difference (认领), by the label of their key; or take that back."""

from app.db.reconciliation_items import ItemRow, own_item, read_item
from app.db.session import Tx
from app.services.reconciliations.held_item import hold_open_item
from app.services.reconciliations.match_day import tell_day


async def assign_item(tx: Tx, item_id: int, owner: str | None) -> ItemRow:
    """Give a difference an owner; None: nobody. Raises NotFound, PeriodClosed, IllegalMove."""
    book, item = await hold_open_item(tx, item_id)
    await own_item(tx, item_id, owner)
    detail = {"item": item_id, "assigned": owner is not None}
    await tell_day(tx, book, item.number, "reconciliation.assign", detail)
    return await read_item(tx, item_id)
