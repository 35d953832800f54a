"""Close a day: in order, with nothing left open, signed so that anybody can check it again."""

from collections.abc import AsyncIterator
from datetime import date

from app.db import reconciliations
from app.db.matching import keep_pairs, sides_heard
from app.db.reconciliation_books import Book, close_book
from app.db.reconciliations import DayRow, first_busy_day, leaves, moved_on, read_day, signed_items
from app.db.session import Tx
from app.db.statements import is_covered
from app.domain.caller import area_range
from app.domain.closing import BANK, DayRecord
from app.domain.errors import PeriodBlocked
from app.domain.merkle import MerkleTree, leaf_hash
from app.domain.statement import SIDE_ZH, Side
from app.services.reconciliations.book import first_open_day, hold_day
from app.services.reconciliations.match_day import match_held, tell_day


async def close_day(tx: Tx, number: str) -> DayRow:
    """Compare a day once more, and close and sign it.

    Raises NotFound, PeriodClosed, and PeriodBlocked: while the day is not over, an earlier one is
    open, nobody told us what was settled, or a difference is neither resolved nor carried.
    """
    held = await hold_day(tx, number)
    book, day = held.book, held.day.day_on
    await _refuse_early(tx, book, day)
    figures = await match_held(tx, book, day)
    await _refuse_open(tx, book, number)
    for side in await sides_heard(tx, book):
        await keep_pairs(tx, book, side, day)
    record = await day_record(tx, book, await read_day(tx, number), before=book.head)
    signature = tx.keyring.sign(record.canonical())
    await reconciliations.close_day(
        tx, book, day, figures=figures, roots=record.roots, digest=record.digest,
        signature=signature,
    )  # fmt: skip
    await close_book(tx, book, day, record.digest)
    detail = {"digest": record.digest.hex(), "signature": signature.hex()}
    await tell_day(tx, book, number, "reconciliation.close", detail, was="open", now="closed")
    return await read_day(tx, number)


async def day_record(tx: Tx, book: Book, row: DayRow, *, before: bytes | None) -> DayRecord:
    """Put together what is signed of a day; the same rows always give the same record.

    `before` is the digest of the day that was closed before it.
    """
    roots = {"items": await _root(signed_items(tx, book, row.day_on))}
    for side in Side:
        for name, paired in (("lines", False), ("matched", True)):
            told = leaves(tx, book, side.value, row.day_on, paired=paired)
            roots[f"{side.value}_{name}"] = await _root(told)
    return DayRecord(
        row.number,
        row.area_code,
        row.party,
        row.day_on,
        "" if before is None else before.hex(),
        row.figures,
        roots,
    )


async def _root(lines: AsyncIterator[str]) -> str:
    tree = MerkleTree()
    async for line in lines:
        tree.add(leaf_hash(line.encode()))
    return tree.root.hex()


async def _refuse_early(tx: Tx, book: Book, day: date) -> None:
    first_open = first_open_day(book)
    lo, hi = area_range(book.area_code)
    if day >= await tx.today():
        raise PeriodBlocked("当日尚未结束，次日起可封账。", "The day is not over.", first_open, {})
    busy = await first_busy_day(tx, book, first_open, lo, hi)
    if busy is not None and busy < day:
        raise PeriodBlocked(
            f"须按日期顺序封账，请先封 {busy}。", f"Close {busy} first.", busy, {"earlier_day": 1}
        )
    side = Side.BANK_RETURN if book.party == BANK else Side.STATEMENT
    if not await is_covered(tx, book, side.value, day) and await moved_on(tx, book, day, lo, hi):
        raise PeriodBlocked(
            f"当日有款项入账，但尚未收到{SIDE_ZH[side]}。",
            "Money moved on the day and nobody has told what was settled.",
            day,
            {"no_statement": 1},
        )


async def _refuse_open(tx: Tx, book: Book, number: str) -> None:
    row = await read_day(tx, number)
    if row.unowned or row.in_hand:
        raise PeriodBlocked(
            f"有 {row.unowned} 条差异无人认领、{row.in_hand} 条处理中；处理完毕或挂账后才能封账。",
            "Differences are neither resolved nor carried forward.",
            first_open_day(book),
            {"unowned": row.unowned, "in_hand": row.in_hand},
        )
