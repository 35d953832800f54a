"""Set a statement aside whose maker sent a wrong one; its lines stay, and count no more."""

from uuid import UUID

from app.db.reconciliation_books import hold_book_of
from app.db.session import Tx
from app.db.statements import StatementRow, days_of_statement, discard, read_statement
from app.domain.closing import day_number
from app.domain.errors import IllegalMove, PeriodClosed
from app.services.reconciliations.book import is_closed
from app.services.reconciliations.match_day import match_held, tell_day


async def discard_statement(tx: Tx, statement_id: UUID, reason_zh: str) -> StatementRow:
    """Discard a statement of open days. Raises NotFound, IllegalMove, PeriodClosed."""
    seen = await read_statement(tx, statement_id)
    book = await hold_book_of(tx, seen.book_id)
    seen = await read_statement(tx, statement_id)
    if seen.discarded_at is not None:
        raise IllegalMove("已作废", ())
    days = sorted({seen.day_on, *await days_of_statement(tx, statement_id)})
    if is_closed(book, days[0]):
        raise PeriodClosed(book.closed_on)
    await discard(tx, statement_id, reason_zh)
    number = day_number(book.area_code, book.party, seen.day_on)
    detail = {"statement": str(statement_id), "reason_zh": reason_zh}
    await tell_day(tx, book, number, "reconciliation.discard_statement", detail)
    for day in days:
        await match_held(tx, book, day)
    return await read_statement(tx, statement_id)
