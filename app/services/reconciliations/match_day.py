"""Compare a day: every side that spoke, in one pass each; the same run gives the same items."""

from collections.abc import Mapping
from datetime import date

from app.db.events import COUNTED, NewEvent, write_act
from app.db.matching import Tally, compare, sides_heard
from app.db.reconciliation_books import Book
from app.db.reconciliations import DayRow, keep_day, read_day
from app.db.session import Tx
from app.domain.closing import day_number
from app.services.reconciliations.book import first_open_day, hold_day

Figures = dict[str, object]


async def match_day(tx: Tx, number: str) -> DayRow:
    """Compare an open day again. Raises NotFound, PeriodClosed."""
    held = await hold_day(tx, number)
    await match_held(tx, held.book, held.day.day_on)
    return await read_day(tx, number)


async def match_held(tx: Tx, book: Book, day: date) -> Figures:
    """Compare an open day of a held book, keep its figures and give them."""
    number, figures = day_number(book.area_code, book.party, day), await _compared(tx, book, day)
    await keep_day(tx, book, day, number, figures)
    await tell_day(tx, book, number, "reconciliation.match", {"counts": counts_of(figures)})
    return figures


async def tell_day(
    tx: Tx,
    book: Book,
    number: str,
    type_: str,
    detail: Mapping[str, object],
    *,
    was: str | None = None,
    now: str | None = None,
) -> None:
    """Write the event of an act on a day of a held book."""
    await write_act(
        tx,
        NewEvent(
            "reconciliation",
            number,
            COUNTED,
            type_,
            book.area_code,
            was=was,
            now=now,
            insurer_code=book.insurer_code,
            detail=detail,
        ),
    )


def counts_of(figures: Mapping[str, object]) -> dict[str, int]:
    """Add the kinds of all sides and directions up."""
    counts: dict[str, int] = {}
    for directions in figures.values():
        assert isinstance(directions, dict)
        for kinds in directions.values():
            for kind, told in kinds.items():
                counts[kind] = counts.get(kind, 0) + told["count"]
    return counts


async def _compared(tx: Tx, book: Book, day: date) -> Figures:
    first_open = first_open_day(book)
    figures: dict[str, object] = {}
    for side in await sides_heard(tx, book):
        tallies = await compare(tx, book, side, day, first_open)
        if tallies:
            figures[side.value] = _by_direction(tallies)
    return figures


def _by_direction(tallies: list[Tally]) -> dict[str, dict[str, dict[str, int]]]:
    told: dict[str, dict[str, dict[str, int]]] = {}
    for one in tallies:
        told.setdefault(one.direction, {})[one.kind.value] = {
            "count": one.count,
            "ours_fen": one.ours_fen,
            "theirs_fen": one.theirs_fen,
        }
    return told
