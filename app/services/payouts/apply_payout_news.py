"""Apply what an insurer says of a payout: sent, paid, failed before credit, returned after it."""

from dataclasses import dataclass

from app.db.claims import ClaimRow, move_claim
from app.db.events import NewEvent, write_event
from app.db.funds import spend
from app.db.instructions import settle_by_callback
from app.db.ledger import post
from app.db.notices import NoticeRow
from app.db.payouts import (
    AttemptRow,
    PayoutRow,
    add_attempt,
    attempts_of,
    change_attempt,
    change_payout,
    is_settled,
    payouts_of,
)
from app.db.session import Tx
from app.domain.callback import PayoutTold
from app.domain.effect import APPLIED, Effect, parked, stale
from app.domain.ledger import Booking
from app.domain.lifecycle import ClaimStatus, Move, Moved, PayoutStatus, path
from app.services.claims.close_notice import close_if_done

STOPPED = frozenset({PayoutStatus.FAILED, PayoutStatus.RETURNED})
WITH_MONEY = frozenset({ClaimStatus.PAYING, ClaimStatus.PAID, ClaimStatus.CLOSED})


@dataclass(frozen=True, slots=True)
class Book:
    """The payout that news are about, with its attempts and the payouts beside it."""

    payout: PayoutRow
    attempts: list[AttemptRow]
    others: list[PayoutRow]

    def live(self, status: str) -> AttemptRow | None:
        """Give the attempt in this state, if there is one."""
        return next((one for one in self.attempts if one.status == status), None)

    def settled(self, settlement_no: str | None) -> AttemptRow | None:
        """Give the attempt with this settlement number."""
        found = (one for one in self.attempts if one.settlement_no == settlement_no)
        return None if settlement_no is None else next(found, None)

    @property
    def next_seq(self) -> int:
        """Number the next attempt."""
        return len(self.attempts) + 1


async def apply_payout(tx: Tx, notice: NoticeRow, claim: ClaimRow, news: PayoutTold) -> Effect:
    """Book news of a payout. Anything that does not fit to the fen is parked, never booked."""
    if claim.status not in WITH_MONEY:
        withdrawn = claim.status is ClaimStatus.WITHDRAWN
        return parked("claim_withdrawn" if withdrawn else "not_decided")
    book = await _book(tx, claim, news)
    if book is None:
        return parked("payout_unknown")
    if news.amount_fen != book.payout.amount_fen:
        return parked("amount_differs")
    if news.state == "sent":
        return await _sent(tx, book, news)
    if news.state == "failed":
        return await _failed(tx, book, news)
    credit_or_return = _paid if news.state == "paid" else _returned
    return await credit_or_return(tx, notice, claim, book, news)


async def _book(tx: Tx, claim: ClaimRow, news: PayoutTold) -> Book | None:
    """Find the payout by the insurer's reference, or bind the first unnamed one of the amount."""
    payouts = await payouts_of(tx, [claim.id])
    named = [one for one in payouts if one.reference == news.reference]
    unnamed = [
        one for one in payouts if one.reference is None and one.amount_fen == news.amount_fen
    ]
    found = next(iter(named or unnamed), None)
    if found is None:
        return None
    attempts = await attempts_of(tx, [found.id])
    return Book(found, attempts, [one for one in payouts if one.id != found.id])


async def _sent(tx: Tx, book: Book, news: PayoutTold) -> Effect:
    """A new try; after a stop it is one only when the account was corrected meanwhile."""
    if book.payout.status is not PayoutStatus.PENDING:
        return stale("already_sent")
    await add_attempt(
        tx,
        book.payout,
        book.next_seq,
        status="sent",
        amount_fen=news.amount_fen,
        last4=news.account_last4,
    )
    await _move_payout(tx, book, news, PayoutStatus.SENT)
    return APPLIED


