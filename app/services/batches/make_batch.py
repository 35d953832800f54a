"""Put a fund's decided claims, and its corrected payouts, into one batch for the bank."""

from app.db.batches import BatchRow, add_batch, change_batch, decided_claims, people_of
from app.db.claims import move_claim
from app.db.events import NewEvent, write_event
from app.db.instalments import planned_of
from app.db.payout_attempts import add_attempt, attempts_of
from app.db.payouts import PayoutRow, payouts_of, pending_of_fund, put_into_batch
from app.db.policies import lock_policy, touch_policy
from app.db.session import Tx
from app.domain.errors import Fault, Invalid, OutOfArea
from app.domain.lifecycle import ClaimStatus, Move, path
from app.domain.payout import still_to_open_fen
from app.services.claims.held import hold_claim
from app.services.claims.open_payouts import open_due, open_payouts
from app.services.claims.stand_aside import stand_aside
from app.services.funds.allot_money import fund
from app.services.holds.refuse_held import refuse_held

MOST = 1_000


async def make_batch(tx: Tx, policy_no: str) -> BatchRow:
    """Open a batch with everything of a fund that is due and has an account, at most 1000.

    Decided claims get their payouts and go on to paying. Raises NotFound, OutOfArea, Invalid for
    an insured policy or when nothing is due, PayoutsHeld; NearRelative where one is for a relative
    of the caller.
    """
    known = await fund(tx, policy_no)
    if known.area_lo < tx.caller.area_lo or known.area_hi > tx.caller.area_hi:
        raise OutOfArea("这个基金由上级辖区管理。", "A wider area keeps this fund.")
    await refuse_held(tx, known.id)
    for claim_no in await decided_claims(tx, known.id, MOST):
        await _open_payouts(tx, claim_no)
    policy = await lock_policy(tx, policy_no)  # after notices and claims, as everywhere
    payouts = await pending_of_fund(tx, policy.id, MOST)
    if not payouts:
        raise Invalid(
            Fault(
                "/policy_no",
                "validation.failed",
                "没有待发放的款项，或收款账户尚未登记。",
                "Nothing is due, or no account is known.",
            )
        )
    await stand_aside(tx, await people_of(tx, [payout.id for payout in payouts]))
    batch = await add_batch(tx, policy)
    for place, payout in enumerate(payouts, start=1):
        await _put_in(tx, batch, payout, place)
    total = sum(payout.amount_fen for payout in payouts)
    version = await touch_policy(tx, policy.id)
    detail: dict[str, object] = {"batch_no": batch.batch_no, "total_fen": total}
    await write_event(
        tx,
        NewEvent("policy", policy_no, version, "policy.batch", policy.area_lo, detail=detail),
    )
    return await change_batch(tx, batch, "open", count=len(payouts), total_fen=total)


async def _put_in(tx: Tx, batch: BatchRow, payout: PayoutRow, place: int) -> None:
    """Put a held payout into the batch: a new attempt, sent with the file."""
    attempts = await attempts_of(tx, [payout.id])
    await put_into_batch(tx, payout, batch.id, f"{batch.batch_no}-{place:04d}")
    await add_attempt(
        tx,
        payout,
        len(attempts) + 1,
        status="sent",
        amount_fen=payout.amount_fen,
        last4=payout.account_last4,
    )
    await write_event(
        tx,
        NewEvent(
            "payout",
            str(payout.id),
            payout.version + 1,
            "payout.sent",
            payout.area_code,
            was=payout.status,
            now="sent",
            detail={"amount_fen": payout.amount_fen, "batch_no": batch.batch_no},
        ),
    )


async def _open_payouts(tx: Tx, claim_no: str) -> None:
    notice, claim = await hold_claim(tx, claim_no)
    if claim.status is not ClaimStatus.DECIDED or not claim.decided_fen:
        return
    payouts = [payout.standing for payout in await payouts_of(tx, [claim.id])]
    planned = sum(one.amount_fen for one in await planned_of(tx, claim.id))
    rest_fen, _ = still_to_open_fen(claim.decided_fen, payouts, planned)
    await open_payouts(tx, notice, claim, rest_fen)
    await open_due(tx, notice, claim)
    await move_claim(tx, claim, path(claim.status, Move.PAY))
