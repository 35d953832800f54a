"""Hold a difference the one way: its book first, then itself."""

from app.db.reconciliation_books import Book, hold_book_of
from app.db.reconciliation_items import ItemRow, lock_item, read_item
from app.db.session import Tx
from app.domain.errors import IllegalMove, PeriodClosed
from app.domain.matching import STATE_ZH, ItemState
from app.services.reconciliations.book import is_closed

ACTS: dict[ItemState, tuple[str, ...]] = {
    ItemState.OPEN: ("assign", "resolve"),
    ItemState.OWNED: ("assign", "resolve", "carry"),
    ItemState.CARRIED: ("resolve",),
    ItemState.RESOLVED: (),
}


async def hold_item(tx: Tx, item_id: int) -> tuple[Book, ItemRow]:
    """Hold a difference with its book. Raises NotFound."""
    seen = await read_item(tx, item_id)
    book = await hold_book_of(tx, seen.book_id)
    return book, await lock_item(tx, item_id)


async def hold_open_item(tx: Tx, item_id: int, *wanted: ItemState) -> tuple[Book, ItemRow]:
    """Hold a difference of an open day that is in one of some states, open or owned by default.

    Raises NotFound, PeriodClosed, IllegalMove.
    """
    book, item = await hold_item(tx, item_id)
    if is_closed(book, item.day_on):
        raise PeriodClosed(book.closed_on)
    if item.state not in (wanted or (ItemState.OPEN, ItemState.OWNED)):
        raise refusal(item)
    return book, item


def refusal(item: ItemRow) -> IllegalMove:
    """Make the refusal of an act that the state of a difference does not admit."""
    acts = () if item.cleared_on is not None else ACTS[item.state]
    return IllegalMove(STATE_ZH[item.state], acts)