async def _paid(tx: Tx, notice: NoticeRow, claim: ClaimRow, book: Book, news: PayoutTold) -> Effect:
    if book.settled(news.settlement_no) is not None:
        return stale("already_settled")
    assert news.settlement_no is not None
    if await is_settled(tx, claim.insurer_code, news.settlement_no):
        return parked("settlement_no_of_another")
    if book.live("paid") is not None:
        return parked("paid_twice")
    sent = book.live("sent")
    if sent is not None:
        await change_attempt(
            tx, sent, status="paid", settlement_no=news.settlement_no, paid_on=news.paid_on
        )
    else:
        await add_attempt(
            tx,
            book.payout,
            book.next_seq,
            status="paid",
            settlement_no=news.settlement_no,
            amount_fen=news.amount_fen,
            last4=news.account_last4,
            paid_on=news.paid_on,
        )
    await _move_payout(tx, book, news, PayoutStatus.PAID)
    await settle_by_callback(tx, claim.id, "correct_account")
    await _credit(tx, notice, claim, book, news.amount_fen)
    return APPLIED


async def _credit(tx: Tx, notice: NoticeRow, claim: ClaimRow, book: Book, amount_fen: int) -> None:
    """Add to what the family has.

    With the last payout the claim is paid, and closed at once where there is no return window.
    """
    moves: tuple[Moved, ...] = ()
    if all(one.status is PayoutStatus.PAID for one in book.others):
        moves = path(claim.status, Move.CONFIRM_PAID)
        if claim.return_window_days == 0:
            moves = (*moves, *path(moves[-1].now, Move.CLOSE))
    await post(tx, claim, Booking.PAID, amount_fen)
    if claim.insurer_code is None:
        await spend(tx, claim.policy_id, claim.id, amount_fen)
    await move_claim(
        tx,
        claim,
        moves,
        note=None if moves else "part_paid",
        detail={"amount_fen": amount_fen},
        paid_fen=claim.paid_fen + amount_fen,
    )
    await close_if_done(tx, notice)


async def _failed(tx: Tx, book: Book, news: PayoutTold) -> Effect:
    """Stopped before credit: the attempt that was sent has failed."""
    sent = book.live("sent")
    if sent is None:
        return stale("already_failed") if book.payout.status in STOPPED else parked("not_sent")
    await change_attempt(
        tx, sent, status="failed", failure_code=news.failure_code, reason_zh=news.reason_zh
    )
    await _move_payout(tx, book, news, PayoutStatus.FAILED)
    return APPLIED


async def _returned(
    tx: Tx, notice: NoticeRow, claim: ClaimRow, book: Book, news: PayoutTold
) -> Effect:
    """Came back after credit: the claim is paying again, the family has that much less."""
    attempt = book.settled(news.settlement_no)
    if attempt is None:
        return parked("not_settled_here")
    if attempt.status == "returned":
        return stale("already_returned")
    await change_attempt(
        tx, attempt, status="returned", failure_code=news.failure_code, reason_zh=news.reason_zh
    )
    await _move_payout(tx, book, news, PayoutStatus.RETURNED)
    await post(tx, claim, Booking.RETURNED, news.amount_fen)
    if claim.insurer_code is None:
        await spend(tx, claim.policy_id, claim.id, -news.amount_fen)
    was_paid = claim.status in (ClaimStatus.PAID, ClaimStatus.CLOSED)
    await move_claim(
        tx,
        claim,
        path(claim.status, Move.RETURN_PAYMENT) if was_paid else (),
        note=None if was_paid else "part_returned",
        detail={"amount_fen": news.amount_fen, "failure_code": news.failure_code},
        paid_fen=claim.paid_fen - news.amount_fen,
    )
    await close_if_done(tx, notice)
    return APPLIED


async def _move_payout(tx: Tx, book: Book, news: PayoutTold, status: PayoutStatus) -> None:
    payout = book.payout
    version = await change_payout(tx, payout, status, reference=news.reference)
    await write_event(
        tx,
        NewEvent(
            "payout",
            str(payout.id),
            version,
            f"payout.{news.state}",
            payout.area_code,
            was=payout.status,
            now=status,
            insurer_code=payout.insurer_code,
            detail={"amount_fen": news.amount_fen, "failure_code": news.failure_code},
        ),
    )
