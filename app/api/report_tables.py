"""报表: where claims stand, how long they wait, 赔付率 and more, as JSON, CSV or a workbook."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from app.api.fields import View
from app.api.reading import Reading, Reads
from app.api.report_files import FILES, Form, csv_stream, file_answer, form_of
from app.db.session import Tx
from app.domain.caller import Act
from app.domain.errors import Fault, Invalid
from app.domain.grouping import Group
from app.domain.lifecycle import ClaimStatus
from app.domain.report_tables import Cell, ReportTable, text_of
from app.domain.reports import Period, read_period
from app.services.reports.ageing import make_ageing
from app.services.reports.asked import ALL_TIME_ZH, no_more_than
from app.services.reports.claim_list import REPORT as CLAIM_LIST
from app.services.reports.claim_list import claim_pages
from app.services.reports.coverage_gap import make_coverage_gap
from app.services.reports.delegated import make_delegated
from app.services.reports.limits_near_cap import make_limits_near_cap
from app.services.reports.loss_ratio import make_loss_ratio
from app.services.reports.pipeline import make_amounts, make_pipeline
from app.services.reports.self_borne import make_self_borne

router = APIRouter(tags=["reports"])

Looking = Annotated[Reading, Depends(Reads(Act.READ_REPORTS, reports=True))]
Bureau = Annotated[Reading, Depends(Reads(Act.READ_BUREAU_REPORTS, reports=True))]
MOST_GROUPS = 3
MOST_IN_WORKBOOK, MOST_IN_JSON = 50_000, 5_000
Make = Callable[[Tx, Sequence[Group], Period | None], Awaitable[ReportTable]]
MakeOfPeriod = Callable[[Tx, Sequence[Group], Period], Awaitable[ReportTable]]


class ReportColumnShown(View):
    """One column: `kind` tells how its cells are read, `unit_zh` in what they are counted."""

    code: str
    label_zh: str
    kind: str
    unit_zh: str


class ReportView(View):
    """A whole report as of the business day `data_on`.

    Each row has a member for every column, by its code: amounts and percent as text with two
    decimals, counts as numbers, null where nothing is known. `how_zh` says how figures were made.
    """

    report: str
    title_zh: str
    period: str
    group_by: tuple[str, ...]
    data_on: date
    how_zh: tuple[str, ...]
    columns: list[ReportColumnShown]
    total: int
    rows: list[dict[str, str | int | bool | None]]


class ReportAsked(BaseModel):
    """In which form; without one the Accept header decides."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Form | None = None


class PeriodAsked(ReportAsked):
    """A year (2026) or month (2026-06)."""

    period: Annotated[
        str | None, Field(min_length=4, max_length=7, examples=["2026", "2026-06"])
    ] = None


Place = Literal["township", "county", "policy", "scheme", "insurer", "month"]
Few = Field(min_length=1, max_length=MOST_GROUPS)


class PipelineAsked(PeriodAsked):
    """Groups may be named several times over, for rows of each combination."""

    group_by: Annotated[list[Place | Literal["status", "outcome"]], Few] = ["status", "outcome"]


class AmountsAsked(PeriodAsked):
    """The same without what changes as a claim moves."""

    group_by: Annotated[list[Place], Few] = ["scheme"]


class AgeingAsked(ReportAsked):
    """Always as of today."""

    group_by: Annotated[list[Literal["insurer", "township", "policy", "scheme", "status"]], Few] = [
        "insurer"
    ]


class LossRatioAsked(PeriodAsked):
    """`cover` stands by itself: premium is not told by cover."""

    group_by: Annotated[
        list[Literal["township", "county", "policy", "scheme", "insurer", "cover"]], Few
    ] = ["township"]


class SelfBorneAsked(PeriodAsked):
    """Bills belong to a notice, which has no policy of its own."""

    group_by: Annotated[list[Literal["township", "county", "month"]], Few] = ["township"]


class DelegatedAsked(PeriodAsked):
    """The month is that of the approval."""

    group_by: Annotated[list[Literal["township", "policy", "scheme", "month"]], Few] = ["township"]


class CoverageAsked(ReportAsked):
    """Always as of today."""

    group_by: Annotated[list[Literal["township", "county"]], Field(min_length=1, max_length=1)] = [
        "township"
    ]


class ClaimListAsked(PeriodAsked):
    """Which claims."""

    status: ClaimStatus | None = None


@router.get("/v1/reports/claims", response_model=ReportView, responses=FILES)
async def read_claims_report(asked: Annotated[PipelineAsked, Query()], door: Looking) -> Response:
    """Count claims with their amounts by status, outcome, area, policy, scheme, insurer, month."""
    return await _of(door, asked, make_pipeline, asked.group_by, _period(asked))


@router.get("/v1/reports/amounts", response_model=ReportView, responses=FILES)
async def read_amounts_report(asked: Annotated[AmountsAsked, Query()], door: Looking) -> Response:
    """Sum what was assessed, incurred, paid, not yet paid and recovered, as the ledger has it."""
    return await _of(door, asked, make_amounts, asked.group_by, _period(asked))


@router.get("/v1/reports/ageing", response_model=ReportView, responses=FILES)
async def read_ageing_report(asked: Annotated[AgeingAsked, Query()], door: Looking) -> Response:
    """Tell how long open claims have been waiting and what is overdue, on working days too."""

    async def make(tx: Tx, groups: Sequence[Group], _period: Period | None) -> ReportTable:
        return await make_ageing(tx, groups)

    return await _of(door, asked, make, asked.group_by, None)


