"""Whether money reached whom it was for: the recipient says so, or a sample is looked into."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.db.events import NewEvent, write_event
from app.db.payouts import lock_payout, payouts_named, read_payout
from app.db.policies import read_policy
from app.db.receipts import keep_receipt, sampled
from app.db.session import Tx
from app.domain.errors import Fault, IllegalMove, Invalid
from app.domain.lifecycle import PAYOUT_ZH, PayoutStatus
from app.domain.note_checks import note_faults
from app.domain.payout import Receipt, ReceiptWay, sample_size
from app.services.claims.held import hold_claim
from app.services.payouts.view import PayoutView, view_payouts

SAMPLE_MOST = 200


@dataclass(frozen=True, slots=True)
class Sample:
    """Payouts to look into, and of how many they were drawn."""

    of: int
    payouts: tuple[PayoutView, ...]


async def confirm_receipt(
    tx: Tx, payout_id: UUID, receipt: Receipt, way: ReceiptWay, note_zh: str | None
) -> PayoutView:
    """Keep what is known of a payment's arrival; a later word stands instead of an earlier one.

    It moves no money: that nothing was received is for people to follow up. Raises NotFound,
    IllegalMove for a payout that was not paid, Invalid for personal numbers in the note, and for
    not received without a note.
    """
    faults = note_faults(note_zh, "/note_zh") if note_zh else ()
    if faults:
        raise Invalid(*faults)
    if receipt is Receipt.NOT_RECEIVED and not note_zh:
        raise Invalid(Fault("/note_zh", "validation.failed", "须写明情况", "a note is needed"))
    seen = await read_payout(tx, payout_id)
    await hold_claim(tx, seen.claim_no)
    payout = await lock_payout(tx, payout_id)
    if payout.status is not PayoutStatus.PAID:
        raise IllegalMove(PAYOUT_ZH[payout.status], ())
    version = await keep_receipt(tx, payout, receipt, way, note_zh)
    await write_event(
        tx,
        NewEvent(
            "payout",
            str(payout.id),
            version,
            "payout.confirm_receipt",
            payout.area_code,
            was=payout.status,
            now=payout.status,
            insurer_code=payout.insurer_code,
            detail={"receipt": receipt, "way": way},
        ),
    )
    return (await view_payouts(tx, [await read_payout(tx, payout_id)]))[0]


async def draw_sample(
    tx: Tx, policy_no: str, from_on: date, to_on: date, seed: str, share_bp: int
) -> Sample:
    """Draw payouts that were paid under a policy in some days (Asia/Shanghai, inclusive).

    The same seed draws the same ones, as long as none is added; at most 200. Raises NotFound,
    Invalid for days out of order.
    """
    if from_on > to_on:
        raise Invalid(
            Fault("/to_on", "validation.failed", "止期早于起期", "the period ends before it begins")
        )
    await read_policy(tx, policy_no)
    order, of = await sampled(tx, policy_no, from_on, to_on, seed, SAMPLE_MOST)
    chosen = await payouts_named(tx, order[: sample_size(of, share_bp)])
    return Sample(of, tuple(await view_payouts(tx, chosen)))
