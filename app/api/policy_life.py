"""保单的一生: activate, renew, cancel, endorse (批增批减), and the premium that is due and paid."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import Response

from app.api.answers import Answer
from app.api.fields import (
    Day,
    Flag,
    Form,
    Identifier,
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
from app.api.numbers import Code
from app.api.policy_forms import MemberForm
from app.api.policy_views import (
    PolicyView,
    PremiumBrief,
    show_policy,
    show_premium_brief,
)
from app.api.reading import Listed, Page, Reading, Reads
from app.api.writing import Writes, Writing
from app.db.claims import ClaimSince
from app.db.endorsements import EndorsementLine, EndorsementRow
from app.db.session import Tx
from app.domain.caller import Act
from app.domain.endorsement import REMOVAL_ZH, NewEndorsement, Removal, RemovalReason
from app.domain.money import yuan
from app.domain.policy import PolicyStatus
from app.domain.roster import LINES_MAX
from app.services.policies.activate_policy import activate_policy as activate
from app.services.policies.cancel_policy import cancel_policy as cancel
from app.services.policies.endorse import Endorsed, endorse
from app.services.policies.list_endorsements import list_endorsements as find_endorsements
from app.services.policies.list_endorsements import read_endorsement as find_endorsement
from app.services.policies.read_premium import PremiumView as PremiumSeen
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


class CancellationForm(Form):
    """From which day there is no more cover, and why."""

    from_on: Day
    reason_zh: Line


class RenewalForm(Form):
    """The policy that follows; what is left open is as before."""

    policy_no: Number
    period_from: Day | None = None
    period_to: Day
    premium_per_person: Money | None = None
    status: Literal["active", "quoted"] = "active"
    leave_out: list[Identifier] = Field(default_factory=list, max_length=10_000)


class RenewedView(View):
    """The new policy, how many people came over, and how many not by the reason."""

    policy: PolicyView
    carried_over: int
    left_out: dict[str, int]


class RemovalForm(Form):
    person_id: Identifier
    reason: Annotated[RemovalReason, Field(strict=False)]


class EndorsementForm(Form):
    """Who joins and who leaves from a day on; who leaves is covered until the day before."""

    endorsement_no: Number | None = None
    effective_on: Day
    reason_zh: Line
    additions: list[MemberForm] = Field(default_factory=list, max_length=LINES_MAX)
    removals: list[RemovalForm] = Field(default_factory=list, max_length=LINES_MAX)

    def endorsement(self) -> NewEndorsement:
        """Give the domain's endorsement."""
        return NewEndorsement(
            effective_on=self.effective_on,
            reason_zh=self.reason_zh,
            additions=tuple(line.member() for line in self.additions),
            removals=tuple(Removal(line.person_id, line.reason) for line in self.removals),
            endorsement_no=self.endorsement_no,
        )


class EndorsementView(View):
    """An endorsement in short; a negative difference of the premium is given back."""

    id: UUID
    policy_no: str
    endorsement_no: str
    effective_on: date
    reason_zh: str
    added: int
    removed: int
    premium_difference: Yuan
    policy_version: int
    actor: str
    created_at: When


class EndorsementPage(Page[EndorsementView]):
    """One page of endorsements, newest first."""


class EndorsementLineShown(View):
    """One person's line; `covered_to` null: the cover never began."""

    act: str
    enrolment_id: UUID
    person_id: UUID
    area_code: str
    category: str
    reason: Labelled | None
    covered_from: date
    covered_to: date | None
    premium_difference: Yuan


class EndorsementWhole(EndorsementView):
    """An endorsement with its lines; `warnings` name claims that keep the roster before it."""

    lines: list[EndorsementLineShown]
    warnings: list[Flag]


class PaymentForm(Form):
    """A payment of premium; the voucher's number is booked once. `refund`: given back."""

    payer: Word
    amount: Money
    paid_on: Day
    reference: Number
    refund: bool = False


class PayerStanding(View):
    """One payer's part; the parts sum to what is due."""

    code: str
    name_zh: str
    share_bp: int
    due: Yuan
    paid: Yuan
    gap: Yuan


