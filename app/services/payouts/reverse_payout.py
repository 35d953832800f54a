"""Reverse a payment that took no effect or went back: what was booked is booked the other way."""

from uuid import UUID

from app.db.claims import ClaimRow
from app.db.notices import NoticeRow
from app.db.payout_attempts import AttemptRow, attempts_of, change_attempt
from app.db.payouts import Because, PayoutRow, add_payouts, lock_payout, read_payout
from app.db.recoveries import recoveries_of
from app.db.reversals import add_reversal
from app.db.session import Tx
from app.domain.errors import Fault, IllegalMove, Invalid
from app.domain.lifecycle import PAYOUT_ZH, PayoutStatus
from app.domain.note_checks import note_faults
from app.domain.payout import PayoutKind
from app.services.claims.held import hold_claim
from app.services.claims.open_payouts import NOBODY
from app.services.payouts.book_money import book_debit, tell_payout
from app.services.payouts.view import PayoutView, view_payouts

REVERSED = "reversed"


async def reverse_payout(
    tx: Tx, payout_id: UUID, reason_zh: str, amount_fen: int | None = None
) -> PayoutView:
    """Undo the payment of a payout that has arrived, wholly or in part; each payment once.

    The money is back with whoever pays, so it is owed again: undone wholly, the same payout is
    tried once more when its account is corrected; in part, another payout pays that part. Money
    that went to the wrong hands and is still there is recovered instead.
    Raises NotFound, Invalid for a reason with personal numbers or an amount that is nothing or more
    than was paid, and IllegalMove for a payout that has not arrived, was reversed before, or whose
    money is being recovered.
    """
    faults = note_faults(reason_zh, "/reason_zh")
    if faults:
        raise Invalid(*faults)
    seen = await read_payout(tx, payout_id)
    notice, claim = await hold_claim(tx, seen.claim_no)
    payout = await lock_payout(tx, payout_id)
    attempt = await _paid(tx, payout)
    amount_fen = payout.amount_fen if amount_fen is None else amount_fen
    if not 0 < amount_fen <= payout.amount_fen:
        raise Invalid(
            Fault(
                "/amount",
                "validation.failed",
                "冲正金额须大于零，且不超过已支付的金额。",
                "A reversal is above zero and at most what was paid.",
            )
        )
    await add_reversal(tx, payout, attempt, amount_fen, reason_zh)
    if amount_fen == payout.amount_fen:
        await _undo(tx, notice, claim, payout, attempt, reason_zh)
    else:
        await _undo_part(tx, notice, claim, payout, amount_fen)
    return (await view_payouts(tx, [await read_payout(tx, payout_id)]))[0]


async def _paid(tx: Tx, payout: PayoutRow) -> AttemptRow:
    """Give the attempt that arrived, if nothing of it was undone yet."""
    if payout.status is not PayoutStatus.PAID or payout.reversed_fen:
        raise IllegalMove("已冲正" if payout.reversed_fen else PAYOUT_ZH[payout.status], ())
    if any(one.kept_fen for one in await recoveries_of(tx, [payout.id])):
        raise IllegalMove("追回中或已追回", ("waive",))
    return next(one for one in await attempts_of(tx, [payout.id]) if one.status == "paid")


async def _undo(
    tx: Tx,
    notice: NoticeRow,
    claim: ClaimRow,
    payout: PayoutRow,
    attempt: AttemptRow,
    reason_zh: str,
) -> None:
    await change_attempt(tx, attempt, status="returned", failure_code=REVERSED, reason_zh=reason_zh)
    await tell_payout(tx, payout, "reverse", PayoutStatus.RETURNED, amount_fen=payout.amount_fen)
    await book_debit(tx, notice, claim, payout, payout.amount_fen, reversed_=True)


async def _undo_part(
    tx: Tx, notice: NoticeRow, claim: ClaimRow, payout: PayoutRow, amount_fen: int
) -> None:
    await tell_payout(
        tx,
        payout,
        "reverse",
        PayoutStatus.PAID,
        reversed_fen=amount_fen,
        amount_fen=amount_fen,
    )
    advance = payout.kind is PayoutKind.ADVANCE
    because = Because(
        PayoutKind.ADVANCE if advance else PayoutKind.REPEAT,
        payout.advance_id,
        payout.instalment_id,
    )
    await add_payouts(tx, claim, [(payout.payee or NOBODY, amount_fen)], because)
    await book_debit(tx, notice, claim, payout, amount_fen, reversed_=True)
