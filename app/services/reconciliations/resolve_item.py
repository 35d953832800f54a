"""Resolve a difference: explain it, or take the other side's word as news of the money."""

from dataclasses import dataclass
from datetime import date

from app.db.claims import ClaimRow
from app.db.notices import NoticeRow
from app.db.reconciliation_books import Book
from app.db.reconciliation_items import ItemRow, clear_item, read_item, settle_item, told_paid_fen
from app.db.session import Tx
from app.domain.callback import Decided, PayoutTold
from app.domain.closing import day_number
from app.domain.effect import Effect
from app.domain.errors import Fault, Invalid, PeriodClosed
from app.domain.lifecycle import Outcome
from app.domain.matching import REASON_ZH, ItemState, Kind
from app.domain.money import yuan
from app.services.callbacks.apply_claim_news import apply_decided
from app.services.claims.held import hold_claim
from app.services.payouts.apply_payout_news import apply_payout
from app.services.reconciliations.book import first_open_day, is_closed
from app.services.reconciliations.held_item import hold_item, refusal
from app.services.reconciliations.match_day import match_held, tell_day

DONE = frozenset({"applied", "ignored_stale"})
UNSETTLED = frozenset({ItemState.OPEN, ItemState.OWNED})


@dataclass(frozen=True, slots=True)
class Resolution:
    """Why a difference is settled; `accept_theirs`: what they list is booked as news of theirs.

    `outcome` is the decision that their payment tells of, where we never heard one: by default
    full when it is what we assessed, partial otherwise.
    """

    note_zh: str
    accept_theirs: bool = False
    outcome: Outcome | None = None


async def resolve_item(tx: Tx, item_id: int, resolution: Resolution) -> ItemRow:
    """Settle a difference of an open day, or one that was carried forward.

    Raises NotFound, PeriodClosed, IllegalMove for a settled one, and Invalid where their word
    cannot be booked: it then stays a difference, outside the ledger.
    """
    seen = await read_item(tx, item_id)
    if resolution.accept_theirs:
        await _accept(tx, seen, resolution)  # notice and claim are held before the book
    book, item = await hold_item(tx, item_id)
    carried = item.state is ItemState.CARRIED and item.cleared_on is None
    if not carried and is_closed(book, item.day_on):
        raise PeriodClosed(book.closed_on)
    if not carried and item.state not in UNSETTLED:
        raise refusal(item)
    effect = "accepted" if resolution.accept_theirs else "explained"
    await _settle(tx, book, item, resolution.note_zh, effect)
    return await read_item(tx, item_id)


async def _settle(tx: Tx, book: Book, item: ItemRow, note_zh: str, effect: str) -> None:
    detail: dict[str, object] = {"item": item.id, "effect": effect, "note_zh": note_zh}
    if item.state is ItemState.CARRIED:
        day = first_open_day(book)
        await clear_item(tx, item.id, day, note_zh, effect)
        await match_held(tx, book, day)
        number = day_number(book.area_code, book.party, day)
        await tell_day(tx, book, number, "reconciliation.clear", detail)
        return
    await settle_item(tx, item.id, ItemState.RESOLVED, note_zh, effect)
    await tell_day(tx, book, item.number, "reconciliation.resolve", detail)
    if effect == "accepted":
        await match_held(tx, book, item.day_on)


async def _accept(tx: Tx, item: ItemRow, resolution: Resolution) -> None:
    """Book their line through the same acts as a callback."""
    if item.kind is not Kind.ONLY_THEIRS:
        raise _unbookable("只有“他有我无”的明细可以按对方入账。", "Only their own lines can be.")
    if item.reason == "claim_unknown":
        raise _unbookable(REASON_ZH["claim_unknown"], "There is no such claim here.")
    notice, claim = await hold_claim(tx, item.claim_no)
    if claim.insurer_code != item.insurer_code:
        raise _unbookable(REASON_ZH["claim_unknown"], "There is no such claim here.")
    if item.reason == "not_decided" and claim.decided_fen is None and claim.insurer_code:
        notice, claim = await _decide(tx, item, notice, claim, resolution)
    effect = await apply_payout(tx, notice, claim, _news(item))
    if effect.state not in DONE:
        raise _not_booked(effect)


async def _decide(
    tx: Tx, item: ItemRow, notice: NoticeRow, claim: ClaimRow, resolution: Resolution
) -> tuple[NoticeRow, ClaimRow]:
    """Write the decision that a payment tells of, when its own news was lost."""
    amount_fen = await told_paid_fen(tx, item)
    whole = amount_fen == claim.assessed_fen
    decided = Decided(
        item.theirs.get("insurer_case_no"),
        resolution.outcome or (Outcome.FULL if whole else Outcome.PARTIAL),
        amount_fen,
        None,
        f"依对账单认定赔付 {yuan(amount_fen)} 元",
        date.fromisoformat(item.theirs["on"]),
    )
    effect = await apply_decided(tx, notice, claim, decided)
    if effect.state not in DONE:
        raise _not_booked(effect)
    return await hold_claim(tx, item.claim_no)


def _news(item: ItemRow) -> PayoutTold:
    theirs, paid = item.theirs, item.direction == "paid"
    return PayoutTold(
        item.direction,
        theirs["payout_reference"],
        theirs["settlement_no"],
        theirs["amount_fen"],
        None,
        None if paid else "other",
        None if paid else "依对账单认定退回",
        date.fromisoformat(theirs["on"]) if paid else None,
    )


def _not_booked(effect: Effect) -> Invalid:
    return _unbookable(
        f"不能按对方入账（{effect.reason}），请核对。", f"Not booked: {effect.reason}"
    )


def _unbookable(message_zh: str, message_en: str) -> Invalid:
    return Invalid(Fault("/accept_theirs", "validation.failed", message_zh, message_en))
