"""基金: money that a bureau pays itself: allotments, the balance, and who may approve alone."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import Response

from app.api.answers import Answer
from app.api.fields import AreaCode, Day, Form, Identifier, Line, Money, View, When, Word, Yuan
from app.api.notice_forms import IdNumber
from app.api.numbers import Code, RowId
from app.api.reading import Listed, Page, Reading, Reads
from app.api.writing import Writes, Writing
from app.db.delegations import DelegationRow, list_delegations
from app.db.funds import Balance
from app.db.session import Tx
from app.domain.caller import Act
from app.domain.money import yuan
from app.services.delegations.change_delegation import change_delegation as change
from app.services.delegations.grant_delegation import NewDelegation
from app.services.delegations.grant_delegation import grant_delegation as grant
from app.services.funds.allot_money import allot_money as allot
from app.services.funds.read_fund import read_fund as find_fund
from app.services.policies.bring_in_usage import LINES_MAX, OpeningUsage
from app.services.policies.bring_in_usage import bring_in_usage as bring_in

router = APIRouter(tags=["contracts"])

Looking = Annotated[Reading, Depends(Reads(Act.READ_CONTRACTS))]
Keeping = Annotated[Writing, Depends(Writes(Act.KEEP_CONTRACTS))]
Changing = Annotated[Writing, Depends(Writes(Act.KEEP_CONTRACTS, keyed=False, versioned=True))]
SampleBp = Annotated[int, Field(ge=0, le=10_000)]


class AllotmentForm(Form):
    """Money for a fund. `take_back` returns what nobody has decided on."""

    amount: Money
    note_zh: Line
    take_back: bool = False


class FundView(View):
    """A fund's balance; `left` is what may still be decided on."""

    policy_no: str
    allotted: Yuan
    committed: Yuan
    spent: Yuan
    left: Yuan
    currency: str = "CNY"


class DelegationForm(Form):
    """Let one person approve claims of a fund in an area, up to an amount each."""

    policy_no: Word
    area_code: AreaCode
    max_amount: Money
    valid_from: Day
    valid_to: Day
    sample_bp: SampleBp = 0


class DelegationChange(Form):
    """What of a delegation may change; revoking it leaves what was approved as it is."""

    max_amount: Money
    valid_to: Day
    sample_bp: SampleBp = 0
    revoked: bool = False


class DelegationView(View):
    """A delegation (小额审批权下放); `sample_bp` of its approvals are looked at again."""

    id: UUID
    policy_no: str
    area_code: str
    max_amount: Yuan
    valid_from: date
    valid_to: date
    sample_bp: int
    version: int
    created_at: When
    revoked_at: When | None


class DelegationPage(Page[DelegationView]):
    """One page of delegations."""


class DelegationsListed(Listed):
    """Which delegations to list."""

    policy_no: Word | None = None


class UsageLine(Form):
    """One person's use of one limit before go-live: an amount in yuan, or days."""

    limit: Word
    person_id: Identifier | None = None
    id_number: IdNumber | None = None
    used: Money | None = None
    used_days: Annotated[int, Field(ge=1, le=10_000)] | None = None


class OpeningForm(Form):
    """Opening balances with where the figures come from."""

    usage: list[UsageLine] = Field(min_length=1, max_length=LINES_MAX)
    source_zh: Line


class OpeningView(View):
    """How many figures were taken."""

    policy_no: str
    lines: int


@router.get("/v1/policies/{policy_no}/fund", response_model=FundView)
async def read_fund(policy_no: Code, door: Looking) -> Response:
    """Read a fund's balance."""
    async with door.transaction() as tx:
        balance = await find_fund(tx, policy_no)
    return door.answer(_shown_fund(policy_no, balance))


@router.post("/v1/policies/{policy_no}/allotments", status_code=201, response_model=FundView)
async def allot_money(policy_no: Code, form: AllotmentForm, door: Keeping) -> Response:
    """Allot money to a fund, or take back what is free; answers the balance."""
    amount = -form.amount if form.take_back else form.amount

    async def act(tx: Tx) -> Answer:
        return Answer(_shown_fund(policy_no, await allot(tx, policy_no, amount, form.note_zh)), 201)

    return await door.once(form, act)


@router.post("/v1/policies/{policy_no}/opening-usage", status_code=201, response_model=OpeningView)
async def bring_in_usage(policy_no: Code, form: OpeningForm, door: Keeping) -> Response:
    """Bring in what was used of limits before go-live, all lines or none."""
    lines = [
        OpeningUsage(
            line.limit, (line.used or 0) + (line.used_days or 0), line.person_id, line.id_number
        )
        for line in form.usage
    ]

    async def act(tx: Tx) -> Answer:
        taken = await bring_in(tx, policy_no, lines, form.source_zh)
        return Answer(OpeningView(policy_no=policy_no, lines=taken), 201)

    return await door.once(form, act)


@router.post(
    "/v1/delegations",
    status_code=201,
    response_model=DelegationView,
    openapi_extra={"x-problems": ["resource.not_found"]},
)
async def grant_delegation(form: DelegationForm, door: Keeping) -> Response:
    """Grant a delegation."""
    new = NewDelegation(
        form.policy_no,
        form.area_code,
        form.max_amount,
        form.valid_from,
        form.valid_to,
        form.sample_bp,
    )

    async def act(tx: Tx) -> Answer:
        view = _shown(await grant(tx, new))
        return Answer(view, 201, view.version)

    return await door.once(form, act)


@router.get("/v1/delegations", response_model=DelegationPage)
async def read_delegations(
    listed: Annotated[DelegationsListed, Query()], door: Looking
) -> Response:
    """List delegations, newest first."""
    after = door.after(listed)
    async with door.transaction() as tx:
        found = await list_delegations(
            tx,
            policy_no=listed.policy_no,
            before=None if after is None else UUID(after[0]),
            limit=listed.limit + 1,
        )
    return door.page(listed, found, lambda seen: (seen.id,), _shown)


@router.patch("/v1/delegations/{delegation_id}", response_model=DelegationView)
async def change_delegation(
    delegation_id: RowId, form: DelegationChange, door: Changing
) -> Response:
    """Change a delegation's amount, last day or sample, or revoke it."""

    async def act(tx: Tx) -> Answer:
        view = _shown(
            await change(
                tx,
                delegation_id,
                door.version,
                max_amount_fen=form.max_amount,
                valid_to=form.valid_to,
                sample_bp=form.sample_bp,
                revoked=form.revoked,
            )
        )
        return Answer(view, 200, view.version)

    return await door.guarded(act)


def _shown_fund(policy_no: str, balance: Balance) -> FundView:
    return FundView(
        policy_no=policy_no,
        allotted=yuan(balance.allotted_fen),
        committed=yuan(balance.committed_fen),
        spent=yuan(balance.spent_fen),
        left=yuan(balance.left_fen),
    )


def _shown(row: DelegationRow) -> DelegationView:
    return DelegationView(
        id=row.id,
        policy_no=row.policy_no,
        area_code=f"{row.area_lo:012d}",
        max_amount=yuan(row.max_amount_fen),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        sample_bp=row.sample_bp,
        version=row.version,
        created_at=row.created_at,
        revoked_at=row.revoked_at,
    )
