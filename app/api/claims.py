"""赔案: one notice under one policy; read by dashboards, moved by those whose turn it is."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import Response

from app.api.answers import Answer
from app.api.assessment_views import AssessmentView, show_explained
from app.api.claim_views import ClaimPage, ClaimView, Timeline, show_claim, show_timeline
from app.api.fields import AreaCode, Day, Form, Instant, Line, Money, Text, Word
from app.api.numbers import ClaimNo
from app.api.reading import Listed, Reading, Reads
from app.api.swift_route import SwiftRoute
from app.api.writing import Writes, Writing
from app.db.claims import ClaimRow, ClaimsWanted
from app.db.session import Tx
from app.domain.caller import Act
from app.domain.differences import DifferenceState
from app.domain.lifecycle import ClaimStatus, Outcome
from app.services.claims.approve_claim import approve_claim as approve
from app.services.claims.approve_claim import reject_claim as reject
from app.services.claims.decide_fund_claim import confirm_decision as confirm
from app.services.claims.decide_fund_claim import propose_decision as propose
from app.services.claims.read_claim import list_claims as find_claims
from app.services.claims.read_claim import poll_claim as poll
from app.services.claims.read_claim import read_timeline as find_timeline
from app.services.claims.read_claim import view_claims
from app.services.claims.request_evidence import request_evidence as ask
from app.services.claims.withdraw_claim import withdraw_claim as withdraw
from app.services.estimates.explain_claim import explain_claim as explain

router = APIRouter(tags=["claims"], route_class=SwiftRoute)

PAPERS_MAX = 30

Looking = Annotated[Reading, Depends(Reads(Act.READ_CASES))]
Approving = Annotated[Writing, Depends(Writes(Act.APPROVE, versioned=True))]
Deciding = Annotated[Writing, Depends(Writes(Act.DECIDE, versioned=True))]
Asking = Annotated[Writing, Depends(Writes(Act.REQUEST_EVIDENCE, versioned=True))]
Withdrawing = Annotated[Writing, Depends(Writes(Act.FILE_NOTICE, versioned=True))]
AnyOutcome = Annotated[Outcome, Field(strict=False)]


class ClaimsListed(Listed):
    """Which claims to list.

    `number` is any of a claim's numbers: ours, its notice's, the insurer's, the platform's.
    `due_by`: something is owed by this day or earlier. `person` is for officers of townships and
    counties.
    """

    status: ClaimStatus | None = None
    outcome: Outcome | None = None
    number: Word | None = None
    notice_no: Word | None = None
    policy_no: Word | None = None
    insurer: Word | None = None
    area: AreaCode | None = None
    person: UUID | None = None
    due_by: Day | None = None
    difference: DifferenceState | None = None
    updated_since: Instant | None = None

    def wanted(self) -> ClaimsWanted:
        """Give the filters."""
        return ClaimsWanted(
            status=self.status,
            outcome=self.outcome,
            number=self.number,
            notice_no=self.notice_no,
            policy_no=self.policy_no,
            insurer=self.insurer,
            person=self.person,
            area=self.area,
            due_by=self.due_by,
            since=self.updated_since,
            difference=self.difference,
        )


class ApprovalForm(Form):
    """In an emergency money goes first: the papers for payment follow by this day."""

    papers_due_on: Day | None = None


class RejectionForm(Form):
    """Why a fund's claim is declined; the family reads it."""

    reason_zh: Text


class ClaimWithdrawalForm(Form):
    """Why a claim is withdrawn; its insurer reads it."""

    reason_zh: Text


class DecisionForm(Form):
    """A decision on a fund's claim; anything but a full payment needs its reason."""

    outcome: AnyOutcome
    amount: Money
    reason_zh: Text | None = None


class PaperForm(Form):
    code: Word
    label_zh: Line


class EvidenceForm(Form):
    """All papers that are missing, told at once, and by when."""

    papers: list[PaperForm] = Field(min_length=1, max_length=PAPERS_MAX)
    due_on: Day
    reason_zh: Text


@router.get("/v1/claims/{claim_no}", response_model=ClaimView)
async def read_claim(claim_no: ClaimNo, door: Looking) -> Response:
    """Read a claim; dashboards poll this with If-None-Match, which mostly asks no database."""
    known = door.unchanged("claim", claim_no)
    if known is not None:
        return known
    seen = await poll(door.database, door.caller, door.request.state.request_id, claim_no)
    answer = door.answer(show_claim(seen), seen.claim.version)
    if seen.steady:
        door.remember(answer, "claim", claim_no, seen.claim.area_code)
    return answer


