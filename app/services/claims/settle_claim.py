"""Write a decision: usage settled, payouts opened, the claim moved, waiting siblings woken."""

from app.db.claims import ClaimRow, claims_of, move_claim
from app.db.decisions import Verdict, add_decision, note_difference
from app.db.funds import commit
from app.db.instalments import add_instalments
from app.db.jobs import enqueue
from app.db.ledger import count_advance, post
from app.db.notices import NoticeRow
from app.db.session import Tx
from app.domain.ledger import Booking
from app.domain.lifecycle import ClaimStatus, Move, Moved, path
from app.services.claims.close_notice import close_if_done
from app.services.claims.decided_usage import replace_usage
from app.services.claims.open_payouts import (
    Owed,
    cancel_unsent_advances,
    end_proposals,
    open_owed,
    owed_after,
)
from app.services.claims.send_on import ASSESS


async def settle_claim(
    tx: Tx, notice: NoticeRow, claim: ClaimRow, verdict: Verdict, moves: tuple[Moved, ...] = ()
) -> ClaimRow:
    """Write a decision on a held claim of a held notice, with everything that follows from it.

    `moves` bring the claim to where it may be decided. An insured claim with an amount goes on to
    paying; a fund's rests at decided until its batch is paid; without an amount it is closed.
    After a reopening, or an advance, the amount is the whole of it: the difference is paid, and
    what was advanced beyond it is told and left with the family.
    """
    seq = await add_decision(tx, claim, verdict)
    detail: dict[str, object] = {"outcome": verdict.outcome, "amount_fen": verdict.amount_fen}
    over = await replace_usage(tx, notice, claim, verdict.amount_fen)
    if over:
        detail["beyond"] = over
    if await note_difference(tx, claim, seq, verdict.amount_fen, always=bool(over)):
        detail["difference_fen"] = verdict.amount_fen - (claim.assessed_fen or 0)
    await post(tx, claim, Booking.DECIDED, verdict.amount_fen - (claim.decided_fen or 0))
    owed = await owed_after(tx, claim, verdict)
    if owed.advanced:
        await count_advance(tx, claim)
        detail["advanced_too_much_fen"] = owed.over_fen
    if owed.parts:
        detail["instalments"] = len(owed.parts)
    if claim.insurer_code is None and (ended := await end_proposals(tx, claim)):
        detail["advances_not_granted"] = ended
    made = (*moves, *path(moves[-1].now if moves else claim.status, Move.DECIDE))
    made = (*made, *_onward(made[-1].now, claim, owed, verdict.amount_fen))
    await _open(tx, notice, claim, owed, verdict.amount_fen)
    claim = await move_claim(
        tx,
        claim,
        made,
        detail=detail,
        outcome=verdict.outcome,
        decided_fen=verdict.amount_fen,
        held_from=None,
        papers_asked=[],
        due_on=None,
        waits_for=None,
    )
    await wake_siblings(tx, notice, claim)
    await close_if_done(tx, notice)
    return claim


async def _open(tx: Tx, notice: NoticeRow, claim: ClaimRow, owed: Owed, decided_fen: int) -> None:
    """Open what an insurer is to pay; of a fund commit it: its batch opens the payouts.

    A fund that declines takes back what it granted and has not sent.
    """
    if claim.insurer_code is not None:
        await open_owed(tx, notice, claim, owed)
    elif owed.whole_fen:
        await commit(tx, claim.policy_id, claim.id, owed.whole_fen)
        await add_instalments(tx, claim, owed.parts)
    elif not decided_fen:
        await cancel_unsent_advances(tx, claim)


def _onward(
    status: ClaimStatus, claim: ClaimRow, owed: Owed, decided_fen: int
) -> tuple[Moved, ...]:
    """Give the moves after a decision: to its payouts, or to the end where nothing is left."""
    if decided_fen and owed.whole_fen and claim.insurer_code is None:
        return ()
    if decided_fen and (owed.whole_fen or owed.unfinished):
        return path(status, Move.PAY)
    if decided_fen and owed.advanced:
        paid = path(status, Move.PAY, Move.CONFIRM_PAID)
        return paid if claim.return_window_days else (*paid, *path(paid[-1].now, Move.CLOSE))
    return path(status, Move.CLOSE)


async def wake_siblings(tx: Tx, notice: NoticeRow, claim: ClaimRow) -> None:
    """Have the notice assessed again when another claim was waiting for this one."""
    siblings = await claims_of(tx, [notice.id])
    if any(other.waits_for == claim.claim_no for other in siblings):
        await enqueue(tx, ASSESS, notice.notice_no)
