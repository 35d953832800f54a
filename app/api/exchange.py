"""往来: what insurers told us and what we asked of them, for operator and insurer."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from app.api.answers import Answer
from app.api.fields import Form, Labelled, Line, Number, View, When, Word
from app.api.numbers import RowId, SerialNo
from app.api.reading import Listed, Page, Reading, Reads
from app.api.writing import Writes, Writing
from app.db.inbox import CallbackRow
from app.db.instructions import InstructionRow
from app.db.session import Tx
from app.domain.caller import Act
from app.domain.exchange_words import CALLBACK_ZH, INSTRUCTION_ZH, reason_words
from app.services.callbacks.list_callbacks import list_callbacks as find_callbacks
from app.services.callbacks.settle_by_hand import discard_callback as discard
from app.services.callbacks.settle_by_hand import retry_callback as retry
from app.services.instructions.list_instructions import list_instructions as find_instructions
from app.services.instructions.resend import resend
from app.services.instructions.resolve import resolve

router = APIRouter(tags=["exchange"])

Operating = Annotated[Writing, Depends(Writes(Act.OPERATE_EXCHANGE))]
Looking = Annotated[Reading, Depends(Reads(Act.READ_EXCHANGE))]


class ExchangeListed(Listed):
    """Which of them to list."""

    state: Word | None = None
    claim_no: Word | None = None


class InstructionsListed(ExchangeListed):
    """The same; `case_no` is the insurer's number, or the number of a platform between us."""

    case_no: Word | None = None


class CallbackView(View):
    """One stored callback; its body stays sealed."""

    id: int
    insurer: str
    event_id: str
    type: str | None
    claim_no: str | None
    state: Labelled
    reason: str | None
    reason_zh: str | None
    reason_en: str | None
    received_at: When
    settled_at: When | None


class CallbackPage(Page[CallbackView]):
    """One page of callbacks, newest first."""


class InstructionView(View):
    """One instruction; its id is its idempotency key for ever, its body stays sealed."""

    id: UUID
    insurer: str
    claim_no: str
    kind: str
    state: Labelled
    attempts: int
    last_error: str | None
    insurer_case_no: str | None
    platform_case_no: str | None
    created_at: When
    answered_at: When | None
    asked_at: When | None


class InstructionPage(Page[InstructionView]):
    """One page of instructions, newest first."""


class ExchangeReasonForm(Form):
    """Why a person does it; kept with the act. No personal data."""

    reason: Line


class ResolutionForm(ExchangeReasonForm):
    """What the insurer said, by another way than its interface."""

    outcome: Literal["accepted", "rejected"]
    insurer_case_no: Number | None = None


@router.get("/v1/callback-events", response_model=CallbackPage)
async def list_callback_events(
    listed: Annotated[ExchangeListed, Query()], door: Looking
) -> Response:
    """List callbacks; `state=parked` are those that wait for something."""
    after = door.after(listed)
    async with door.transaction() as tx:
        found = await find_callbacks(
            tx,
            state=listed.state,
            claim_no=listed.claim_no,
            before=None if after is None else int(after[0]),
            limit=listed.limit + 1,
        )
    return door.page(listed, found, lambda row: (row.id,), _callback)


@router.get("/v1/instructions", response_model=InstructionPage)
async def list_instructions(
    listed: Annotated[InstructionsListed, Query()], door: Looking
) -> Response:
    """List instructions; `state=unknown` are those whose answer was lost."""
    after = door.after(listed)
    async with door.transaction() as tx:
        found = await find_instructions(
            tx,
            state=listed.state,
            claim_no=listed.claim_no,
            case_no=listed.case_no,
            before=None if after is None else UUID(after[0]),
            limit=listed.limit + 1,
        )
    return door.page(listed, found, lambda row: (row.id,), _instruction)


@router.post("/v1/instructions/{instruction_id}:resend", response_model=InstructionView)
async def resend_instruction(
    instruction_id: RowId, form: ExchangeReasonForm, door: Operating
) -> Response:
    """Send a parked instruction again, under the key that it has for ever."""

    async def act(tx: Tx) -> Answer:
        return Answer(_instruction(await resend(tx, instruction_id, form.reason)))

    return await door.once(form, act)


@router.post("/v1/instructions/{instruction_id}:resolve", response_model=InstructionView)
async def resolve_instruction(
    instruction_id: RowId, form: ResolutionForm, door: Operating
) -> Response:
    """Settle an instruction whose answer was lost, by what the insurer said otherwise."""

    async def act(tx: Tx) -> Answer:
        row = await resolve(tx, instruction_id, form.outcome, form.reason, form.insurer_case_no)
        return Answer(_instruction(row))

    return await door.once(form, act)


@router.post("/v1/callback-events/{callback_id}:retry", response_model=CallbackView)
async def retry_callback(
    callback_id: SerialNo, form: ExchangeReasonForm, door: Operating
) -> Response:
    """Have a parked callback looked at again."""

    async def act(tx: Tx) -> Answer:
        return Answer(_callback(await retry(tx, int(callback_id), form.reason)))

    return await door.once(form, act)


@router.post("/v1/callback-events/{callback_id}:discard", response_model=CallbackView)
async def discard_callback(
    callback_id: SerialNo, form: ExchangeReasonForm, door: Operating
) -> Response:
    """Set a parked or unreadable callback aside for good; never one that reports money."""

    async def act(tx: Tx) -> Answer:
        return Answer(_callback(await discard(tx, int(callback_id), form.reason)))

    return await door.once(form, act)


def _callback(row: CallbackRow) -> CallbackView:
    reason_zh, reason_en = reason_words(row.reason) or (None, None)
    return CallbackView(
        id=row.id,
        insurer=row.insurer_code,
        event_id=row.event_id,
        type=row.type,
        claim_no=row.claim_no,
        state=Labelled(code=row.state, label_zh=CALLBACK_ZH[row.state]),
        reason=row.reason,
        reason_zh=reason_zh,
        reason_en=reason_en,
        received_at=row.received_at,
        settled_at=row.settled_at,
    )


def _instruction(row: InstructionRow) -> InstructionView:
    return InstructionView(
        id=row.id,
        insurer=row.insurer_code,
        claim_no=row.claim_no,
        kind=row.kind,
        state=Labelled(code=row.state, label_zh=INSTRUCTION_ZH[row.state]),
        attempts=row.attempts,
        last_error=row.last_error,
        insurer_case_no=row.insurer_case_no,
        platform_case_no=row.platform_case_no,
        created_at=row.created_at,
        answered_at=row.answered_at,
        asked_at=row.asked_at,
    )
