"""冲正、追回与到账确认: payments undone, money owed back, and whether money arrived."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from app.api.answers import Answer
from app.api.fields import (
    Day,
    Form,
    Labelled,
    Line,
    Money,
    Number,
    View,
    When,
    Word,
    Yuan,
    labelled,
)
from app.api.numbers import Code, RowId
from app.api.payout_views import PayoutView, show_payout
from app.api.reading import Reading, Reads
from app.api.writing import Writes, Writing
from app.db.session import Tx
from app.domain.caller import Act
from app.domain.money import yuan
from app.domain.payout import RECOVERY_ZH, Receipt, ReceiptWay
from app.services.payouts.confirm_receipt import confirm_receipt as confirm
from app.services.payouts.confirm_receipt import draw_sample as draw
from app.services.payouts.recover_payout import RecoveryView as Seen
from app.services.payouts.recover_payout import demand_back, receive_back, waive_recovery
from app.services.payouts.recover_payout import list_recoveries as find_recoveries
from app.services.payouts.reverse_payout import reverse_payout as reverse

router = APIRouter(tags=["payouts"])

Looking = Annotated[Reading, Depends(Reads(Act.READ_CASES))]
Sampling = Annotated[Reading, Depends(Reads(Act.CONFIRM_RECEIPT))]
Reversing = Annotated[Writing, Depends(Writes(Act.REVERSE_PAYOUT))]
Recovering = Annotated[Writing, Depends(Writes(Act.RECOVER_PAYOUT))]
Confirming = Annotated[Writing, Depends(Writes(Act.CONFIRM_RECEIPT))]


class ReversalForm(Form):
    """Why, and how much; without an amount all of the payment."""

    reason_zh: Line
    amount: Money | None = None


class DemandForm(Form):
    """What was paid wrongly, and why."""

    amount: Money
    reason_zh: Line


class ReceivedForm(Form):
    """Money that came back; the voucher's number counts once."""

    amount: Money
    received_on: Day
    reference: Number


class WaiverForm(Form):
    """Why the rest is let go."""

    reason_zh: Line


class ReceiptForm(Form):
    """What is known of a payment's arrival; not received needs a note."""

    receipt: Annotated[Receipt, Field(strict=False)]
    way: Annotated[ReceiptWay, Field(strict=False)] = ReceiptWay.RECIPIENT
    note_zh: Line | None = None


class SampleAsked(BaseModel):
    """Paid on which days (Asia/Shanghai, inclusive), drawn by which seed, which share of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    from_on: Day
    to_on: Day
    seed: Word
    share_bp: Annotated[int, Field(ge=1, le=10_000)] = 500


class ReceivedShown(View):
    amount: Yuan
    received_on: date
    reference: str
    actor: str
    created_at: When


class RecoveryView(View):
    """Money that was paid wrongly and is demanded back; nothing is taken back by itself."""

    id: UUID
    payout_id: UUID
    claim_no: str
    state: Labelled
    amount: Yuan
    received: Yuan
    left: Yuan
    currency: str
    reason_zh: str
    demanded_by: str
    waived_by: str | None
    waived_reason_zh: str | None
    receipts: list[ReceivedShown]
    version: int
    created_at: When
    updated_at: When


class Recoveries(View):
    items: list[RecoveryView]


class SampleView(View):
    """Payouts to look into, of `of` that were paid; the same seed draws the same ones."""

    policy_no: str
    seed: str
    of: int
    items: list[PayoutView]


@router.post("/v1/payouts/{payout_id}:reverse", response_model=PayoutView)
async def reverse_payout(payout_id: RowId, form: ReversalForm, door: Reversing) -> Response:
    """Undo a payment whose money is back with the payer; it is owed again. Each payment once."""

    async def act(tx: Tx) -> Answer:
        seen = await reverse(tx, payout_id, form.reason_zh, form.amount)
        return Answer(show_payout(seen), version=seen.payout.version)

    return await door.once(form, act)


@router.post("/v1/payouts/{payout_id}:confirm-receipt", response_model=PayoutView)
async def confirm_receipt(payout_id: RowId, form: ReceiptForm, door: Confirming) -> Response:
    """Keep what the recipient says of a payment, or what a sample found."""

    async def act(tx: Tx) -> Answer:
        seen = await confirm(tx, payout_id, form.receipt, form.way, form.note_zh)
        return Answer(show_payout(seen), version=seen.payout.version)

    return await door.once(form, act)


@router.get("/v1/policies/{policy_no}/payout-sample", response_model=SampleView)
async def draw_sample(
    policy_no: Code, asked: Annotated[SampleAsked, Query()], door: Sampling
) -> Response:
    """Draw payouts to ask their recipients about, by a seed that anybody may repeat."""
    async with door.transaction() as tx:
        drawn = await draw(tx, policy_no, asked.from_on, asked.to_on, asked.seed, asked.share_bp)
    items = [show_payout(seen) for seen in drawn.payouts]
    return door.answer(SampleView(policy_no=policy_no, seed=asked.seed, of=drawn.of, items=items))


@router.get("/v1/payouts/{payout_id}/recoveries", response_model=Recoveries)
async def list_recoveries(payout_id: RowId, door: Looking) -> Response:
    """List what is demanded back of a payout."""
    async with door.transaction() as tx:
        found = await find_recoveries(tx, payout_id)
    return door.answer(Recoveries(items=[_shown(seen) for seen in found]))


@router.post("/v1/payouts/{payout_id}/recoveries", status_code=201, response_model=RecoveryView)
async def demand_recovery(payout_id: RowId, form: DemandForm, door: Recovering) -> Response:
    """Demand money back that was paid wrongly."""

    async def act(tx: Tx) -> Answer:
        view = _shown(await demand_back(tx, payout_id, form.amount, form.reason_zh))
        return Answer(view, 201, view.version)

    return await door.once(form, act)


@router.post("/v1/recoveries/{recovery_id}:receive", response_model=RecoveryView)
async def receive_recovery(recovery_id: RowId, form: ReceivedForm, door: Recovering) -> Response:
    """Book money that came back."""

    async def act(tx: Tx) -> Answer:
        seen = await receive_back(tx, recovery_id, form.amount, form.received_on, form.reference)
        return Answer(_shown(seen), version=seen.recovery.version)

    return await door.once(form, act)


@router.post("/v1/recoveries/{recovery_id}:waive", response_model=RecoveryView)
async def waive_demand(recovery_id: RowId, form: WaiverForm, door: Recovering) -> Response:
    """Let the rest of a demand go, as another person than who made it."""

    async def act(tx: Tx) -> Answer:
        seen = await waive_recovery(tx, recovery_id, form.reason_zh)
        return Answer(_shown(seen), version=seen.recovery.version)

    return await door.once(form, act)


def _shown(seen: Seen) -> RecoveryView:
    row = seen.recovery
    return RecoveryView(
        id=row.id,
        payout_id=row.payout_id,
        claim_no=row.claim_no,
        state=labelled(RECOVERY_ZH, row.state),
        amount=yuan(row.amount_fen),
        received=yuan(row.received_fen),
        left=yuan(row.left_fen),
        currency="CNY",
        reason_zh=row.reason_zh,
        demanded_by=row.demanded_by,
        waived_by=row.waived_by,
        waived_reason_zh=row.waived_reason_zh,
        receipts=[
            ReceivedShown(
                amount=yuan(one.amount_fen),
                received_on=one.received_on,
                reference=one.reference,
                actor=one.actor,
                created_at=one.created_at,
            )
            for one in seen.receipts
        ],
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
