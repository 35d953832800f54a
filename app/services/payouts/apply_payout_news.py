"""Apply what an insurer says of a payout: sent, paid, failed before credit, returned after it."""

from dataclasses import dataclass

from app.db.claims import ClaimRow
from app.db.instructions import settle_by_callback
from app.db.notices import NoticeRow
from app.db.payout_attempts import AttemptRow, add_attempt, attempts_of, change_attempt, is_settled
from app.db.payouts import PayoutRow, payouts_of
from app.db.recoveries import recoveries_of
from app.db.session import Tx
from app.domain.account_check import AccountCheck
from app.domain.callback import PayoutTold
from app.domain.effect import APPLIED, Effect, parked, stale
from app.domain.lifecycle import ClaimStatus, PayoutStatus
from app.domain.payout import PayoutKind
from app.services.payouts.book_money import book_credit, book_debit, tell_payout

STOPPED = frozenset({PayoutStatus.FAILED, PayoutStatus.RETURNED})
NOT_TOLD = frozenset({AccountCheck.ASKED, AccountCheck.MISMATCH})  # of a corrected account
WITH_MONEY = frozenset({ClaimStatus.PAYING, ClaimStatus.PAID, ClaimStatus.CLOSED})


@dataclass(frozen=True, slots=True)
class Book:
    """The payout that news are about, with its attempts."""

    payout: PayoutRow
    attempts: list[AttemptRow]

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
    """Book news of a payout. Anything that does not fit to the fen is parked, never booked.

    Before a decision only an advance that was asked for can be paid.
    """
    book = await _book(tx, claim, news)
    if book is None:
        return parked(_unknown(claim))
    refusal = _refusal(claim, book, news)
    if refusal is not None:
        return parked(refusal)
    if news.state == "sent":
        return await _sent(tx, book, news)
    if news.state == "failed":
        return await _failed(tx, book, news)
    credit_or_return = _paid if news.state == "paid" else _returned
    return await credit_or_return(tx, notice, claim, book, news)


def _unknown(claim: ClaimRow) -> str:
    """Say why news of no payout of ours cannot be taken."""
    if claim.status is ClaimStatus.WITHDRAWN:
        return "claim_withdrawn"
    return "payout_unknown" if claim.status in WITH_MONEY else "not_decided"


def _refusal(claim: ClaimRow, book: Book, news: PayoutTold) -> str | None:
    """Say why news of a payout cannot be taken, or None."""
    if claim.status is ClaimStatus.WITHDRAWN:
        return "claim_withdrawn"
    if claim.status not in WITH_MONEY and book.payout.kind is not PayoutKind.ADVANCE:
        return "not_decided"
    if book.payout.status is PayoutStatus.CANCELLED:
        return "payout_cancelled"
    return None if news.amount_fen == book.payout.amount_fen else "amount_differs"


async def _book(tx: Tx, claim: ClaimRow, news: PayoutTold) -> Book | None:
    """Find the payout by the insurer's reference, or bind the first unnamed one of the amount.

    An insurer that says that it pays an advance means one.
    """
    payouts = await payouts_of(tx, [claim.id])
    named = [one for one in payouts if one.reference == news.reference]
    unnamed = [
        one
        for one in payouts
        if one.reference is None
        and one.status is not PayoutStatus.CANCELLED
        and one.amount_fen == news.amount_fen
        and (not news.advance or one.kind is PayoutKind.ADVANCE)
    ]
    found = next(iter(named or unnamed), None)
    if found is None:
        return None
    return Book(found, await attempts_of(tx, [found.id]))


async def _sent(tx: Tx, book: Book, news: PayoutTold) -> Effect:
    """A new try; after a stop it is one only when the account was corrected meanwhile."""
    if book.payout.status is not PayoutStatus.PENDING:
        return stale("already_sent")
    if _before_correction(book, news):
        return stale("sent_before_correction")
    await add_attempt(
        tx,
        book.payout,
        book.next_seq,
        status="sent",
        amount_fen=news.amount_fen,
        last4=news.account_last4,
    )
    await _tell(tx, book, news, PayoutStatus.SENT)
    return APPLIED


def _before_correction(book: Book, news: PayoutTold) -> bool:
    """Tell whether this is late news of a try that has stopped: it must not stand for the next one.

    It is when its payer was not told of the corrected account yet, and when it names the account of
    the try that stopped.
    """
    if not book.attempts:
        return False
    told = book.payout.account_check not in NOT_TOLD
    other = news.account_last4 not in (None, book.payout.account_last4)
    return not told or (
        other and any(one.account_last4 == news.account_last4 for one in book.attempts)
    )


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
            tx,
            sent,
            status="paid",
            settlement_no=news.settlement_no,
            account_last4=news.account_last4,
            paid_on=news.paid_on,
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
    await _tell(tx, book, news, PayoutStatus.PAID)
    settled = "request_advance" if book.payout.kind is PayoutKind.ADVANCE else "correct_account"
    await settle_by_callback(tx, claim.id, settled)
    await book_credit(tx, notice, claim, book.payout)
    return APPLIED


async def _failed(tx: Tx, book: Book, news: PayoutTold) -> Effect:
    """Stopped before credit: the attempt that was sent has failed."""
    sent = book.live("sent")
    if sent is None:
        return stale("already_failed") if book.payout.status in STOPPED else parked("not_sent")
    await change_attempt(
        tx, sent, status="failed", failure_code=news.failure_code, reason_zh=news.reason_zh
    )
    await _tell(tx, book, news, PayoutStatus.FAILED)
    return APPLIED


async def _returned(
    tx: Tx, notice: NoticeRow, claim: ClaimRow, book: Book, news: PayoutTold
) -> Effect:
    """Came back after credit: the claim is paying again, the family has that much less.

    What was undone or is being recovered already is a person's to match with it.
    """
    attempt = book.settled(news.settlement_no)
    if attempt is None:
        return parked("not_settled_here")
    if attempt.status == "returned":
        return stale("already_returned")
    if book.payout.reversed_fen or await _recovered(tx, book):
        return parked("partly_back_already")
    await change_attempt(
        tx, attempt, status="returned", failure_code=news.failure_code, reason_zh=news.reason_zh
    )
    await _tell(tx, book, news, PayoutStatus.RETURNED)
    await book_debit(
        tx, notice, claim, book.payout, news.amount_fen, failure_code=news.failure_code
    )
    return APPLIED


async def _recovered(tx: Tx, book: Book) -> bool:
    return any(one.kept_fen for one in await recoveries_of(tx, [book.payout.id]))


async def _tell(tx: Tx, book: Book, news: PayoutTold, status: PayoutStatus) -> None:
    await tell_payout(
        tx,
        book.payout,
        news.state,
        status,
        reference=news.reference,
        amount_fen=news.amount_fen,
        failure_code=news.failure_code,
    )
