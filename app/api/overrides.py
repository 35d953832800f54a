"""特批: another amount for one cover of a claim, proposed by one person and settled by another."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from app.api.answers import Answer
from app.api.fields import Form, Labelled, Line, Money, Text, View, When, Word, Yuan
from app.api.numbers import ClaimNo, SerialNo
from app.api.reading import Reading, Reads
from app.api.writing import Writes, Writing
from app.db.overrides import OverrideRow
from app.db.session import Tx
from app.domain.caller import Act
from app.domain.money import yuan
from app.services.claims import override_claim as acts
from app.services.claims.override_claim import NewOverride, Overridden

router = APIRouter(tags=["claims"])

Looking = Annotated[Reading, Depends(Reads(Act.READ_CASES))]
Overriding = Annotated[Writing, Depends(Writes(Act.OVERRIDE, versioned=True))]

STATE_ZH = {"proposed": "待另一人确认", "confirmed": "已批准", "rejected": "未批准"}


class OverrideForm(Form):
    """Which cover, what amount, why, and the clause or rule that leaves room for it."""

    cover: Word
    amount: Money
    reason_zh: Text
    basis_zh: Line


class OverrideShown(View):
    """One override; it has an effect once it is confirmed."""

    seq: int
    cover: str
    amount: Yuan
    reason_zh: str
    basis_zh: str
    state: Labelled
    proposed_by: str
    proposed_at: When
    settled_by: str | None
    settled_on: date | None
    settled_at: When | None


class OverrideView(View):
    """An override with what its claim is (or would be) assessed at with it."""

    claim_no: str
    override: OverrideShown
    comes_to: Yuan
    version: int


class Overrides(View):
    items: list[OverrideShown]


@router.post("/v1/claims/{claim_no}/overrides", status_code=201, response_model=OverrideView)
async def propose_override(claim_no: ClaimNo, form: OverrideForm, door: Overriding) -> Response:
    """Propose another amount for a cover; caps and what is left of the bill hold for it too."""
    new = NewOverride(form.cover, form.amount, form.reason_zh, form.basis_zh)

    async def act(tx: Tx) -> Answer:
        done = await acts.propose_override(tx, claim_no, door.version, new)
        return _answer(done, status=201)

    return await door.once(form, act)


@router.post("/v1/claims/{claim_no}/overrides/{seq}:confirm", response_model=OverrideView)
async def confirm_override(claim_no: ClaimNo, seq: SerialNo, door: Overriding) -> Response:
    """Confirm it as another person; the claim is assessed anew."""

    async def act(tx: Tx) -> Answer:
        return _answer(await acts.confirm_override(tx, claim_no, door.version, int(seq)))

    return await door.once(None, act)


@router.post("/v1/claims/{claim_no}/overrides/{seq}:reject", response_model=OverrideView)
async def reject_override(claim_no: ClaimNo, seq: SerialNo, door: Overriding) -> Response:
    """Reject it as another person; the assessment stays as it is."""

    async def act(tx: Tx) -> Answer:
        return _answer(await acts.reject_override(tx, claim_no, door.version, int(seq)))

    return await door.once(None, act)


@router.get("/v1/claims/{claim_no}/overrides", response_model=Overrides)
async def list_overrides(claim_no: ClaimNo, door: Looking) -> Response:
    """List a claim's overrides, newest first."""
    async with door.transaction() as tx:
        found = await acts.list_overrides(tx, claim_no)
    return door.answer(Overrides(items=[_show(row) for row in found]))


def _answer(done: Overridden, *, status: int = 200) -> Answer:
    claim = done.claim
    view = OverrideView(
        claim_no=claim.claim_no,
        override=_show(done.override),
        comes_to=yuan(done.comes_to_fen),
        version=claim.version,
    )
    place = f"/v1/claims/{claim.claim_no}/overrides" if status != 200 else None  # noqa: PLR2004
    return Answer(view, status, version=claim.version, location=place)


def _show(row: OverrideRow) -> OverrideShown:
    return OverrideShown(
        seq=row.seq,
        cover=row.cover,
        amount=yuan(row.amount_fen),
        reason_zh=row.reason_zh,
        basis_zh=row.basis_zh,
        state=Labelled(code=row.state, label_zh=STATE_ZH[row.state]),
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        settled_by=row.settled_by,
        settled_on=row.settled_on,
        settled_at=row.settled_at,
    )