@router.get("/v1/claims", response_model=ClaimPage)
async def list_claims(listed: Annotated[ClaimsListed, Query()], door: Looking) -> Response:
    """List claims, last changed first."""
    known = door.unchanged_list()
    if known is not None:
        return known
    if listed.person is not None:
        door.require(Act.READ_PEOPLE)
    async with door.transaction() as tx:
        found = await find_claims(tx, listed.wanted(), door.before(listed), listed.limit + 1)
    answer = door.page(
        listed, found, lambda seen: (seen.claim.updated_at, seen.claim.id), show_claim
    )
    if all(seen.steady for seen in found):
        door.remember_list(answer)
    return answer


@router.get("/v1/claims/{claim_no}/assessment", response_model=AssessmentView)
async def read_assessment(claim_no: ClaimNo, door: Looking) -> Response:
    """Read the latest assessment: lines, clauses, limits, papers, and what would alter it."""
    async with door.transaction() as tx:
        told = await explain(tx, claim_no)
    return door.answer(show_explained(told))


@router.get("/v1/claims/{claim_no}/timeline", response_model=Timeline)
async def read_timeline(claim_no: ClaimNo, door: Looking) -> Response:
    """Read what happened to a claim and its payouts, newest first."""
    async with door.transaction() as tx:
        events = await find_timeline(tx, claim_no)
    return door.answer(show_timeline(events))


@router.post("/v1/claims/{claim_no}:approve", response_model=ClaimView)
async def approve_claim(
    claim_no: ClaimNo, door: Approving, form: ApprovalForm | None = None
) -> Response:
    """Pass the county's check of an insured claim, or approve a fund's claim by delegation."""
    papers_due_on = None if form is None else form.papers_due_on

    async def act(tx: Tx) -> Answer:
        return await _answer(tx, await approve(tx, claim_no, door.version, papers_due_on))

    return await door.once(form, act)


@router.post("/v1/claims/{claim_no}:reject", response_model=ClaimView)
async def reject_claim(claim_no: ClaimNo, form: RejectionForm, door: Approving) -> Response:
    """Decline a fund's claim by delegation; an insured claim is its insurer's to decide."""

    async def act(tx: Tx) -> Answer:
        return await _answer(tx, await reject(tx, claim_no, door.version, form.reason_zh))

    return await door.once(form, act)


@router.post("/v1/claims/{claim_no}:decide", response_model=ClaimView)
async def decide_claim(claim_no: ClaimNo, form: DecisionForm, door: Deciding) -> Response:
    """Propose a decision on a fund's claim; another person confirms it."""

    async def act(tx: Tx) -> Answer:
        claim = await propose(
            tx,
            claim_no,
            door.version,
            outcome=form.outcome,
            amount_fen=form.amount,
            reason_zh=form.reason_zh,
        )
        return await _answer(tx, claim)

    return await door.once(form, act)


@router.post("/v1/claims/{claim_no}:confirm", response_model=ClaimView)
async def confirm_decision(claim_no: ClaimNo, door: Deciding) -> Response:
    """Confirm the proposed decision, as another person than its proposer."""

    async def act(tx: Tx) -> Answer:
        return await _answer(tx, await confirm(tx, claim_no, door.version))

    return await door.once(None, act)


@router.post("/v1/claims/{claim_no}:request-evidence", response_model=ClaimView)
async def request_evidence(claim_no: ClaimNo, form: EvidenceForm, door: Asking) -> Response:
    """Ask the township for papers while the claim waits for the bureau."""
    papers = tuple((paper.code, paper.label_zh) for paper in form.papers)

    async def act(tx: Tx) -> Answer:
        claim = await ask(tx, claim_no, door.version, papers, form.due_on, form.reason_zh)
        return await _answer(tx, claim)

    return await door.once(form, act)


@router.post("/v1/claims/{claim_no}:withdraw", response_model=ClaimView)
async def withdraw_claim(
    claim_no: ClaimNo, form: ClaimWithdrawalForm, door: Withdrawing
) -> Response:
    """Withdraw a claim that is not decided; its insurer is told, the notice's others go on."""

    async def act(tx: Tx) -> Answer:
        return await _answer(tx, await withdraw(tx, claim_no, door.version, form.reason_zh))

    return await door.once(form, act)


async def _answer(tx: Tx, claim: ClaimRow) -> Answer:
    seen = (await view_claims(tx, [claim]))[0]
    return Answer(show_claim(seen), version=claim.version)
