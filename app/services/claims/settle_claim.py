"""Write a decision: usage settled, payouts opened, the claim moved, waiting siblings woken."""

from app.db.claims import ClaimRow, claims_of, move_claim
from app.db.decisions import Verdict, add_decision, note_difference
from app.db.funds import commit
from app.db.jobs import enqueue
from app.db.ledger import post
from app.db.notices import NoticeRow
from app.db.payouts import add_payouts
from app.db.session import Tx
from app.domain.ledger import Booking
from app.domain.lifecycle import Move, Moved, path
from app.domain.money import split_fen
from app.domain.notice import Payee
from app.services.claims.close_notice import close_if_done
from app.services.claims.decided_usage import replace_usage
from app.services.claims.send_on import ASSESS

NOBODY = Payee("", "", "")


async def settle_claim(
    tx: Tx, notice: NoticeRow, claim: ClaimRow, verdict: Verdict, moves: tuple[Moved, ...] = ()
) -> ClaimRow:
    """Write a decision on a held claim of a held notice, with everything that follows from it.

    `moves` bring the claim to where it may be decided. An insured claim with an amount goes on to
    paying; a fund's rests at decided until its batch is paid; without an amount it is closed.
    After a reopening the amount is the whole of it: what is more than before is paid as a top-up.
    """
    seq = await add_decision(tx, claim, verdict)
    detail: dict[str, object] = {"outcome": verdict.outcome, "amount_fen": verdict.amount_fen}
    over = await replace_usage(tx, notice, claim, verdict.amount_fen)
    if over:
        detail["beyond"] = over
    if await note_difference(tx, claim, seq, verdict.amount_fen, always=bool(over)):
        detail["difference_fen"] = verdict.amount_fen - (claim.assessed_fen or 0)
    to_pay_fen = verdict.amount_fen - (claim.decided_fen or 0)
    await post(tx, claim, Booking.DECIDED, to_pay_fen)
    made = (*moves, *path(moves[-1].now if moves else claim.status, Move.DECIDE))
    if to_pay_fen <= 0:
        made = (*made, *path(made[-1].now, Move.CLOSE))
    elif claim.insurer_code is None:
        await commit(tx, claim.policy_id, claim.id, to_pay_fen)
    else:
        made = (*made, *path(made[-1].now, Move.PAY))
        await add_payouts(tx, claim, payee_parts(notice.content.payees, to_pay_fen))
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


def payee_parts(payees: tuple[Payee, ...], amount_fen: int) -> list[tuple[Payee, int]]:
    """Split an amount over payees by their shares; a part of nothing opens no payout.

    Without a payee the whole waits for an account to be given.
    """
    named = payees or (NOBODY,)
    parts = split_fen(amount_fen, [payee.share_bp for payee in named])
    return [(payee, part) for payee, part in zip(named, parts, strict=True) if part]


async def wake_siblings(tx: Tx, notice: NoticeRow, claim: ClaimRow) -> None:
    """Have the notice assessed again when another claim was waiting for this one."""
    siblings = await claims_of(tx, [notice.id])
    if any(other.waits_for == claim.claim_no for other in siblings):
        await enqueue(tx, ASSESS, notice.notice_no)
