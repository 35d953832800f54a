"""保单: a bureau's contracts, and who is on their rosters."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from app.api.answers import Answer
from app.api.fields import Word
from app.api.numbers import Code
from app.api.policy_forms import PolicyChangeForm, PolicyForm, RosterForm
from app.api.policy_views import (
    EnrolledView,
    MemberPage,
    PolicyPage,
    PolicyView,
    show_member,
    show_policy,
)
from app.api.reading import Listed, Reading, Reads
from app.api.writing import Writes, Writing
from app.db.session import Tx
from app.domain.caller import Act
from app.services.policies.change_policy import change_policy as change
from app.services.policies.enrol import enrol
from app.services.policies.issue_policy import issue_policy as issue
from app.services.policies.list_members import list_members as find_members
from app.services.policies.list_policies import list_policies as find_policies
from app.services.policies.read_policy import read_policy as find_policy

router = APIRouter(tags=["contracts"])

Looking = Annotated[Reading, Depends(Reads(Act.READ_CONTRACTS))]
Roster = Annotated[Reading, Depends(Reads(Act.READ_ROSTER))]
Changing = Annotated[Writing, Depends(Writes(Act.KEEP_CONTRACTS, keyed=False, versioned=True))]
Keeping = Annotated[Writing, Depends(Writes(Act.KEEP_CONTRACTS))]


class PoliciesListed(Listed):
    """Which policies to list."""

    scheme: Word | None = None


@router.post("/v1/policies", status_code=201, response_model=PolicyView)
async def issue_policy(form: PolicyForm, door: Keeping) -> Response:
    """Issue a policy, active at once or quoted."""

    async def act(tx: Tx) -> Answer:
        view = show_policy(await issue(tx, form.policy()))
        return Answer(view, 201, view.version, f"/v1/policies/{view.policy_no}")

    return await door.once(form, act)


@router.get("/v1/policies", response_model=PolicyPage)
async def list_policies(listed: Annotated[PoliciesListed, Query()], door: Looking) -> Response:
    """List policies that touch the caller's area, by number."""
    after = door.after(listed)
    async with door.transaction() as tx:
        found = await find_policies(
            tx, listed.scheme, None if after is None else after[0], listed.limit + 1
        )
    return door.page(listed, found, lambda seen: (seen.policy.policy_no,), show_policy)


@router.get("/v1/policies/{policy_no}", response_model=PolicyView)
async def read_policy(policy_no: Code, door: Looking) -> Response:
    """Read a policy."""
    async with door.transaction() as tx:
        view = show_policy(await find_policy(tx, policy_no))
    return door.answer(view, view.version)


@router.patch("/v1/policies/{policy_no}", response_model=PolicyView)
async def change_policy(policy_no: Code, form: PolicyChangeForm, door: Changing) -> Response:
    """Change a policy's own days, tolerance and payer order; the rest says how it does change."""
    tuning = form.tuning()

    async def act(tx: Tx) -> Answer:
        view = show_policy(await change(tx, policy_no, door.version, tuning))
        return Answer(view, 200, view.version)

    return await door.guarded(act)


@router.post("/v1/policies/{policy_no}/members", status_code=201, response_model=EnrolledView)
async def enrol_members(policy_no: Code, form: RosterForm, door: Keeping) -> Response:
    """Put 1 to 1000 people on a policy's roster, all or none."""

    async def act(tx: Tx) -> Answer:
        taken = await enrol(tx, policy_no, [line.member() for line in form.members])
        return Answer(EnrolledView.model_validate(taken), 201)

    return await door.once(form, act)


@router.get("/v1/policies/{policy_no}/members", response_model=MemberPage)
async def list_members(
    policy_no: Code, listed: Annotated[Listed, Query()], door: Roster
) -> Response:
    """List a policy's roster."""
    after = door.after(listed)
    async with door.transaction() as tx:
        found = await find_members(
            tx, policy_no, None if after is None else UUID(after[0]), listed.limit + 1
        )
    return door.page(listed, found, lambda seen: (seen.enrolment_id,), show_member)
