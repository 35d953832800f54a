"""What a bureau fills in and is shown of a policy's life: endorsements, renewals, premium."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

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
from app.api.policy_forms import MemberForm
from app.api.policy_views import (
    PolicyView,
    PremiumBrief,
    show_premium_brief,
)
from app.api.reading import Page
from app.db.claims import ClaimSince
from app.db.endorsements import EndorsementLine, EndorsementRow
from app.domain.endorsement import REMOVAL_ZH, NewEndorsement, Removal, RemovalReason
from app.domain.money import yuan
from app.domain.roster import LINES_MAX
from app.services.policies.endorse import Endorsed
from app.services.policies.read_premium import PremiumView as PremiumSeen


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


def show_brief(row: EndorsementRow) -> EndorsementView:
    """Show an endorsement in short."""
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


def show_endorsement(seen: Endorsed) -> EndorsementWhole:
    """Show an endorsement with its lines."""
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


def show_premium(seen: PremiumSeen) -> PremiumView:
    """Show a premium by payer."""
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
