"""Read claims: what a clerk, an officer, an insurer or a family is told of them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db.assessments import AssessmentRow, latest_assessments
from app.db.claims import ClaimRow, ClaimsWanted
from app.db.claims import list_claims as find_claims
from app.db.claims import read_claim as find_claim
from app.db.events import WrittenEvent, timeline
from app.db.payouts import payouts_of
from app.db.session import Database, Tx
from app.db.shown_claims import DecisionBrief, PayoutBrief, ShownClaim, shown_claims
from app.db.shown_claims import poll_claim as find_shown
from app.domain.caller import Caller
from app.domain.claim_words import ClaimState, sentence_zh, whose_turn_zh
from app.domain.clocks import Clock
from app.domain.errors import NotFound
from app.domain.lifecycle import ClaimStatus, PayoutStatus
from app.domain.waiting import Asking, WaitFacts, Waiting, waiting
from app.domain.warnings import Flagged, premium_warnings
from app.services.claims.clocks_of import clocks_of, day_of, decision_warnings

STOPPED = frozenset({PayoutStatus.FAILED, PayoutStatus.RETURNED})
UNDECIDED = frozenset({ClaimStatus.UNDER_REVIEW, ClaimStatus.EVIDENCE_REQUIRED})
WITH_PAYOUTS_TO_ORDER = frozenset({ClaimStatus.DECIDED, ClaimStatus.PAYING})


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A claim with its decision and payouts, one sentence for the family, and whose turn it is.

    `clocks` tell by when who owes what; `warnings` stop nothing. `pending` is the code and the
    words of why the insurer has not decided; `held_zh` is why no payout is ordered now. `waiting`
    is why the money has not arrived. `steady`: what is told changes by an event or a new day only,
    and by nothing else, as the state of an instruction that is under way does.
    """

    claim: ClaimRow
    decision: DecisionBrief | None
    payouts: tuple[PayoutBrief, ...]
    sentence_zh: str
    next_actor_zh: str
    clocks: tuple[Clock, ...]
    warnings: tuple[Flagged, ...]
    pending: tuple[str, str | None] | None
    held_zh: str | None
    waiting: Waiting | None
    steady: bool


async def poll_claim(
    database: Database, caller: Caller, request_id: str | None, claim_no: str
) -> ClaimView:
    """Give one claim to somebody who only looks, outside of any transaction. Raises NotFound."""
    found = await find_shown(database, caller, request_id, claim_no)
    if found is None:
        raise NotFound("没有找到这个赔案。", "There is no such claim.")
    return _view(found)


async def read_claim(tx: Tx, claim_no: str) -> ClaimView:
    """Give one claim. Raises NotFound."""
    return (await view_claims(tx, [await find_claim(tx, claim_no)]))[0]


async def list_claims(
    tx: Tx, wanted: ClaimsWanted, before: tuple[datetime, UUID] | None, limit: int
) -> list[ClaimView]:
    """Give claims, last changed first, after a keyset position."""
    return await view_claims(tx, await find_claims(tx, wanted, before, limit))


async def view_claims(tx: Tx, claims: list[ClaimRow]) -> list[ClaimView]:
    """Put together what is shown of claims, as they are now."""
    shown = await shown_claims(tx, [claim.id for claim in claims])
    return [_view(one) for one in shown]


def _view(shown: ShownClaim) -> ClaimView:
    claim, decision = shown.claim, shown.decision
    state = ClaimState(
        claim.status,
        claim.outcome,
        claim.decided_fen,
        claim.paid_fen,
        len(claim.papers_asked),
        claim.due_on,
        shown.paid_on,
        shown.paid_to,
        any(payout.status in STOPPED for payout in shown.payouts),
        claim.waits_for,
        None if decision is None else decision.clause,
        None if decision is None else decision.reason_zh,
        insured=claim.insurer_code is not None,
        account_wrong=shown.account_wrong,
    )
    turn = whose_turn_zh(state, insured=claim.insurer_code is not None)
    running, late = clocks_of(shown)
    warnings = (
        *premium_warnings(shown.premium_gap_fen, shown.premium_due_on, shown.today),
        *decision_warnings(shown),
        *late,
    )
    return ClaimView(
        claim,
        decision,
        shown.payouts,
        sentence_zh(state),
        turn,
        running,
        warnings,
        _pending(shown),
        shown.held_zh if claim.status in WITH_PAYOUTS_TO_ORDER else None,
        waiting(_wait_facts(shown, running), shown.today),
        shown.asking is None and claim.status is not ClaimStatus.SUBMITTED,
    )


def _wait_facts(shown: ShownClaim, running: tuple[Clock, ...]) -> WaitFacts:
    claim = shown.claim
    code, said_zh = _pending(shown) or (None, None)
    return WaitFacts(
        status=claim.status,
        insured=claim.insurer_code is not None,
        submitted_on=day_of(claim.created_at),
        waits_for=claim.waits_for,
        waiting_days=claim.waiting_days,
        decided_fen=claim.decided_fen,
        papers_asked=len(claim.papers_asked),
        asking=None if shown.asking is None else Asking(*shown.asking),
        pend_code=code,
        pend_said_zh=said_zh,
        held_zh=shown.held_zh,
        payouts=tuple(payout.status for payout in shown.payouts),
        account_proposed=shown.account_proposed,
        account_wrong=shown.account_wrong,
        next_due_on=shown.next_due_on,
        clocks=running,
    )


def _pending(shown: ShownClaim) -> tuple[str, str | None] | None:
    code, words = shown.pending or (None, None)
    return None if code is None or shown.claim.status not in UNDECIDED else (code, words)


async def read_assessment(tx: Tx, claim_no: str) -> tuple[ClaimRow, AssessmentRow]:
    """Give the latest assessment of a claim. Raises NotFound, also while there is none yet."""
    claim = await find_claim(tx, claim_no)
    found = (await latest_assessments(tx, [claim.id])).get(claim.id)
    if found is None:
        raise NotFound("理算尚未完成，请稍后再看。", "There is no assessment yet.")
    return claim, found


async def read_timeline(tx: Tx, claim_no: str) -> list[WrittenEvent]:
    """Give the events of a claim and its payouts, newest first. Raises NotFound."""
    claim = await find_claim(tx, claim_no)
    payouts = await payouts_of(tx, [claim.id])
    events = await timeline(tx, "claim", [claim_no])
    if payouts:
        events += await timeline(tx, "payout", [str(payout.id) for payout in payouts])
    return sorted(events, key=lambda event: event.seq, reverse=True)
