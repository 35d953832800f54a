"""往来: what insurers told us and what we asked of them, for operator and insurer."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from app.api.fields import Labelled, View, When, Word
from app.api.reading import Listed, Page, Reading, Reads
from app.db.inbox import CallbackRow
from app.db.instructions import InstructionRow
from app.domain.caller import Act
from app.services.callbacks.list_callbacks import list_callbacks as find_callbacks
from app.services.instructions.list_instructions import list_instructions as find_instructions

router = APIRouter(tags=["exchange"])

CALLBACK_ZH = {
    "received": "已收到",
    "applied": "已处理",
    "ignored_stale": "过期忽略",
    "parked": "暂存待处理",
    "failed": "处理失败",
    "discarded": "已作废",
}
INSTRUCTION_ZH = {
    "ready": "待发送",
    "sent": "已交送，待回执",
    "accepted": "已受理",
    "rejected": "被退回",
    "unknown": "结果不明",
    "parked": "待人工处理",
}

Looking = Annotated[Reading, Depends(Reads(Act.READ_EXCHANGE))]


class ExchangeListed(Listed):
    """Which of them to list."""

    state: Word | None = None
    claim_no: Word | None = None


class CallbackView(View):
    """One stored callback; its body stays sealed."""

    id: int
    insurer: str
    event_id: str
    type: str | None
    claim_no: str | None
    state: Labelled
    reason: str | None
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
    created_at: When
    answered_at: When | None


class InstructionPage(Page[InstructionView]):
    """One page of instructions, newest first."""


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
async def list_instructions(listed: Annotated[ExchangeListed, Query()], door: Looking) -> Response:
    """List instructions; `state=unknown` are those whose answer was lost."""
    after = door.after(listed)
    async with door.transaction() as tx:
        found = await find_instructions(
            tx,
            state=listed.state,
            claim_no=listed.claim_no,
            before=None if after is None else UUID(after[0]),
            limit=listed.limit + 1,
        )
    return door.page(listed, found, lambda row: (row.id,), _instruction)


def _callback(row: CallbackRow) -> CallbackView:
    return CallbackView(
        id=row.id,
        insurer=row.insurer_code,
        event_id=row.event_id,
        type=row.type,
        claim_no=row.claim_no,
        state=Labelled(code=row.state, label_zh=CALLBACK_ZH[row.state]),
        reason=row.reason,
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
        created_at=row.created_at,
        answered_at=row.answered_at,
    )
