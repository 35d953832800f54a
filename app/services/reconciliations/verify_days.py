"""Compute the closed days again and hold them against what was signed."""

from app.crypto import same_digest
from app.db.reconciliation_books import Book
from app.db.reconciliations import days_of
from app.db.session import Tx
from app.services.reconciliations.close_day import day_record


async def verify_days(tx: Tx, book: Book) -> list[str]:
    """Give the numbers of closed days of a book that are not what was signed; none when all is."""
    bent, before = [], None
    for row in await days_of(tx, book, "closed"):
        record = await day_record(tx, book, row, before=before)
        same = same_digest(record.digest, row.digest or b"")
        signed = tx.keyring.vouches(record.canonical(), row.signature or b"")
        if not (same and signed and dict(record.roots) == row.roots and row.before == before):
            bent.append(row.number)
        before = row.digest
    if before != book.head:
        bent.append(book.party)
    return bent
