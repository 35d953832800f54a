"""Book money that arrived, came back or was undone: the claim, the ledger and the fund together."""

from app.db.claims import ClaimRow, move_claim
from app.db.events import NewEvent, write_event
from app.db.funds import spend
from app.db.ledger import count_advance, post
from app.db.notices import NoticeRow
from app.db.payouts import PayoutRow, change_payout
from app.db.session import Tx
from app.domain.ledger import Booking
from app.domain.lifecycle import ClaimStatus, Move, PayoutStatus, path
from app.domain.payout import PayoutKind
from app.services.claims.close_notice import close_if_done
from app.services.claims.open_payouts import ending

ARRIVED = frozenset({ClaimStatus.PAID, ClaimStatus.CLOSED})


async def tell_payout(
    tx: Tx,
    payout: PayoutRow,
    type_: str,
    status: PayoutStatus,
    *,
    reference: str | None = None,
    reversed_fen: int = 0,
    **detail: object,
) -> None:
    """Set a held payout's status, and write the event with it; `detail` goes into the event."""
    version = await change_payout(
        tx, payout, status, reference=reference, reversed_fen=reversed_fen
    )
    await write_event(
        tx,
        NewEvent(
            "payout",
            str(payout.id),
            version,
            f"payout.{type_}",
            payout.area_code,
            was=payout.status,
            now=status,
            insurer_code=payout.insurer_code,
            detail=detail,
        ),
    )


async def book_credit(tx: Tx, notice: NoticeRow, claim: ClaimRow, payout: PayoutRow) -> None:
    """Add a payout that has arrived to what the family has; its own status is set before.

    An advance moves no status. With the last payout the claim is paid, and closed at once where
    there is no return window.
    """
    advance = payout.kind is PayoutKind.ADVANCE
    await post(tx, claim, Booking.ADVANCED if advance else Booking.PAID, payout.amount_fen)
    if advance:
        await count_advance(tx, claim)
    if claim.insurer_code is None:
        await spend(tx, claim.policy_id, claim.id, payout.amount_fen)
    moves = await ending(tx, claim)
    await move_claim(
        tx,
        claim,
        moves,
        note=None if moves else ("advance_paid" if advance else "part_paid"),
        detail={"amount_fen": payout.amount_fen},
        paid_fen=claim.paid_fen + payout.amount_fen,
    )
    await close_if_done(tx, notice)


async def book_debit(
    tx: Tx,
    notice: NoticeRow,
    claim: ClaimRow,
    payout: PayoutRow,
    amount_fen: int,
    *,
    reversed_: bool = False,
    **detail: object,
) -> None:
    """Take money that came back off what the family has: it is owed again.

    A claim that was paid is paying again, unless what came back was never decided on (an advance).
    `reversed_`: it was undone by us and not returned by a bank.
    """
    advance = payout.kind is PayoutKind.ADVANCE
    if advance:
        await post(tx, claim, Booking.ADVANCE_RETURNED, amount_fen)
        await count_advance(tx, claim)
    else:
        await post(tx, claim, Booking.REVERSED if reversed_ else Booking.RETURNED, amount_fen)
    if claim.insurer_code is None:
        await spend(tx, claim.policy_id, claim.id, -amount_fen)
    again = claim.status in ARRIVED and bool(claim.decided_fen)
    await move_claim(
        tx,
        claim,
        path(claim.status, Move.RETURN_PAYMENT) if again else (),
        note=None if again else ("part_reversed" if reversed_ else "part_returned"),
        detail={"amount_fen": amount_fen, **detail},
        paid_fen=claim.paid_fen - amount_fen,
    )
    await close_if_done(tx, notice)
