"""Hold a day of a book the one way: the book first, then the day; a closed one refuses."""

from dataclasses import dataclass
from datetime import date, timedelta

from app.db.reconciliation_books import Book, hold_book_of
from app.db.reconciliations import DayRow, read_day
from app.db.session import Tx
from app.domain.errors import PeriodClosed


def first_open_day(book: Book) -> date:
    """Give the first day of a book that may still change."""
    return book.opened_on if book.closed_on is None else book.closed_on + timedelta(days=1)


def is_closed(book: Book, day: date) -> bool:
    """Tell whether a day of a book is closed."""
    return book.closed_on is not None and day <= book.closed_on


@dataclass(frozen=True, slots=True)
class HeldDay:
    """A day with its held book."""

    book: Book
    day: DayRow


async def hold_day(tx: Tx, number: str) -> HeldDay:
    """Hold an open day. Raises NotFound, PeriodClosed."""
    seen = await read_day(tx, number)
    book = await hold_book_of(tx, seen.book_id)
    if is_closed(book, seen.day_on):
        raise PeriodClosed(book.closed_on)
    return HeldDay(book, await read_day(tx, number))