@router.get("/v1/reports/loss-ratio", response_model=ReportView, responses=FILES)
async def read_loss_ratio_report(
    asked: Annotated[LossRatioAsked, Query()], door: Looking
) -> Response:
    """Work out 赔付率: incurred, paid and unpaid against the premium earned day by day."""
    if "cover" in asked.group_by and len(asked.group_by) > 1:
        raise Invalid(
            Fault(
                "/group_by",
                "validation.failed",
                "按责任分组时不能再加其他分组",
                "cover is grouped by alone",
            )
        )
    return await _of_period(door, asked, make_loss_ratio, asked.group_by)


@router.get("/v1/reports/self-borne", response_model=ReportView, responses=FILES)
async def read_self_borne_report(
    asked: Annotated[SelfBorneAsked, Query()], door: Bureau
) -> Response:
    """Tell what of bills stays with families after every payer and every claim."""
    return await _of_period(door, asked, make_self_borne, asked.group_by)


@router.get("/v1/reports/delegated", response_model=ReportView, responses=FILES)
async def read_delegated_report(
    asked: Annotated[DelegatedAsked, Query()], door: Bureau
) -> Response:
    """Sum what was approved within a delegation, and by two persons."""
    return await _of_period(door, asked, make_delegated, asked.group_by)


@router.get("/v1/reports/coverage-gap", response_model=ReportView, responses=FILES)
async def read_coverage_gap_report(
    asked: Annotated[CoverageAsked, Query()], door: Bureau
) -> Response:
    """Count who is registered and not covered today, and who is covered but should not be."""

    async def make(tx: Tx, groups: Sequence[Group], _period: Period | None) -> ReportTable:
        return await make_coverage_gap(tx, groups)

    return await _of(door, asked, make, asked.group_by, None)


@router.get("/v1/reports/limits", response_model=ReportView, responses=FILES)
async def read_limits_report(asked: Annotated[ReportAsked, Query()], door: Bureau) -> Response:
    """Tell which limits of today's policies are nearly used up; nobody is named."""

    async def make(tx: Tx, _groups: Sequence[Group], _period: Period | None) -> ReportTable:
        return await make_limits_near_cap(tx)

    return await _of(door, asked, make, (), None)


@router.get("/v1/reports/claim-list", response_model=ReportView, responses=FILES)
async def read_claim_list(asked: Annotated[ClaimListAsked, Query()], door: Looking) -> Response:
    """List claims one by one, nobody named: a CSV of any length, or up to so many rows otherwise.

    A page of `GET /v1/claims` is what a program reads; this is a file for a spreadsheet.
    """
    period = _period(asked)
    async with door.transaction() as tx:
        today = await tx.today()
    table = ReportTable(
        code=CLAIM_LIST.code,
        title_zh=CLAIM_LIST.title_zh,
        period=ALL_TIME_ZH if period is None else period.name,
        group_by=(),
        data_on=today,
        how_zh=CLAIM_LIST.how_zh,
        columns=CLAIM_LIST.columns,
        rows=[],
    )
    pages = claim_pages(door.transaction, asked.status, period)
    form = _form(door, asked)
    if form == "csv":
        return await csv_stream(table, pages)
    rows: list[tuple[Cell, ...]] = []
    most = MOST_IN_WORKBOOK if form == "xlsx" else MOST_IN_JSON
    async for page in pages:
        rows += page
        no_more_than(rows, most)
    return await _answer(door, form, replace(table, rows=rows))


async def _of_period(
    door: Reading, asked: PeriodAsked, make: MakeOfPeriod, group_by: Sequence[str]
) -> Response:
    """Make a report that needs a period: this year where none is asked for."""

    async def made(tx: Tx, groups: Sequence[Group], period: Period | None) -> ReportTable:
        return await make(tx, groups, period or read_period(str((await tx.today()).year)))

    return await _of(door, asked, made, group_by, _period(asked))


async def _of(
    door: Reading, asked: ReportAsked, make: Make, group_by: Sequence[str], period: Period | None
) -> Response:
    groups = tuple(Group(word) for word in group_by)
    if len(set(groups)) < len(groups):
        raise Invalid(
            Fault("/group_by", "validation.failed", "分组不能重复", "a group is named once")
        )
    async with door.transaction() as tx:
        table = await make(tx, groups, period)
    return await _answer(door, _form(door, asked), table)


async def _answer(door: Reading, form: Form, table: ReportTable) -> Response:
    return door.answer(_view(table)) if form == "json" else await file_answer(form, table)


def _form(door: Reading, asked: ReportAsked) -> Form:
    return form_of(asked.format, door.request.headers.get("accept", ""))


def _period(asked: PeriodAsked) -> Period | None:
    return None if asked.period is None else read_period(asked.period)


def _view(table: ReportTable) -> ReportView:
    columns = [
        ReportColumnShown(
            code=one.code, label_zh=one.label_zh, kind=one.kind.value, unit_zh=one.unit_zh
        )
        for one in table.columns
    ]
    rows = [
        {
            column.code: text_of(cell, column.kind)
            for cell, column in zip(row, table.columns, strict=True)
        }
        for row in table.rows
    ]
    return ReportView(
        report=table.code,
        title_zh=table.title_zh,
        period=table.period,
        group_by=table.group_by,
        data_on=table.data_on,
        how_zh=table.how_zh,
        columns=columns,
        total=len(rows),
        rows=rows,
    )
