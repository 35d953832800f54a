"""试算: what would every cover pay, and what is still missing; stores nothing."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.responses import Response

from app.api.assessment_views import (
    CURRENCY,
    AssessmentShown,
    LimitShown,
    NearestShown,
    Paper,
    show_assessment,
    show_limits,
    show_nearest,
    show_papers,
)
from app.api.fields import View, Word, Yuan
from app.api.notice_forms import NoticeForm
from app.api.notice_views import Remark, show_remarks
from app.api.reading import Reading, Reads
from app.domain.caller import Act
from app.domain.money import yuan
from app.services.estimates.estimate import Estimate, PolicyEstimate
from app.services.estimates.estimate import estimate as compute

router = APIRouter(tags=["notices"])

PAPERS_MAX = 100

Asking = Annotated[Reading, Depends(Reads(Act.FILE_NOTICE))]


class EstimateForm(NoticeForm):
    """A notice as told so far, and the papers at hand."""

    papers: list[Word] = Field(default_factory=list, max_length=PAPERS_MAX)


class PolicyEstimated(View):
    """What one policy would pay."""

    policy_no: str
    scheme_name_zh: str
    insurer: str | None
    amount: Yuan
    assessment: AssessmentShown
    limits: list[LimitShown]
    nearest_change: NearestShown | None


class EstimateView(View):
    """What every policy would pay in payer order, and what stays with the family."""

    policies: list[PolicyEstimated]
    remarks: list[Remark]
    missing: list[Paper]
    total: Yuan
    self_borne_left: Yuan
    currency: str


@router.post("/v1/estimates", response_model=EstimateView)
async def estimate_notice(form: EstimateForm, door: Asking) -> Response:
    """Compute what a notice would bring; nothing is stored and no limit is used."""
    async with door.asking() as tx:
        found = await compute(tx, form.content(), frozenset(form.papers))
    return door.plain(_shown(found))


def _shown(found: Estimate) -> EstimateView:
    return EstimateView(
        policies=[_policy(one) for one in found.policies],
        remarks=show_remarks(found.remarks),
        missing=show_papers(found.missing),
        total=yuan(found.total_fen),
        self_borne_left=yuan(found.left_fen),
        currency=CURRENCY,
    )


def _policy(one: PolicyEstimate) -> PolicyEstimated:
    spell = one.response.spell
    return PolicyEstimated(
        policy_no=spell.policy_no,
        scheme_name_zh=spell.scheme_name_zh,
        insurer=spell.insurer_code,
        amount=yuan(one.assessment.amount_fen),
        assessment=show_assessment(one.assessment),
        limits=show_limits(one.limits),
        nearest_change=show_nearest(one.nearest),
    )
