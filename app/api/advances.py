"""预付赔款与分期给付: money before the decision, and benefits that are paid month by month."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import Field
from starlette.responses import Response

from app.api.answers import Answer
from app.api.fields import Day, Form, Labelled, Line, Money, View, When, Yuan, labelled
from app.api.numbers import ClaimNo
from app.api.reading import Reading, Reads
from app.api.writing import Writes, Writing
from app.db.advances import AdvanceRow
from app.db.claims import read_claim
from app.db.instalments import InstalmentRow
from app.db.session import Tx
from app.domain.caller import Act
from app.domain.money import yuan
from app.domain.payout import ADVANCE_ZH, BASIS_ZH
from app.domain.recurring import ENDED_ZH, INSTALMENT_ZH, Ended
from app.services.claims.pay_instalments import list_instalments as find_instalments
from app.services.claims.pay_instalments import stop_instalments as stop
from app.services.payouts.ask_advance import ask_advance as ask
from app.services.payouts.ask_advance import grant_advance as grant
from app.services.payouts.ask_advance import list_advances as find_advances
from app.services.payouts.end_advance import cancel_advance as cancel

router = APIRouter(tags=["payouts"])

Looking = Annotated[Reading, Depends(Reads(Act.READ_CASES))]
Asking = Annotated[Writing, Depends(Writes(Act.ASK_ADVANCE, versioned=True))]
Stopping = Annotated[Writing, Depends(Writes(Act.STOP_INSTALMENTS, versioned=True))]
Seq = Annotated[int, Path(ge=1, le=1_000)]


class AdvanceForm(Form):
    """What to ask for; without an amount, all that the terms or the law allow."""

    amount: Money | None = None
    reason_zh: Line | None = None


class AdvanceReasonForm(Form):
    """Why."""

    reason_zh: Line


class StopForm(Form):
    """What ended the benefit; parts that fall due on or after `from_on` are not paid."""

    ended_by: Annotated[Ended, Field(strict=False)]
    from_on: Day
    reason_zh: Line


class AdvanceView(View):
    """An advance; its payouts are among the claim's, of kind `advance`."""

    seq: int
    state: Labelled
    basis: Labelled
    amount: Yuan
    currency: str
    reason_zh: str | None
    proposed_by: str
    confirmed_by: str | None
    created_at: When
    updated_at: When
    claim_version: int


class Advances(View):
    items: list[AdvanceView]


class InstalmentView(View):
    """One part of a monthly benefit."""

    seq: int
    due_on: date
    amount: Yuan
    state: Labelled
    ended_by: Labelled | None
    reason_zh: str | None


class Instalments(View):
    """The schedule of a benefit, in the order of its days."""

    claim_no: str
    claim_version: int
    currency: str
    items: list[InstalmentView]


@router.get("/v1/claims/{claim_no}/advances", response_model=Advances)
async def list_advances(claim_no: ClaimNo, door: Looking) -> Response:
    """List the advances of a claim."""
    async with door.transaction() as tx:
        version = (await read_claim(tx, claim_no)).version
        found = await find_advances(tx, claim_no)
    return door.answer(Advances(items=[_advance(one, version) for one in found]))


@router.post("/v1/claims/{claim_no}/advances", status_code=201, response_model=AdvanceView)
async def ask_advance(claim_no: ClaimNo, form: AdvanceForm, door: Asking) -> Response:
    """Ask the insurer for an advance, or propose one of a fund for another person to confirm."""

    async def act(tx: Tx) -> Answer:
        advance = await ask(tx, claim_no, door.version, form.amount, form.reason_zh)
        return await _answer(tx, claim_no, advance, 201)

    return await door.once(form, act)


@router.post("/v1/claims/{claim_no}/advances/{seq}:confirm", response_model=AdvanceView)
async def grant_advance(claim_no: ClaimNo, seq: Seq, door: Asking) -> Response:
    """Grant a fund's advance, as another person than its proposer; it goes with a batch."""

    async def act(tx: Tx) -> Answer:
        return await _answer(tx, claim_no, await grant(tx, claim_no, seq, door.version))

    return await door.once(None, act)


@router.post("/v1/claims/{claim_no}/advances/{seq}:cancel", response_model=AdvanceView)
async def cancel_advance(
    claim_no: ClaimNo, seq: Seq, form: AdvanceReasonForm, door: Asking
) -> Response:
    """Cancel an advance of which nothing was paid."""

    async def act(tx: Tx) -> Answer:
        done = await cancel(tx, claim_no, seq, door.version, form.reason_zh)
        return await _answer(tx, claim_no, done)

    return await door.once(form, act)


@router.get("/v1/claims/{claim_no}/instalments", response_model=Instalments)
async def list_instalments(claim_no: ClaimNo, door: Looking) -> Response:
    """List the parts of a benefit that is paid month by month."""
    async with door.transaction() as tx:
        view = await _schedule(tx, claim_no)
    return door.answer(view)


@router.post("/v1/claims/{claim_no}/instalments:stop", response_model=Instalments)
async def stop_instalments(claim_no: ClaimNo, form: StopForm, door: Stopping) -> Response:
    """Stop a monthly benefit from a day on: a death, a waiver, the end of cover."""

    async def act(tx: Tx) -> Answer:
        await stop(tx, claim_no, door.version, form.ended_by, form.from_on, form.reason_zh)
        view = await _schedule(tx, claim_no)
        return Answer(view, version=view.claim_version)

    return await door.once(form, act)


async def _answer(tx: Tx, claim_no: str, advance: AdvanceRow, status: int = 200) -> Answer:
    version = (await read_claim(tx, claim_no)).version
    return Answer(_advance(advance, version), status, version)


async def _schedule(tx: Tx, claim_no: str) -> Instalments:
    claim = await read_claim(tx, claim_no)
    found = await find_instalments(tx, claim_no)
    return Instalments(
        claim_no=claim_no,
        claim_version=claim.version,
        currency="CNY",
        items=[_instalment(one) for one in found],
    )


def _advance(advance: AdvanceRow, claim_version: int) -> AdvanceView:
    return AdvanceView(
        seq=advance.seq,
        state=labelled(ADVANCE_ZH, advance.state),
        basis=labelled(BASIS_ZH, advance.basis),
        amount=yuan(advance.amount_fen),
        currency="CNY",
        reason_zh=advance.reason_zh,
        proposed_by=advance.proposed_by,
        confirmed_by=advance.confirmed_by,
        created_at=advance.created_at,
        updated_at=advance.updated_at,
        claim_version=claim_version,
    )


def _instalment(one: InstalmentRow) -> InstalmentView:
    return InstalmentView(
        seq=one.seq,
        due_on=one.due_on,
        amount=yuan(one.amount_fen),
        state=labelled(INSTALMENT_ZH, one.state),
        ended_by=None if one.ended_by is None else labelled(ENDED_ZH, one.ended_by),
        reason_zh=one.reason_zh,
    )
