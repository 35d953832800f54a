"""The book of days of each party in a county: which day is the last that was closed."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.db.ids import new_id
from app.db.rows import record, sql
from app.db.session import Tx
from app.domain.closing import BANK

_BOOK_COLUMNS = "id, area_code, insurer_code, party, opened_on, closed_on, head"
_OPEN_BOOK = sql(
    """
    INSERT INTO reconciliation_book (id, area_code, insurer_code, party, opened_on)
    VALUES (:id, :area_code, :insurer_code, :party, :opened_on)
    ON CONFLICT (area_code, party) DO UPDATE SET opened_on = excluded.opened_on
    WHERE reconciliation_book.closed_on IS NULL
      AND excluded.opened_on < reconciliation_book.opened_on
    """
)
_LOCK_BOOK = sql(
    f"""
    SELECT {_BOOK_COLUMNS} FROM reconciliation_book
    WHERE area_code = :area_code AND party = :party FOR UPDATE
    """
)
_LOCK_BOOK_BY_ID = sql(f"SELECT {_BOOK_COLUMNS} FROM reconciliation_book WHERE id = :id FOR UPDATE")
_READ_BOOK = sql(f"SELECT {_BOOK_COLUMNS} FROM reconciliation_book WHERE id = :id")
_BOOKS = sql(
    f"SELECT {_BOOK_COLUMNS} FROM reconciliation_book ORDER BY area_code, party LIMIT 10000"
)
_CLOSE_BOOK = sql("UPDATE reconciliation_book SET closed_on = :day, head = :head WHERE id = :id")


@dataclass(frozen=True, slots=True)
class Book:
    """The days of one party in a county; `closed_on` is the last closed day, `head` its digest.

    `insurer_code` None: the party is the bank that pays the county's funds.
    """

    id: UUID
    area_code: int
    insurer_code: str | None
    party: str
    opened_on: date
    closed_on: date | None
    head: bytes | None


async def hold_book(tx: Tx, area_code: int, party: str, opened_on: date) -> Book:
    """Give and hold the book of a party in a county; opened with this day when there is none.

    While nothing is closed, an earlier day opens it earlier.
    """
    values: dict[str, object] = {"area_code": area_code, "party": party}
    await tx.sql.execute(
        _OPEN_BOOK,
        {
            **values,
            "id": new_id(),
            "insurer_code": None if party == BANK else party,
            "opened_on": opened_on,
        },
    )
    return record(Book, (await tx.sql.execute(_LOCK_BOOK, values)).one())


async def hold_book_of(tx: Tx, book_id: UUID) -> Book:
    """Hold a book that exists until the end of the transaction and give it."""
    return record(Book, (await tx.sql.execute(_LOCK_BOOK_BY_ID, {"id": book_id})).one())


async def read_book(tx: Tx, book_id: UUID) -> Book:
    """Give a book that exists."""
    return record(Book, (await tx.sql.execute(_READ_BOOK, {"id": book_id})).one())


async def list_books(tx: Tx) -> list[Book]:
    """Give every book the caller sees."""
    return [record(Book, row) for row in await tx.sql.execute(_BOOKS)]


async def close_book(tx: Tx, book: Book, day: date, head: bytes) -> None:
    """Note on a held book that it is closed up to a day, whose digest is `head`."""
    await tx.sql.execute(_CLOSE_BOOK, {"id": book.id, "day": day, "head": head})
