"""Take the bank's answer to a batch: all lines or none, after the control totals."""

from collections.abc import Sequence

from app.db.batches import BatchRow, change_batch, lock_batch, read_batch
from app.db.payouts import PayoutRow, payouts_of_batch
from app.db.session import Tx
from app.domain.bank_file import Result, Totals, check_totals, line_fault
from app.domain.callback import PayoutTold
from app.domain.errors import IllegalMove, Invalid
from app.services.batches.keep_bank_return import keep_bank_return
from app.services.claims.held import hold_claim
from app.services.payouts.apply_payout_news import apply_payout


async def settle_batch(
    tx: Tx, batch_no: str, results: Sequence[Result], totals: Totals
) -> BatchRow:
    """Book every line of the bank's answer.

    Raises NotFound, IllegalMove unless the batch was handed over, Invalid when totals do not agree,
    a line is unknown or missing, or an amount differs by a fen: then nothing is taken.
    """
    check_totals(results, totals)
    seen = await read_batch(tx, batch_no)
    payouts = {payout.reference: payout for payout in await payouts_of_batch(tx, seen.id)}
    _refuse_foreign(results, payouts)
    for place, result in enumerate(results):
        await _book(tx, place, payouts[result.reference], result)
    batch = await lock_batch(tx, batch_no)  # after notices and claims, as everywhere
    if batch.status != "exported":
        raise IllegalMove("未送盘" if batch.status == "open" else "已回盘", ())
    settled = await change_batch(tx, batch, "settled")
    await keep_bank_return(tx, results, payouts)
    return settled


def _refuse_foreign(results: Sequence[Result], payouts: dict[str | None, PayoutRow]) -> None:
    faults = []
    for place, result in enumerate(results):
        payout = payouts.get(result.reference)
        if payout is None:
            faults.append(line_fault(place, "批次中没有这一笔", "Not in this batch"))
        elif payout.amount_fen != result.amount_fen:
            faults.append(line_fault(place, "金额与送盘不一致", "The amount differs"))
        elif result.state == "paid" and not result.settlement_no:
            faults.append(line_fault(place, "缺少银行流水号", "The bank's number is missing"))
    if len(results) < len(payouts) and not faults:
        faults.append(line_fault(len(results), "回盘缺少部分款项", "Some payouts are missing"))
    if faults:
        raise Invalid(*faults)


async def _book(tx: Tx, place: int, payout: PayoutRow, result: Result) -> None:
    notice, claim = await hold_claim(tx, payout.claim_no)
    news = PayoutTold(
        result.state,
        result.reference,
        result.settlement_no,
        result.amount_fen,
        payout.account_last4,
        None if result.state == "paid" else (result.failure_code or "other"),
        result.reason_zh,
        await tx.today() if result.state == "paid" else None,
    )
    effect = await apply_payout(tx, notice, claim, news)
    if effect.state != "applied":
        raise Invalid(line_fault(place, "这一笔不能入账，请核对", f"Not booked: {effect.reason}"))
