"""Compare the open days of a book anew: news that came since may have settled differences."""

from uuid import UUID

from app.db.reconciliation_books import hold_book_of
from app.db.reconciliations import days_of
from app.db.session import Tx
from app.services.reconciliations.match_day import match_held


async def compare_open_days(tx: Tx, book_id: str) -> None:
    """Compare every open day of a book that was compared before, the oldest first."""
    book = await hold_book_of(tx, UUID(book_id))
    for day in await days_of(tx, book, "open"):
        await match_held(tx, book, day.day_on)
