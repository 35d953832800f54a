"""按比例回调: claims of one disaster, or year, share what a limit of their policy leaves them."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from app.api.answers import Answer
from app.api.fields import Form, Labelled, Text, View, When, Word, Yuan
from app.api.numbers import Code, SerialNo
from app.api.reading import Reading, Reads
from app.api.writing import Writes, Writing
from app.db.scale_backs import NewScaleBack, ScaleBackRow
from app.db.session import Tx
from app.domain.caller import Act
from app.domain.money import yuan
from app.services.policies import scale_back as acts
from app.services.policies.scale_back import Wanted

router = APIRouter(tags=["contracts"])

# The shares name claims of every township, so only the county reads them.
Looking = Annotated[Reading, Depends(Reads(Act.OVERRIDE))]
Overriding = Annotated[Writing, Depends(Writes(Act.OVERRIDE))]

STATE_ZH = {
    "preview": "试算",
    "proposed": "待另一人确认",
    "confirmed": "已回调",
    "rejected": "未批准",
}


class ScaleBackForm(Form):
    """Which disaster (its word in the notices, or the day), or the first day of a policy year.

    `limit` may be left out where the terms name one such limit. `dry_run`: only show it.
    """

    occurrence: Word
    limit: Word | None = None
    reason_zh: Text
    dry_run: bool = False


class ClaimShareShown(View):
    """What one claim is due beside the limit, and what it gets."""

    claim_no: str
    due: Yuan
    share: Yuan


class ScaleBackView(View):
    """One scale-back; `kept` is what decided claims hold of the limit, `left` the rest of it."""

    seq: int | None
    limit: str
    occurrence: str
    state: Labelled
    amount: Yuan
    kept: Yuan
    left: Yuan
    due: Yuan
    shares: list[ClaimShareShown]
    reason_zh: str
    proposed_by: str | None
    proposed_at: When | None
    settled_by: str | None
    settled_at: When | None


class ScaleBacks(View):
    items: list[ScaleBackView]


@router.post("/v1/policies/{policy_no}/scale-backs", status_code=201, response_model=ScaleBackView)
async def propose_scale_back(policy_no: Code, form: ScaleBackForm, door: Overriding) -> Response:
    """Propose that the undecided claims share a limit; `dry_run` shows it and stores nothing."""
    wanted = Wanted(form.occurrence, form.reason_zh, form.limit)

    async def act(tx: Tx) -> Answer:
        if form.dry_run:
            told = await acts.preview_scale_back(tx, policy_no, wanted)
            return Answer(_show(told, "preview", form.reason_zh))
        row = await acts.propose_scale_back(tx, policy_no, wanted)
        return Answer(_show_row(row), 201, location=f"/v1/policies/{policy_no}/scale-backs")

    return await door.once(form, act)


@router.post("/v1/policies/{policy_no}/scale-backs/{seq}:confirm", response_model=ScaleBackView)
async def confirm_scale_back(policy_no: Code, seq: SerialNo, door: Overriding) -> Response:
    """Confirm it as another person; every claim of it is assessed anew with its share."""

    async def act(tx: Tx) -> Answer:
        return Answer(_show_row(await acts.confirm_scale_back(tx, policy_no, int(seq))))

    return await door.once(None, act)


@router.post("/v1/policies/{policy_no}/scale-backs/{seq}:reject", response_model=ScaleBackView)
async def reject_scale_back(policy_no: Code, seq: SerialNo, door: Overriding) -> Response:
    """Reject it as another person; nothing changes."""

    async def act(tx: Tx) -> Answer:
        return Answer(_show_row(await acts.reject_scale_back(tx, policy_no, int(seq))))

    return await door.once(None, act)


@router.get("/v1/policies/{policy_no}/scale-backs", response_model=ScaleBacks)
async def list_scale_backs(policy_no: Code, door: Looking) -> Response:
    """List a policy's scale-backs, newest first."""
    async with door.transaction() as tx:
        found = await acts.list_scale_backs(tx, policy_no)
    return door.answer(ScaleBacks(items=[_show_row(row) for row in found]))


def _show_row(row: ScaleBackRow) -> ScaleBackView:
    return _show(row.told(), row.state, row.reason_zh).model_copy(
        update={
            "seq": row.seq,
            "proposed_by": row.proposed_by,
            "proposed_at": row.proposed_at,
            "settled_by": row.settled_by,
            "settled_at": row.settled_at,
        }
    )


def _show(told: NewScaleBack, state: str, reason_zh: str) -> ScaleBackView:
    return ScaleBackView(
        seq=None,
        limit=told.limit_code,
        occurrence=told.period,
        state=Labelled(code=state, label_zh=STATE_ZH[state]),
        amount=yuan(told.limit_fen),
        kept=yuan(told.kept_fen),
        left=yuan(max(0, told.limit_fen - told.kept_fen)),
        due=yuan(told.due_fen),
        shares=[
            ClaimShareShown(claim_no=claim_no, due=yuan(due), share=yuan(share))
            for claim_no, due, share in told.shares
        ],
        reason_zh=reason_zh,
        proposed_by=None,
        proposed_at=None,
        settled_by=None,
        settled_at=None,
    )