class PaymentShown(View):
    payer: str
    amount: Yuan
    paid_on: date
    reference: str
    actor: str
    created_at: When


class PremiumView(PremiumBrief):
    """A policy's premium by payer, with its last 200 payments."""

    policy_no: str
    payers: list[PayerStanding]
    payments: list[PaymentShown]


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
        view = _whole(await endorse(tx, policy_no, form.endorsement()))
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
    return door.page(listed, found, lambda row: (row.id,), _brief)


@router.get(
    "/v1/policies/{policy_no}/endorsements/{endorsement_no}", response_model=EndorsementWhole
)
async def read_endorsement(policy_no: Code, endorsement_no: Code, door: Roster) -> Response:
    """Read an endorsement with the lines of the caller's area."""
    async with door.transaction() as tx:
        view = _whole(await find_endorsement(tx, policy_no, endorsement_no))
    return door.answer(view)


@router.get("/v1/policies/{policy_no}/premium", response_model=PremiumView)
async def read_premium(policy_no: Code, door: Looking) -> Response:
    """Read what of the premium is due and paid, by payer."""
    async with door.transaction() as tx:
        view = _premium(await find_premium(tx, policy_no))
    return door.answer(view)


@router.post("/v1/policies/{policy_no}/premium", status_code=201, response_model=PremiumView)
async def record_premium(policy_no: Code, form: PaymentForm, door: Keeping) -> Response:
    """Book a payment of premium, or a refund of it."""
    amount = -form.amount if form.refund else form.amount
    payment = Payment(form.payer, amount, form.paid_on, form.reference)

    async def act(tx: Tx) -> Answer:
        return Answer(_premium(await record(tx, policy_no, payment)), 201)

    return await door.once(form, act)


def _brief(row: EndorsementRow) -> EndorsementView:
    return EndorsementView.model_validate(_fields(row))


def _fields(row: EndorsementRow) -> dict[str, object]:
    return {
        "id": row.id,
        "policy_no": row.policy_no,
        "endorsement_no": row.endorsement_no,
        "effective_on": row.effective_on,
        "reason_zh": row.reason_zh,
        "added": row.added,
        "removed": row.removed,
        "premium_difference": yuan(row.premium_difference_fen),
        "policy_version": row.policy_version,
        "actor": row.actor,
        "created_at": row.created_at,
    }


def _whole(seen: Endorsed) -> EndorsementWhole:
    return EndorsementWhole.model_validate(
        {
            **_fields(seen.endorsement),
            "lines": [_line(line) for line in seen.lines],
            "warnings": [_over(claim) for claim in seen.over],
        }
    )


def _line(line: EndorsementLine) -> EndorsementLineShown:
    reason = None if line.reason is None else RemovalReason(line.reason)
    return EndorsementLineShown(
        act=line.act,
        enrolment_id=line.enrolment_id,
        person_id=line.person_id,
        area_code=f"{line.area_code:012d}",
        category=line.category,
        reason=None if reason is None else labelled(REMOVAL_ZH, reason),
        covered_from=line.covered_from,
        covered_to=line.covered_to,
        premium_difference=yuan(line.premium_difference_fen),
    )


def _over(claim: ClaimSince) -> Flag:
    sentence = f"赔案 {claim.claim_no}（事故日 {claim.event_on}）已办结，仍按批改前的名册"
    return Flag(code="endorsement.claim_over", sentence_zh=sentence)


def _premium(seen: PremiumSeen) -> PremiumView:
    brief = show_premium_brief(seen.policy)
    return PremiumView(
        **brief.model_dump(),
        policy_no=seen.policy.policy_no,
        payers=[
            PayerStanding(
                code=each.payer.code,
                name_zh=each.payer.name_zh,
                share_bp=each.payer.share_bp,
                due=yuan(each.due_fen),
                paid=yuan(each.paid_fen),
                gap=yuan(each.due_fen - each.paid_fen),
            )
            for each in seen.payers
        ],
        payments=[
            PaymentShown(
                payer=payment.payer,
                amount=yuan(payment.amount_fen),
                paid_on=payment.paid_on,
                reference=payment.reference,
                actor=payment.actor,
                created_at=payment.created_at,
            )
            for payment in seen.payments
        ],
    )
