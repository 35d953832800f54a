"""预算: what a policy would cost for so many heads, with a range from its history."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import AfterValidator, Field, JsonValue
from starlette.responses import Response

from app.api.assessment_views import CURRENCY
from app.api.fields import Form, View, Word, Yuan, check_texts
from app.api.numbers import Code
from app.api.reading import Reading, Reads
from app.domain.budget import FEW, CategoryBudget
from app.domain.caller import Act
from app.domain.money import yuan
from app.domain.risk_sharing import loss_ratio_bp
from app.domain.terms_checks import read_terms
from app.services.policies.budget import Budgeted
from app.services.policies.budget import budget as work_out

router = APIRouter(tags=["contracts"])

CATEGORIES_MAX = 50
HEADS_MAX = 10_000_000
MONTHS_MAX = 36

Asking = Annotated[Reading, Depends(Reads(Act.KEEP_CONTRACTS))]
Heads = Annotated[int, Field(ge=0, le=HEADS_MAX)]


class BudgetForm(Form):
    """Heads by category, for so many months; `terms`: under these instead of the policy's own."""

    heads: dict[Word, Heads] = Field(max_length=CATEGORIES_MAX)
    months: Annotated[int, Field(ge=1, le=MONTHS_MAX)] = 12
    terms: Annotated[dict[str, JsonValue], AfterValidator(check_texts)] | None = None


class RangeShown(View):
    """What claims would come to: expected, and the range that four years of five lie in.

    `people` is how many insured people the figures rest on; `few` that they are under 30.
    """

    expected: Yuan | None
    low: Yuan | None
    high: Yuan | None
    people: int
    few: bool


class CategoryBudgeted(View):
    """One category; `own_history` is false where the past of all categories stood in for it."""

    category: str
    label_zh: str
    heads: int
    premium: Yuan
    payout: RangeShown
    own_history: bool


class BudgetView(View):
    """A budget; null figures: nobody was insured yet. `sentence_zh` says what it rests on."""

    policy_no: str
    scheme: str
    scheme_version: str
    months: int
    categories: list[CategoryBudgeted]
    premium: Yuan
    payout: RangeShown
    expected_loss_ratio_bp: int | None
    history_claims: int
    sentence_zh: str
    currency: str


@router.post(
    "/v1/policies/{policy_no}/budget",
    response_model=BudgetView,
    openapi_extra={"x-problems": ["resource.not_found", "terms.invalid"]},
)
async def budget_policy(policy_no: Code, form: BudgetForm, door: Asking) -> Response:
    """Work out premium and expected payout for so many heads; stores nothing."""
    scenario = None if form.terms is None else read_terms(form.terms)
    async with door.transaction() as tx:
        found = await work_out(tx, policy_no, form.heads, form.months, scenario)
    return door.plain(_shown(found))


def _shown(found: Budgeted) -> BudgetView:
    whole = found.budget
    expected = whole.expected_fen
    ratio = None if expected is None else loss_ratio_bp(whole.premium_fen, expected)
    return BudgetView(
        policy_no=found.policy.policy_no,
        scheme=found.terms.scheme_code,
        scheme_version=found.terms.version,
        months=whole.months,
        categories=[_category(found, one) for one in whole.categories],
        premium=yuan(whole.premium_fen),
        payout=RangeShown(
            expected=_or_null(expected),
            low=_or_null(whole.low_fen),
            high=_or_null(whole.high_fen),
            people=whole.people,
            few=whole.few,
        ),
        expected_loss_ratio_bp=ratio,
        history_claims=found.claims,
        sentence_zh=_sentence(found),
        currency=CURRENCY,
    )


def _category(found: Budgeted, one: CategoryBudget) -> CategoryBudgeted:
    return CategoryBudgeted(
        category=one.category,
        label_zh=found.terms.categories[one.category],
        heads=one.heads,
        premium=yuan(one.premium_fen),
        payout=RangeShown(
            expected=_or_null(one.expected_fen),
            low=_or_null(one.low_fen),
            high=_or_null(one.high_fen),
            people=one.people,
            few=one.few,
        ),
        own_history=one.own,
    )


def _or_null(fen: int | None) -> str | None:
    return None if fen is None else yuan(fen)


def _sentence(found: Budgeted) -> str:
    if found.budget.expected_fen is None:
        return "本保单还没有参保历史，只能给出保费，无法估计赔付。"
    told = f"依据本保单已有参保人员和 {found.claims} 件赔案推算，约五年有四年落在区间内。"
    if found.budget.few:
        told += f"有类别的参保人数不足 {FEW} 人，区间仅供参考。"
    return told
