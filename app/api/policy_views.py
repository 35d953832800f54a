"""What is shown of a policy and of who is on its roster."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from app.api.fields import Flag, Labelled, View, When, Yuan, labelled
from app.api.reading import Page
from app.db.policies import PolicyRow
from app.domain.days_off import DAY_COUNT_ZH
from app.domain.money import yuan
from app.domain.policy import APPROVAL_ZH, PREMIUM_BY_ZH, STATE_ZH, Share
from app.services.policies.list_members import MemberView as MemberSeen
from app.services.policies.view import PolicyView as Seen


class InsurerShareShown(View):
    insurer: str
    share_bp: int
    lead: bool


class PayerShown(View):
    code: str
    name_zh: str
    share_bp: int


class PremiumBrief(View):
    """What of the premium is due by the roster, paid, and missing; `/premium` tells by whom."""

    due: Yuan
    paid: Yuan
    gap: Yuan
    due_on: date
    currency: str = "CNY"


class PolicyView(View):
    """A policy; several states may hold at once, both days of the period are covered."""

    policy_no: str
    scheme: str
    scheme_name_zh: str
    scheme_version: str
    kind: str
    insurer: str | None
    shares: list[InsurerShareShown]
    area_code: str
    period_from: date
    period_to: date
    statuses: list[Labelled]
    approval: Labelled
    premium_per_person: Yuan
    payer_rank: int
    waiting_days: int
    check_days: int
    return_window_days: int
    exclusive_group: str | None
    payers: list[PayerShown]
    premium: PremiumBrief
    premium_by: Labelled
    tolerance: Yuan
    day_count: Labelled
    papers_stop_clock: bool
    decide_days: int
    pay_days: int
    limitation_years: int
    cancelled_from: date | None
    renews: str | None
    renewed_by: str | None
    warnings: list[Flag]
    terms_sha256: str
    created_at: When
    updated_at: When
    version: int


class PolicyPage(Page[PolicyView]):
    """One page of policies by number."""


class MemberShown(View):
    """One spell on a roster; name and number masked, null where they are hidden."""

    enrolment_id: UUID
    person_id: UUID
    name_masked: str | None
    id_masked: str | None
    area_code: str
    category: str
    covered_from: date
    covered_to: date
    certificate_no: str | None
    premium: Yuan


class MemberPage(Page[MemberShown]):
    """One page of a roster."""


class EnrolledShown(View):
    """A line as it was taken; `registered` tells that the person is new here."""

    enrolment_id: UUID
    person_id: UUID
    registered: bool
    category: str
    covered_from: date
    covered_to: date


class EnrolledView(View):
    """What the roster has become, in its order."""

    policy_no: str
    version: int
    members: list[EnrolledShown]


def show_policy(seen: Seen) -> PolicyView:
    """Show a policy."""
    policy = seen.policy
    return PolicyView(
        policy_no=policy.policy_no,
        scheme=policy.scheme_code,
        scheme_name_zh=policy.scheme_name_zh,
        scheme_version=policy.scheme_version,
        kind=policy.kind,
        insurer=policy.insurer_code,
        shares=_shares(policy.shares),
        area_code=f"{policy.area_lo:012d}",  # the first code of an area is the area's own
        period_from=policy.period_from,
        period_to=policy.period_to,
        statuses=[labelled(STATE_ZH, state) for state in seen.states],
        approval=labelled(APPROVAL_ZH, policy.approval),
        premium_per_person=yuan(policy.premium_per_person_fen),
        payer_rank=policy.payer_rank,
        waiting_days=policy.waiting_days,
        check_days=policy.check_days,
        return_window_days=policy.return_window_days,
        exclusive_group=policy.exclusive_group,
        payers=[
            PayerShown(code=payer.code, name_zh=payer.name_zh, share_bp=payer.share_bp)
            for payer in policy.payers
        ],
        premium=show_premium_brief(policy),
        premium_by=labelled(PREMIUM_BY_ZH, policy.premium_by),
        tolerance=yuan(policy.tolerance_fen),
        day_count=labelled(DAY_COUNT_ZH, policy.day_count),
        papers_stop_clock=policy.papers_stop_clock,
        decide_days=policy.decide_days,
        pay_days=policy.pay_days,
        limitation_years=policy.limitation_years,
        cancelled_from=policy.cancelled_from,
        renews=policy.renews,
        renewed_by=policy.renewed_by,
        warnings=[Flag.model_validate(warning) for warning in seen.warnings],
        terms_sha256=policy.terms_sha256,
        created_at=policy.created_at,
        updated_at=policy.updated_at,
        version=policy.version,
    )


def show_premium_brief(policy: PolicyRow) -> PremiumBrief:
    """Show what of a policy's premium is due, paid and missing."""
    return PremiumBrief(
        due=yuan(policy.premium_due_fen),
        paid=yuan(policy.premium_paid_fen),
        gap=yuan(policy.premium_due_fen - policy.premium_paid_fen),
        due_on=policy.premium_due_on,
    )


def _shares(shares: Sequence[Share]) -> list[InsurerShareShown]:
    return [
        InsurerShareShown(insurer=share.insurer_code, share_bp=share.share_bp, lead=share.lead)
        for share in shares
    ]


def show_member(seen: MemberSeen) -> MemberShown:
    """Show one spell on a roster."""
    return MemberShown(
        enrolment_id=seen.enrolment_id,
        person_id=seen.person_id,
        name_masked=seen.name_masked,
        id_masked=seen.id_masked,
        area_code=f"{seen.area_code:012d}",
        category=seen.category,
        covered_from=seen.covered_from,
        covered_to=seen.covered_to,
        certificate_no=seen.certificate_no,
        premium=yuan(seen.premium_fen),
    )
