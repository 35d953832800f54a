"""保单的一生: activate, renew, cancel, endorse (批增批减), and the premium that is due and paid."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from app.api.answers import Answer
from app.api.numbers import Code
from app.api.policy_life_views import (
    CancellationForm,
    EndorsementForm,
    EndorsementPage,
    EndorsementWhole,
    PaymentForm,
    PremiumView,
    RenewalForm,
    RenewedView,
    show_brief,
    show_endorsement,
    show_premium,
)
from app.api.policy_views import (
    PolicyView,
    show_policy,
)
from app.api.reading import Listed, Reading, Reads
from app.api.writing import Writes, Writing
from app.db.session import Tx
from app.domain.caller import Act
from app.domain.policy import PolicyStatus
from app.services.policies.activate_policy import activate_policy as activate
from app.services.policies.cancel_policy import cancel_policy as cancel
from app.services.policies.endorse import endorse
from app.services.policies.list_endorsements import list_endorsements as find_endorsements
from app.services.policies.list_endorsements import read_endorsement as find_endorsement
from app.services.policies.read_premium import read_premium as find_premium
from app.services.policies.record_premium import Payment
from app.services.policies.record_premium import record_premium as record
from app.services.policies.renew_policy import Renewal
from app.services.policies.renew_policy import renew_policy as renew

router = APIRouter(tags=["contracts"])

Looking = Annotated[Reading, Depends(Reads(Act.READ_CONTRACTS))]
Roster = Annotated[Reading, Depends(Reads(Act.READ_ROSTER))]
Keeping = Annotated[Writing, Depends(Writes(Act.KEEP_CONTRACTS))]
Standing = Annotated[Writing, Depends(Writes(Act.KEEP_CONTRACTS, versioned=True))]


@router.post("/v1/policies/{policy_no}:activate", response_model=PolicyView)
async def activate_policy(policy_no: Code, door: Standing) -> Response:
    """Bring a quoted policy into force."""

    async def act(tx: Tx) -> Answer:
        view = show_policy(await activate(tx, policy_no, door.version))
        return Answer(view, version=view.version)

    return await door.once(None, act)


@router.post("/v1/policies/{policy_no}:cancel", response_model=PolicyView)
async def cancel_policy(policy_no: Code, form: CancellationForm, door: Standing) -> Response:
    """Cancel a policy from a day on; events before it stay covered."""

    async def act(tx: Tx) -> Answer:
        seen = await cancel(tx, policy_no, door.version, form.from_on, form.reason_zh)
        view = show_policy(seen)
        return Answer(view, version=view.version)

    return await door.once(form, act)


@router.post("/v1/policies/{policy_no}:renew", status_code=201, response_model=RenewedView)
async def renew_policy(policy_no: Code, form: RenewalForm, door: Standing) -> Response:
    """Issue the policy of the next period and carry the roster over."""
    renewal = Renewal(
        form.policy_no,
        form.period_to,
        form.period_from,
        form.premium_per_person,
        PolicyStatus(form.status),
        frozenset(form.leave_out),
    )

    async def act(tx: Tx) -> Answer:
        done = await renew(tx, policy_no, door.version, renewal)
        view = RenewedView(
            policy=show_policy(done.policy),
            carried_over=done.carried_over,
            left_out=dict(done.left_out),
        )
        return Answer(view, 201, location=f"/v1/policies/{form.policy_no}")

    return await door.once(form, act)


@router.post(
    "/v1/policies/{policy_no}/endorsements", status_code=201, response_model=EndorsementWhole
)
async def endorse_policy(policy_no: Code, form: EndorsementForm, door: Keeping) -> Response:
    """Add and remove 1 to 1000 people from a day on, all or none."""

    async def act(tx: Tx) -> Answer:
        view = show_endorsement(await endorse(tx, policy_no, form.endorsement()))
        place = f"/v1/policies/{policy_no}/endorsements/{view.endorsement_no}"
        return Answer(view, 201, location=place)

    return await door.once(form, act)


@router.get("/v1/policies/{policy_no}/endorsements", response_model=EndorsementPage)
async def list_endorsements(
    policy_no: Code, listed: Annotated[Listed, Query()], door: Looking
) -> Response:
    """List a policy's endorsements, newest first."""
    after = door.after(listed)
    async with door.transaction() as tx:
        found = await find_endorsements(
            tx, policy_no, None if after is None else UUID(after[0]), listed.limit + 1
        )
    return door.page(listed, found, lambda row: (row.id,), show_brief)


@router.get(
    "/v1/policies/{policy_no}/endorsements/{endorsement_no}", response_model=EndorsementWhole
)
async def read_endorsement(policy_no: Code, endorsement_no: Code, door: Roster) -> Response:
    """Read an endorsement with the lines of the caller's area."""
    async with door.transaction() as tx:
        view = show_endorsement(await find_endorsement(tx, policy_no, endorsement_no))
    return door.answer(view)


@router.get("/v1/policies/{policy_no}/premium", response_model=PremiumView)
async def read_premium(policy_no: Code, door: Looking) -> Response:
    """Read what of the premium is due and paid, by payer."""
    async with door.transaction() as tx:
        view = show_premium(await find_premium(tx, policy_no))
    return door.answer(view)


@router.post("/v1/policies/{policy_no}/premium", status_code=201, response_model=PremiumView)
async def record_premium(policy_no: Code, form: PaymentForm, door: Keeping) -> Response:
    """Book a payment of premium, or a refund of it."""
    amount = -form.amount if form.refund else form.amount
    payment = Payment(form.payer, amount, form.paid_on, form.reference)

    async def act(tx: Tx) -> Answer:
        return Answer(show_premium(await record(tx, policy_no, payment)), 201)

    return await door.once(form, act)
