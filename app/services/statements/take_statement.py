"""Take a statement: whole, once, into the open days of its book, and compare those days."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from uuid import UUID

from app.db.events import COUNTED, NewEvent, write_act
from app.db.insurers import find_insurer
from app.db.reconciliation_books import Book, hold_book
from app.db.session import Tx
from app.db.statements import (
    NewStatement,
    StatementRow,
    add_statement,
    days_of_statement,
    read_statement,
    same_statement,
    wake_lost_referrals,
)
from app.domain.caller import area_range, county_of
from app.domain.closing import BANK
from app.domain.errors import Fault, Invalid, NotFound, OutOfArea, PeriodClosed
from app.domain.statement import StatementLine, Totals, check_days, check_totals, totals_of
from app.services.reconciliations.book import first_open_day, is_closed
from app.services.reconciliations.match_day import match_held

SETTLE_LOST = "settle_lost"  # the job: a referral whose answer was lost is settled by a statement


@dataclass(frozen=True, slots=True)
class Told:
    """Whose statement it is, of which county and days, and how it came."""

    area_code: int
    party: str
    side: str
    source: str
    from_on: date
    day_on: date


@dataclass(frozen=True, slots=True)
class Taken:
    """The statement, and whether the very same had been taken before."""

    statement: StatementRow
    repeated: bool


async def take_lines(tx: Tx, told: Told, lines: Sequence[StatementLine], stated: Totals) -> Taken:
    """Take a statement of few lines. Raises as `take_statement`, and Invalid for its content."""
    check_totals(totals_of(lines), stated)
    check_days(lines, told.day_on)
    digest = sha256(repr((stated, tuple(lines))).encode()).hexdigest()
    return await take_statement(tx, told, digest, stated, lines)


async def take_statement(
    tx: Tx, told: Told, digest: str, totals: Totals, lines: Iterable[StatementLine]
) -> Taken:
    """Take lines that were checked, with the digest of their content in hex.

    The same content again is the first answer. Raises Invalid for an area that is no county, an
    unknown party or days out of order; OutOfArea; PeriodClosed for a day that is closed.
    """
    await _refuse(tx, told)
    book = await hold_book(tx, told.area_code, told.party, told.from_on)
    same = await same_statement(tx, book, told.side, told.day_on, digest)
    if same is not None:
        return Taken(same, repeated=True)
    if is_closed(book, told.day_on):
        raise PeriodClosed(book.closed_on)
    new = NewStatement(told.side, told.source, told.from_on, told.day_on, digest, totals)
    statement_id = await add_statement(tx, book, new, lines, first_open_day(book))
    await _tell(tx, book, statement_id, new)
    for day in sorted({told.day_on, *await days_of_statement(tx, statement_id)}):
        await match_held(tx, book, day)
    if book.insurer_code is not None:
        await wake_lost_referrals(tx, book, statement_id, SETTLE_LOST)
    return Taken(await read_statement(tx, statement_id), repeated=False)


async def _refuse(tx: Tx, told: Told) -> None:
    faults = []
    lo, hi = area_range(told.area_code)
    if (lo, hi) != area_range(county_of(told.area_code)) or hi - lo != 10**6:
        faults.append(_fault("/area_code", "应为县级区划代码。", "A statement is of one county."))
    if told.from_on > told.day_on:
        faults.append(_fault("/from_day", "起始日期晚于截止日期。", "The days are out of order."))
    if told.day_on > await tx.today():
        faults.append(_fault("/day", "对账单日期尚未到来。", "The day has not come yet."))
    if faults:
        raise Invalid(*faults)
    if lo < tx.caller.area_lo or hi > tx.caller.area_hi:
        raise OutOfArea("对账单不属于本辖区。", "The statement is of another area.")
    own = tx.caller.insurer in (None, told.party)
    if not own or (told.party != BANK and await find_insurer(tx, told.party) is None):
        raise NotFound("没有这家保险公司。", "There is no such insurer.")


def _fault(pointer: str, message_zh: str, message_en: str) -> Fault:
    return Fault(pointer, "validation.failed", message_zh, message_en)


async def _tell(tx: Tx, book: Book, statement_id: UUID, new: NewStatement) -> None:
    await write_act(
        tx,
        NewEvent(
            "reconciliation",
            f"{county_of(book.area_code) // 10**6:06d}-{book.party}",
            COUNTED,
            "reconciliation.statement",
            book.area_code,
            insurer_code=book.insurer_code,
            detail={
                "statement": str(statement_id),
                "side": new.side,
                "source": new.source,
                "day": new.day_on.isoformat(),
                "sha256": new.sha256,
                "count": new.totals.count,
                "paid_fen": new.totals.paid_fen,
                "returned_fen": new.totals.returned_fen,
            },
        ),
    )
