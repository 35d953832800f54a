"""Ask about a corrected account before its payer is told of it."""

from datetime import timedelta
from uuid import UUID

from app.db.account_checks import Finding, left_unasked
from app.db.jobs import enqueue, insurer_lane
from app.db.payouts import lock_payout, read_payout
from app.db.session import Tx
from app.domain.account_check import AccountCheck
from app.domain.lifecycle import PayoutStatus
from app.services.accounts.channel import Asking, channel_of
from app.services.claims.held import hold_claim
from app.services.payouts.correct_account import CHECK_PAYOUT, tell_account, tell_payer

FORGOTTEN = timedelta(seconds=60)


async def begin_payout_check(tx: Tx, payout_id: UUID) -> Asking | None:
    """Say whom to ask about a payout's account; None when that is settled."""
    payout = await read_payout(tx, payout_id)
    if payout.account_check is not AccountCheck.ASKED or payout.insurer_code is None:
        return None
    assert payout.payee is not None
    found = await channel_of(tx, payout.insurer_code, (payout.payee,))
    # The ability was taken away meanwhile: nobody can be asked, and the payout is not held up.
    return found or Asking(payout.insurer_code, "", "", (), (), (payout.payee,))


async def record_payout_check(tx: Tx, payout_id: UUID, finding: Finding) -> None:
    """Keep what was said of a corrected account and instruct the payer, unless it is wrong.

    A wrong one waits for another account, or for two persons who enter the very same again.
    """
    seen = await read_payout(tx, payout_id)
    _, claim = await hold_claim(tx, seen.claim_no)
    payout = await lock_payout(tx, payout_id)
    if payout.account_check is not AccountCheck.ASKED or payout.payee != finding.payee:
        return
    wrong = finding.result is AccountCheck.MISMATCH
    word = "payout.account_name_mismatch" if wrong else "payout.account_checked"
    payout = await tell_account(tx, payout, payout.status, word, checked=finding.result)
    if not wrong and payout.status is PayoutStatus.PENDING and payout.payee is not None:
        await tell_payer(tx, claim, payout, payout.payee)


async def ask_what_was_left(tx: Tx) -> None:
    """Enqueue the question for corrected accounts that wait and that no job looks after."""
    for payout_id, insurer_code in await left_unasked(tx, FORGOTTEN, CHECK_PAYOUT):
        await enqueue(tx, CHECK_PAYOUT, str(payout_id), lane=insurer_lane(insurer_code))
