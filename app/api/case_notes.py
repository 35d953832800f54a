"""赔案旁的事: differences, appeals and complaints, reopening, notes, and who works on it."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from app.api.answers import Answer
from app.api.claim_views import ClaimView, show_claim
from app.api.fields import Form, Labelled, Line, Text, View, When
from app.api.notice_views import NoticeView, show_notice
from app.api.numbers import ClaimNo, NoticeNo
from app.api.reading import Reading, Reads
from app.api.writing import Writes, Writing
from app.db.appeals import AppealRow
from app.db.claims import ClaimRow
from app.db.notes import NoteRow
from app.db.session import Tx
from app.domain.caller import Act
from app.services.claims.appeal_claim import answer_appeal as answer
from app.services.claims.appeal_claim import appeal_claim as appeal
from app.services.claims.appeal_claim import list_appeals as find_appeals
from app.services.claims.read_claim import view_claims
from app.services.claims.reopen_claim import reopen_claim as reopen
from app.services.claims.resolve_difference import accept_difference as accept
from app.services.claims.resolve_difference import dispute_difference as dispute
from app.services.notes import assign, notes

router = APIRouter(tags=["claims"])

Looking = Annotated[Reading, Depends(Reads(Act.READ_CASES))]
Colleague = Annotated[Reading, Depends(Reads(Act.NOTE))]
Resolving = Annotated[Writing, Depends(Writes(Act.RESOLVE_DIFFERENCE, versioned=True))]
Appealing = Annotated[Writing, Depends(Writes(Act.APPEAL, versioned=True))]
Reopening = Annotated[Writing, Depends(Writes(Act.REOPEN, versioned=True))]
Noting = Annotated[Writing, Depends(Writes(Act.NOTE))]
Assigning = Annotated[Writing, Depends(Writes(Act.NOTE, versioned=True))]

APPEAL_KIND_ZH = {"appeal": "申诉", "complaint": "投诉"}
APPEAL_STATE_ZH = {"open": "待答复", "accepted": "已采纳", "rejected": "未采纳"}


class Reason(Form):
    """Why; it stands in the timeline of the claim."""

    reason_zh: Text


class AppealForm(Form):
    """An appeal against what was decided, or a complaint about how."""

    kind: Literal["appeal", "complaint"] = "appeal"
    reason_zh: Text


class AppealAnswerForm(Form):
    """What is answered; an accepted appeal reopens the claim."""

    accepted: bool
    answer_zh: Text


class NoteForm(Form):
    """A note for colleagues; no identity, account or phone numbers."""

    text_zh: Text


class AssignmentForm(Form):
    """Who works on it: the label of a key; null takes it back."""

    to: Line | None


class AppealShown(View):
    seq: int
    kind: Labelled
    state: Labelled
    reason_zh: str
    filed_by: str
    filed_at: When
    answer_zh: str | None
    answered_by: str | None
    answered_at: When | None


class Appeals(View):
    items: list[AppealShown]


class NoteShown(View):
    id: UUID
    text_zh: str
    actor: str
    created_at: When


class Notes(View):
    items: list[NoteShown]


@router.post("/v1/claims/{claim_no}:accept-difference", response_model=ClaimView)
async def accept_difference(claim_no: ClaimNo, form: Reason, door: Resolving) -> Response:
    """Accept that the insurer decided otherwise than we assessed, with the reason."""

    async def act(tx: Tx) -> Answer:
        return await _answer(tx, await accept(tx, claim_no, door.version, form.reason_zh))

    return await door.once(form, act)


@router.post("/v1/claims/{claim_no}:dispute", response_model=ClaimView)
async def dispute_difference(claim_no: ClaimNo, form: Reason, door: Resolving) -> Response:
    """Dispute what the insurer decided; the payment goes on."""

    async def act(tx: Tx) -> Answer:
        return await _answer(tx, await dispute(tx, claim_no, door.version, form.reason_zh))

    return await door.once(form, act)


@router.post("/v1/claims/{claim_no}:appeal", response_model=ClaimView)
async def appeal_claim(claim_no: ClaimNo, form: AppealForm, door: Appealing) -> Response:
    """File an appeal against the decision, or a complaint."""

    async def act(tx: Tx) -> Answer:
        claim = await appeal(tx, claim_no, door.version, form.kind, form.reason_zh)
        return await _answer(tx, claim)

    return await door.once(form, act)


@router.post("/v1/claims/{claim_no}:answer-appeal", response_model=ClaimView)
async def answer_appeal(claim_no: ClaimNo, form: AppealAnswerForm, door: Reopening) -> Response:
    """Answer the open appeal or complaint; an accepted appeal reopens the claim."""

    async def act(tx: Tx) -> Answer:
        claim = await answer(tx, claim_no, door.version, form.answer_zh, accepted=form.accepted)
        return await _answer(tx, claim)

    return await door.once(form, act)


@router.post("/v1/claims/{claim_no}:reopen", response_model=ClaimView)
async def reopen_claim(claim_no: ClaimNo, form: Reason, door: Reopening) -> Response:
    """Bring a closed claim under review again."""

    async def act(tx: Tx) -> Answer:
        return await _answer(tx, await reopen(tx, claim_no, door.version, form.reason_zh))

    return await door.once(form, act)


@router.get("/v1/claims/{claim_no}/appeals", response_model=Appeals)
async def list_appeals(claim_no: ClaimNo, door: Looking) -> Response:
    """List a claim's appeals and complaints, newest first."""
    async with door.transaction() as tx:
        found = await find_appeals(tx, claim_no)
    return door.answer(Appeals(items=[_appeal(row) for row in found]))


