"""报表: figures with what they are made of, as JSON, CSV or a workbook."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from app.api.fields import Labelled, View, Word, Yuan
from app.api.numbers import Code
from app.api.reading import Reading, Reads
from app.api.report_files import FILES, Form, file_answer, form_of
from app.db.reports import ShareRow
from app.domain.caller import Act
from app.domain.money import yuan
from app.domain.report_tables import table_of_figures
from app.domain.reports import UNIT_ZH, Figure, read_period
from app.services.reports.scorecard import make_scorecard
from app.services.reports.year_end import settle_policy_year, shares_told

router = APIRouter(tags=["reports"])

Looking = Annotated[Reading, Depends(Reads(Act.READ_REPORTS, reports=True))]


class FigureShown(View):
    """One figure: `value` is text as people write it, null where nothing is known.

    `claims` tells from how many claims it was made, `sentence_zh` how.
    """

    code: str
    label_zh: str
    unit: Labelled
    value: str | None
    claims: int
    sentence_zh: str


class ScorecardView(View):
    """How an insurer dealt with the claims of a period in the caller's area."""

    insurer: str
    insurer_zh: str
    period: str
    from_on: date
    to_on: date
    figures: list[FigureShown]


class LedgerShareShown(View):
    """One insurer's share in the claims of a policy, as the ledger has it."""

    insurer: str
    incurred: Yuan
    paid: Yuan


class YearEndView(View):
    """A policy's year. `final`: the period is over and no claim is open."""

    policy_no: str
    period_from: date
    period_to: date
    final: bool
    sentence_zh: str
    figures: list[FigureShown]
    shares: list[LedgerShareShown]


class ScorecardAsked(BaseModel):
    """Which insurer, and a year (2026) or month (2026-06)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    insurer: Word
    period: Annotated[str, Field(min_length=4, max_length=7, examples=["2026", "2026-06"])]
    format: Form | None = None


class FormAsked(BaseModel):
    """JSON, or a file that a spreadsheet opens; without one the Accept header decides."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Form | None = None


@router.get(
    "/v1/reports/scorecard",
    response_model=ScorecardView,
    responses=FILES,
    openapi_extra={"x-problems": ["resource.not_found"]},
)
async def read_scorecard(asked: Annotated[ScorecardAsked, Query()], door: Looking) -> Response:
    """Read an insurer's scorecard: days to decide and pay, refusals, differences, overdue days."""
    period = read_period(asked.period)
    async with door.transaction() as tx:
        found = await make_scorecard(tx, asked.insurer, period)
        today = await tx.today()
    if (form := _form(door, asked.format)) != "json":
        name, title_zh = f"scorecard-{found.insurer}-{period.name}", f"{found.insurer_zh}服务评分"
        table = table_of_figures(name, title_zh, period.name, today, found.figures)
        return await file_answer(form, table)
    view = ScorecardView(
        insurer=found.insurer,
        insurer_zh=found.insurer_zh,
        period=period.name,
        from_on=period.from_on,
        to_on=period.to_on,
        figures=[_figure(one) for one in found.figures],
    )
    return door.answer(view)


@router.get("/v1/policies/{policy_no}/year-end", response_model=YearEndView, responses=FILES)
async def read_year_end(
    policy_no: Code, asked: Annotated[FormAsked, Query()], door: Looking
) -> Response:
    """Read how a policy's year settles: expenses, surplus back or carried, overrun by bands."""
    async with door.transaction() as tx:
        found = await settle_policy_year(tx, policy_no)
        today = await tx.today()
    if (form := _form(door, asked.format)) != "json":
        period = f"{found.policy.period_from}/{found.policy.period_to}"
        name, title_zh = f"year-end-{policy_no}", f"{policy_no} 年终结算：{found.sentence_zh}"
        figures = (*found.figures, *shares_told(found.shares, found.claims))
        return await file_answer(form, table_of_figures(name, title_zh, period, today, figures))
    view = YearEndView(
        policy_no=policy_no,
        period_from=found.policy.period_from,
        period_to=found.policy.period_to,
        final=found.final,
        sentence_zh=found.sentence_zh,
        figures=[_figure(one) for one in found.figures],
        shares=[_share(one) for one in found.shares],
    )
    return door.answer(view)


def _figure(one: Figure) -> FigureShown:
    return FigureShown(
        code=one.code,
        label_zh=one.label_zh,
        unit=Labelled(code=one.unit.value, label_zh=UNIT_ZH[one.unit]),
        value=one.text,
        claims=one.claims,
        sentence_zh=one.sentence_zh,
    )


def _share(one: ShareRow) -> LedgerShareShown:
    return LedgerShareShown(
        insurer=one.insurer_code, incurred=yuan(one.incurred_fen), paid=yuan(one.paid_fen)
    )


def _form(door: Reading, asked: Form | None) -> Form:
    return form_of(asked, door.request.headers.get("accept", ""))
