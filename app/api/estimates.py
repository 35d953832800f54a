"""试算: what would every cover pay, and what is still missing; stores nothing."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.responses import Response

from app.api.claim_views import CURRENCY, AssessmentShown, Paper, show_assessment
from app.api.fields import View, Word, Yuan
from app.api.notice_forms import NoticeForm
from app.api.notice_views import Remark, show_remarks
from app.api.reading import Reading, Reads
from app.domain.caller import Act
from app.domain.limits import LimitUnit
from app.domain.money import yuan
from app.domain.terms import Terms
from app.services.estimates.estimate import Estimate, PolicyEstimate
from app.services.estimates.estimate import estimate as compute

router = APIRouter(tags=["notices"])

PAPERS_MAX = 100

Asking = Annotated[Reading, Depends(Reads(Act.FILE_NOTICE))]


class EstimateForm(NoticeForm):
    """A notice as told so far, and the papers at hand."""

    papers: list[Word] = Field(default_factory=list, max_length=PAPERS_MAX)


class LimitShown(View):
    """A limit: how much of it was used before, and what it is; yuan or days by `unit`."""

    code: str
    scope: str
    period: str
    unit: str
    bound: str
    used: str
    left: str


class PolicyEstimated(View):
    """What one policy would pay."""

    policy_no: str
    scheme_name_zh: str
    insurer: str | None
    amount: Yuan
    assessment: AssessmentShown
    limits: list[LimitShown]


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
    async with door.transaction() as tx:
        found = await compute(tx, form.content(), frozenset(form.papers))
    return door.plain(_shown(found))


def _shown(found: Estimate) -> EstimateView:
    return EstimateView(
        policies=[_policy(one) for one in found.policies],
        remarks=show_remarks(found.remarks),
        missing=[Paper(code=paper.code, label_zh=paper.label_zh) for paper in found.missing],
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
        limits=_limits(one),
    )


def _limits(one: PolicyEstimate) -> list[LimitShown]:
    days = _limits_in_days(one.response.terms)
    shown = []
    for key, bound, used in one.limits:
        written = str if key.code in days else yuan
        shown.append(
            LimitShown(
                code=key.code,
                scope=key.scope.value,
                period=key.period,
                unit="days" if key.code in days else "yuan",
                bound=written(bound),
                used=written(used),
                left=written(max(0, bound - used)),
            )
        )
    return shown


def _limits_in_days(terms: Terms) -> frozenset[str]:
    """Give the codes, as keys bear them, of the limits that count days and not money."""
    own = {
        f"{cover.code}.{limit.code}"
        for cover in terms.covers
        for limit in cover.limits
        if limit.unit is LimitUnit.DAYS
    }
    shared = {limit.code for limit in terms.limits if limit.unit is LimitUnit.DAYS}
    return frozenset(own | shared)