@router.post("/v1/claims/{claim_no}:assign", response_model=ClaimView)
async def assign_claim(claim_no: ClaimNo, form: AssignmentForm, door: Assigning) -> Response:
    """Say which colleague works on a claim."""

    async def act(tx: Tx) -> Answer:
        return await _answer(tx, await assign.assign_claim(tx, claim_no, door.version, form.to))

    return await door.once(form, act)


@router.post("/v1/claims/{claim_no}/notes", status_code=201, response_model=Notes)
async def note_claim(claim_no: ClaimNo, form: NoteForm, door: Noting) -> Response:
    """Leave a note on a claim for colleagues."""

    async def act(tx: Tx) -> Answer:
        return Answer(_notes(await notes.note_claim(tx, claim_no, form.text_zh)), 201)

    return await door.once(form, act)


@router.get("/v1/claims/{claim_no}/notes", response_model=Notes)
async def list_claim_notes(claim_no: ClaimNo, door: Colleague) -> Response:
    """List the notes on a claim, newest first."""
    async with door.transaction() as tx:
        found = await notes.list_notes(tx, "claim", claim_no)
    return door.answer(_notes(found))


@router.post("/v1/notices/{notice_no}:assign", response_model=NoticeView)
async def assign_notice(notice_no: NoticeNo, form: AssignmentForm, door: Assigning) -> Response:
    """Say which colleague works on a notice."""

    async def act(tx: Tx) -> Answer:
        view = show_notice(await assign.assign_notice(tx, notice_no, door.version, form.to))
        return Answer(view, version=view.version)

    return await door.once(form, act)


@router.post("/v1/notices/{notice_no}/notes", status_code=201, response_model=Notes)
async def note_notice(notice_no: NoticeNo, form: NoteForm, door: Noting) -> Response:
    """Leave a note on a notice for colleagues."""

    async def act(tx: Tx) -> Answer:
        return Answer(_notes(await notes.note_notice(tx, notice_no, form.text_zh)), 201)

    return await door.once(form, act)


@router.get("/v1/notices/{notice_no}/notes", response_model=Notes)
async def list_notice_notes(notice_no: NoticeNo, door: Colleague) -> Response:
    """List the notes on a notice, newest first."""
    async with door.transaction() as tx:
        found = await notes.list_notes(tx, "notice", notice_no)
    return door.answer(_notes(found))


async def _answer(tx: Tx, claim: ClaimRow) -> Answer:
    seen = (await view_claims(tx, [claim]))[0]
    return Answer(show_claim(seen), version=seen.claim.version)


def _appeal(row: AppealRow) -> AppealShown:
    return AppealShown(
        seq=row.seq,
        kind=Labelled(code=row.kind, label_zh=APPEAL_KIND_ZH[row.kind]),
        state=Labelled(code=row.state, label_zh=APPEAL_STATE_ZH[row.state]),
        reason_zh=row.reason_zh,
        filed_by=row.filed_by,
        filed_at=row.filed_at,
        answer_zh=row.answer_zh,
        answered_by=row.answered_by,
        answered_at=row.answered_at,
    )


def _notes(found: list[NoteRow]) -> Notes:
    return Notes(items=[NoteShown.model_validate(row) for row in found])
