"""赔款: money on its way to the payees, and the account that has to be corrected."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from app.api.answers import Answer
from app.api.fields import Form, Line, Name
from app.api.numbers import ClaimNo, RowId
from app.api.payout_views import Payouts, PayoutView, show_payout
from app.api.reading import Reading, Reads
from app.api.writing import Writes, Writing
from app.db.session import Tx
from app.domain.caller import Act
from app.services.payouts.correct_account import correct_account as correct
from app.services.payouts.view import list_payouts as find_payouts
from app.services.payouts.view import read_payout as find_payout

router = APIRouter(tags=["payouts"])

Looking = Annotated[Reading, Depends(Reads(Act.READ_CASES))]
Correcting = Annotated[Writing, Depends(Writes(Act.PROPOSE_ACCOUNT))]
Account = Annotated[Name, Field(min_length=4, max_length=40)]


class OfClaim(BaseModel):
    """Whose payouts to list."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    claim_no: ClaimNo


class AccountForm(Form):
    """The right account, as it stands on the passbook or card."""

    name: Name
    account: Account
    bank: Line


@router.get(
    "/v1/payouts",
    response_model=Payouts,
    openapi_extra={"x-problems": ["resource.not_found"]},
)
async def list_payouts(chosen: Annotated[OfClaim, Query()], door: Looking) -> Response:
    """List the payouts of a claim."""
    async with door.transaction() as tx:
        found = await find_payouts(tx, chosen.claim_no)
    return door.answer(Payouts(items=[show_payout(seen) for seen in found]))


@router.get("/v1/payouts/{payout_id}", response_model=PayoutView)
async def read_payout(payout_id: RowId, door: Looking) -> Response:
    """Read a payout with its attempts."""
    async with door.transaction() as tx:
        seen = await find_payout(tx, payout_id)
    return door.answer(show_payout(seen), seen.payout.version)


@router.post(
    "/v1/payouts/{payout_id}:correct-account",
    response_model=PayoutView,
    responses={202: {"model": PayoutView, "description": "已录入，待另一人复核 · proposed"}},
    openapi_extra={"x-problems": ["payout.account_name_mismatch"]},
)
async def correct_account(payout_id: RowId, form: AccountForm, door: Correcting) -> Response:
    """Correct the account of a payout that did not arrive.

    The first person proposes (202); another enters the same account again (200), and the payout
    is tried once more.
    """

    async def act(tx: Tx) -> Answer:
        seen = await correct(tx, payout_id, form.name, form.account, form.bank)
        status = 202 if seen.awaits_second_person else 200
        return Answer(show_payout(seen), status, seen.payout.version)

    return await door.once(form, act)
