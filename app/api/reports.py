"""报表: figures with what they are made of, as JSON or as a spreadsheet's CSV."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from app.api.fields import Labelled, View, Word, Yuan
from app.api.numbers import Code
from app.api.reading import Reading, Reads
from app.db.reports import ShareRow
from app.domain.caller import Act
from app.domain.money import yuan
from app.domain.reports import UNIT_ZH, Figure, read_period, table
from app.services.reports.scorecard import make_scorecard
from app.services.reports.year_end import settle_policy_year

router = APIRouter(tags=["reports"])

Looking = Annotated[Reading, Depends(Reads(Act.READ_REPORTS, reports=True))]
CSV = {"content": {"text/csv": {"schema": {"type": "string"}}}}
FileForm = Literal["json", "csv"]


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
    format: FileForm = "json"


class FormAsked(BaseModel):
    """JSON, or a file that a spreadsheet opens."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: FileForm = "json"


@router.get(
    "/v1/reports/scorecard",
    response_model=ScorecardView,
    responses={200: CSV},
    openapi_extra={"x-problems": ["resource.not_found"]},
)
async def read_scorecard(asked: Annotated[ScorecardAsked, Query()], door: Looking) -> Response:
    """Read an insurer's scorecard: days to decide and pay, refusals, differences, overdue days."""
    period = read_period(asked.period)
    async with door.transaction() as tx:
        found = await make_scorecard(tx, asked.insurer, period)
    if asked.format == "csv":
        return _file(f"scorecard-{found.insurer}-{period.name}", found.figures)
    view = ScorecardView(
        insurer=found.insurer,
        insurer_zh=found.insurer_zh,
        period=period.name,
        from_on=period.from_on,
        to_on=period.to_on,
        figures=[_figure(one) for one in found.figures],
    )
    return door.answer(view)


@router.get("/v1/policies/{policy_no}/year-end", response_model=YearEndView, responses={200: CSV})
async def read_year_end(
    policy_no: Code, asked: Annotated[FormAsked, Query()], door: Looking
) -> Response:
    """Read how a policy's year settles: expenses, surplus back or carried, overrun by bands."""
    async with door.transaction() as tx:
        found = await settle_policy_year(tx, policy_no)
    if asked.format == "csv":
        return _file(f"year-end-{policy_no}", found.figures)
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


def _file(name: str, figures: Sequence[Figure]) -> Response:
    """Give a CSV with a byte-order mark: without it a Chinese spreadsheet shows it garbled."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(table(figures))
    return Response(
        out.getvalue().encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}.csv"',
            "Cache-Control": "private, no-store",
        },
    )
