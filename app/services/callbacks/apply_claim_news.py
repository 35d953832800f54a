"""Apply what an insurer says of a claim itself: accepted, papers asked for, decided."""

from app.db.claims import ClaimRow, move_claim, set_pending
from app.db.decisions import Verdict, latest_decisions
from app.db.instructions import referred, settle_by_callback
from app.db.notices import NoticeRow
from app.db.session import Tx
from app.domain.callback import Accepted, Decided, EvidenceAsked, Pended
from app.domain.effect import APPLIED, Effect, parked, stale
from app.domain.lifecycle import ClaimStatus, Move, Moved, path
from app.services.claims.request_evidence import ask_papers
from app.services.claims.settle_claim import settle_claim

DECIDED_OR_LATER = frozenset(
    {ClaimStatus.DECIDED, ClaimStatus.PAYING, ClaimStatus.PAID, ClaimStatus.CLOSED}
)


async def apply_accepted(tx: Tx, claim: ClaimRow, news: Accepted) -> Effect:
    """The insurer has the claim: from submitted it goes under review, later it is old news."""
    moves = await _arrived(tx, claim)
    if moves is None:
        return parked("not_referred")
    if not moves and (claim.insurer_case_no or news.insurer_case_no is None):
        return stale("already_accepted")
    await _take(tx, claim, moves, news.insurer_case_no, None if moves else "case_no")
    return APPLIED


async def apply_evidence(tx: Tx, claim: ClaimRow, news: EvidenceAsked) -> Effect:
    """Papers are asked for: the claim waits for the township, or is past that already."""
    if claim.status in DECIDED_OR_LATER:
        return stale("already_decided")
    if claim.status is ClaimStatus.WITHDRAWN:
        return parked("claim_withdrawn")
    if claim.status is ClaimStatus.EVIDENCE_REQUIRED:
        return stale("already_asked")
    moves = await _arrived(tx, claim)
    if moves is None:
        return parked("not_referred")
    claim = await _take(tx, claim, moves, news.insurer_case_no, None)
    await ask_papers(
        tx,
        claim,
        path(claim.status, Move.REQUEST_EVIDENCE),
        news.papers,
        news.due_on,
        news.reason_zh,
    )
    if news.pend is not None:
        await set_pending(tx, claim.id, news.pend.value, news.reason_zh or None)
    return APPLIED


async def apply_pended(tx: Tx, claim: ClaimRow, news: Pended) -> Effect:
    """The insurer says what it waits for: shown until it decides, or says something else."""
    if claim.status in DECIDED_OR_LATER:
        return stale("already_decided")
    if claim.status is ClaimStatus.WITHDRAWN:
        return parked("claim_withdrawn")
    moves = await _arrived(tx, claim)
    if moves is None:
        return parked("not_referred")
    claim = await _take(tx, claim, moves, news.insurer_case_no, None)
    await set_pending(tx, claim.id, news.reason.value, news.said_zh)
    await move_claim(tx, claim, (), note="pend", detail={"pend_code": news.reason.value})
    return APPLIED


async def apply_decided(tx: Tx, notice: NoticeRow, claim: ClaimRow, news: Decided) -> Effect:
    """The insurer has decided; the same decision again is old news, another is a difference."""
    if claim.status in DECIDED_OR_LATER:
        decision = (await latest_decisions(tx, [claim.id])).get(claim.id)
        same = decision is not None and (decision.outcome, decision.amount_fen) == (
            news.outcome.value,
            news.amount_fen,
        )
        return stale("already_decided") if same else parked("differs_from_decision")
    if claim.status is ClaimStatus.WITHDRAWN:
        return parked("claim_withdrawn")
    if news.amount_fen < (claim.decided_fen or 0):
        return parked("less_than_before")  # a family never gives back what it was once decided
    moves = await _arrived(tx, claim)
    if moves is None:
        return parked("not_referred")
    claim = await _take(tx, claim, moves, news.insurer_case_no, None)
    back: tuple[Moved, ...] = ()
    if claim.status is ClaimStatus.EVIDENCE_REQUIRED:
        back = path(claim.status, Move.RESUME_REVIEW)
    verdict = Verdict(news.outcome, news.amount_fen, news.clause, news.reason_zh, news.decided_on)
    await settle_claim(tx, notice, claim, verdict, back)
    return APPLIED


async def _arrived(tx: Tx, claim: ClaimRow) -> tuple[Moved, ...] | None:
    """Give the move that the callback implies: it may overtake the answer to our own referral.

    None when the claim was never referred, or an approval is still pending: then it is too early.
    """
    if claim.status is ClaimStatus.SUBMITTED:
        if claim.id not in await referred(tx, [claim.id]):
            return None
        return path(claim.status, Move.ACCEPT)
    if claim.held_from is ClaimStatus.PENDING_APPROVAL:
        return None
    return None if claim.status is ClaimStatus.PENDING_APPROVAL else ()


async def _take(
    tx: Tx, claim: ClaimRow, moves: tuple[Moved, ...], case_no: str | None, note: str | None
) -> ClaimRow:
    await settle_by_callback(tx, claim.id, "refer_claim")
    if not moves and note is None:
        return claim
    return await move_claim(
        tx, claim, moves, note=note, insurer_case_no=claim.insurer_case_no or case_no
    )
