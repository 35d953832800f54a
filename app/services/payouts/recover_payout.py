"""Recover money that was paid wrongly: demanded, received in parts or whole, or let go by two."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.db import recoveries
from app.db.claims import ClaimRow, move_claim
from app.db.funds import take_back
from app.db.ledger import post
from app.db.payouts import PayoutRow, lock_payout, read_payout
from app.db.recoveries import ReceiptRow, RecoveryRow
from app.db.session import Tx
from app.domain.errors import Fault, Forbidden, IllegalMove, Invalid
from app.domain.ledger import Booking
from app.domain.lifecycle import PAYOUT_ZH, PayoutStatus
from app.domain.note_checks import note_faults
from app.domain.payout import RECOVERY_ZH, RecoveryState
from app.services.claims.held import hold_claim
from app.services.payouts.book_money import tell_payout


@dataclass(frozen=True, slots=True)
class RecoveryView:
    """A demand with the money that came for it."""

    recovery: RecoveryRow
    receipts: tuple[ReceiptRow, ...]


async def demand_back(tx: Tx, payout_id: UUID, amount_fen: int, reason_zh: str) -> RecoveryView:
    """Demand money back that was paid wrongly. Nothing is ever taken back by itself.

    What the claim was decided for and what it holds of limits stay: only a new decision changes
    them. Raises NotFound, Invalid for more than is left to demand or personal numbers in the
    reason, IllegalMove unless the payout has arrived.
    """
    _refuse_numbers(reason_zh)
    seen = await read_payout(tx, payout_id)
    _, claim = await hold_claim(tx, seen.claim_no)
    payout = await lock_payout(tx, payout_id)
    if payout.status is not PayoutStatus.PAID:
        raise IllegalMove(PAYOUT_ZH[payout.status], ())
    demanded = sum(one.kept_fen for one in await recoveries.recoveries_of(tx, [payout_id]))
    left_fen = payout.amount_fen - payout.reversed_fen - demanded
    if not 0 < amount_fen <= left_fen:
        raise Invalid(_fault("/amount", "追回金额须大于零且不超过可追回的金额", "out of range"))
    recovery_id = await recoveries.add_recovery(tx, payout, amount_fen, reason_zh)
    await _book(tx, claim, payout, "demand_back", Booking.DEMANDED, amount_fen)
    return await read_recovery(tx, recovery_id)


async def receive_back(
    tx: Tx, recovery_id: UUID, amount_fen: int, received_on: date, reference: str
) -> RecoveryView:
    """Book money that came for a demand; a voucher's number counts once.

    A fund may spend it again. Raises NotFound, IllegalMove once it is over, Invalid for more than
    is demanded, a day to come, or a voucher that was booked before.
    """
    recovery, claim, payout = await _hold(tx, recovery_id)
    faults = list(_receipt_faults(recovery, amount_fen, received_on, await tx.today()))
    if faults:
        raise Invalid(*faults)
    if not await recoveries.receive(tx, recovery, amount_fen, received_on, reference):
        raise Invalid(_fault("/reference", "此凭证号已登记", "the reference was booked before"))
    if claim.insurer_code is None:
        await take_back(tx, claim.policy_id, claim.id, amount_fen)
    await _book(tx, claim, payout, "receive_back", Booking.RECOVERED, amount_fen)
    return await read_recovery(tx, recovery_id)


async def waive_recovery(tx: Tx, recovery_id: UUID, reason_zh: str) -> RecoveryView:
    """Let the rest of a demand go, as another person than who demanded it.

    Raises NotFound, IllegalMove once it is over, Forbidden for the demander, Invalid.
    """
    _refuse_numbers(reason_zh)
    recovery, claim, payout = await _hold(tx, recovery_id)
    if recovery.demanded_by == tx.caller.actor:
        raise Forbidden(
            "不再追回须由提出追回以外的另一人决定。",
            "A demand is let go by another person than who made it.",
        )
    await recoveries.waive(tx, recovery, reason_zh)
    await _book(tx, claim, payout, "waive_recovery", Booking.WAIVED, recovery.left_fen)
    return await read_recovery(tx, recovery_id)


async def read_recovery(tx: Tx, recovery_id: UUID) -> RecoveryView:
    """Give a demand with what came for it. Raises NotFound."""
    recovery = await recoveries.read_recovery(tx, recovery_id)
    return RecoveryView(recovery, tuple(await recoveries.receipts_of(tx, [recovery_id])))


async def list_recoveries(tx: Tx, payout_id: UUID) -> list[RecoveryView]:
    """Give the demands on a payout, oldest first. Raises NotFound."""
    await read_payout(tx, payout_id)
    found = await recoveries.recoveries_of(tx, [payout_id])
    receipts = await recoveries.receipts_of(tx, [one.id for one in found])
    return [
        RecoveryView(one, tuple(each for each in receipts if each.recovery_id == one.id))
        for one in found
    ]


async def _hold(tx: Tx, recovery_id: UUID) -> tuple[RecoveryRow, ClaimRow, PayoutRow]:
    """Hold a demand that is open, with its claim and payout, in the order of locks everywhere."""
    seen = await recoveries.read_recovery(tx, recovery_id)
    _, claim = await hold_claim(tx, seen.claim_no)
    payout = await lock_payout(tx, seen.payout_id)
    recovery = await recoveries.lock_recovery(tx, recovery_id)
    if recovery.state is not RecoveryState.DEMANDED:
        raise IllegalMove(RECOVERY_ZH[recovery.state], ())
    return recovery, claim, payout


async def _book(
    tx: Tx, claim: ClaimRow, payout: PayoutRow, word: str, booking: Booking, amount_fen: int
) -> None:
    """Book a step on the payout and, so that a claim's timeline tells it, on the claim."""
    await post(tx, claim, booking, amount_fen)
    await tell_payout(tx, payout, word, payout.status, amount_fen=amount_fen)
    await move_claim(tx, claim, (), note=word, detail={"amount_fen": amount_fen})


def _receipt_faults(
    recovery: RecoveryRow, amount_fen: int, received_on: date, today: date
) -> Iterator[Fault]:
    if not 0 < amount_fen <= recovery.left_fen:
        yield _fault("/amount", "金额须大于零且不超过尚未追回的金额", "out of range")
    if received_on > today:
        yield _fault("/received_on", "收款日不能晚于今天", "the day is still to come")


def _refuse_numbers(text_zh: str) -> None:
    faults = note_faults(text_zh, "/reason_zh")
    if faults:
        raise Invalid(*faults)


def _fault(pointer: str, message_zh: str, message_en: str) -> Fault:
    return Fault(pointer, "validation.failed", message_zh, message_en)
