"""发放批次: a fund's payouts through the bank, handed over and answered with control totals."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import Response

from app.api.answers import Answer
from app.api.fields import Form, Labelled, Line, Money, View, When, Word, Yuan
from app.api.numbers import Code
from app.api.reading import Listed, Page, Reading, Reads
from app.api.writing import Writes, Writing
from app.db.batches import BatchRow, list_batches
from app.db.batches import read_batch as find_batch
from app.db.session import Tx
from app.domain.bank_file import Result, Totals
from app.domain.caller import Act
from app.domain.money import yuan
from app.services.batches.export_batch import export_batch as export
from app.services.batches.make_batch import MOST
from app.services.batches.make_batch import make_batch as make
from app.services.batches.settle_batch import settle_batch as settle

router = APIRouter(tags=["payouts"])

Looking = Annotated[Reading, Depends(Reads(Act.KEEP_CONTRACTS))]
Paying = Annotated[Writing, Depends(Writes(Act.KEEP_CONTRACTS))]
Exporting = Annotated[Writing, Depends(Writes(Act.KEEP_CONTRACTS, keyed=False))]
Count = Annotated[int, Field(ge=0, le=MOST)]
STATUS_ZH = {"open": "待送盘", "exported": "已送盘", "settled": "已回盘"}
Failure = Literal["name_mismatch", "account_wrong", "account_closed", "account_frozen", "other"]


class BatchForm(Form):
    """The fund whose due payouts go to the bank."""

    policy_no: Word


class BatchView(View):
    """A batch with its control totals."""

    batch_no: str
    policy_no: str
    status: Labelled
    count: int
    total: Yuan
    currency: str = "CNY"
    sha256: str | None
    version: int
    created_at: When
    exported_at: When | None
    settled_at: When | None


class BatchPage(Page[BatchView]):
    """One page of batches."""


class BatchesListed(Listed):
    """Which batches to list."""

    policy_no: Word | None = None


class ResultForm(Form):
    """One line of the bank's answer."""

    reference: Word
    state: Literal["paid", "failed"]
    amount: Money
    settlement_no: Word | None = None
    failure_code: Failure | None = None
    reason_zh: Line | None = None


class BankTotalsForm(Form):
    """What the bank states beside its lines; nothing is taken when it does not add up."""

    paid_count: Count
    paid_amount: Money
    failed_count: Count
    failed_amount: Money


class BankAnswerForm(Form):
    """The bank's whole answer to a batch (回盘)."""

    totals: BankTotalsForm
    results: list[ResultForm] = Field(min_length=1, max_length=MOST)


@router.post(
    "/v1/payout-batches",
    status_code=201,
    response_model=BatchView,
    openapi_extra={"x-problems": ["resource.not_found"]},
)
async def make_batch(form: BatchForm, door: Paying) -> Response:
    """Put everything of a fund that is due into one batch."""

    async def act(tx: Tx) -> Answer:
        view = _shown(await make(tx, form.policy_no))
        return Answer(view, 201, view.version, f"/v1/payout-batches/{view.batch_no}")

    return await door.once(form, act)


@router.get("/v1/payout-batches", response_model=BatchPage)
async def read_batches(listed: Annotated[BatchesListed, Query()], door: Looking) -> Response:
    """List batches, newest first."""
    after = door.after(listed)
    async with door.transaction() as tx:
        found = await list_batches(
            tx,
            policy_no=listed.policy_no,
            before=None if after is None else UUID(after[0]),
            limit=listed.limit + 1,
        )
    return door.page(listed, found, lambda seen: (seen.id,), _shown)


@router.get("/v1/payout-batches/{batch_no}", response_model=BatchView)
async def read_batch(batch_no: Code, door: Looking) -> Response:
    """Read a batch."""
    async with door.transaction() as tx:
        view = _shown(await find_batch(tx, batch_no))
    return door.answer(view, view.version)


@router.post(
    "/v1/payout-batches/{batch_no}:export",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def export_batch(batch_no: Code, door: Exporting) -> Response:
    """Hand the file to the bank (送盘): names and accounts in clear, each time on record."""
    async with door.transaction() as tx:
        batch, text = await export(tx, batch_no)
    return Response(
        text.encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{batch.batch_no}.csv"',
            "Cache-Control": "no-store",
            "X-Content-SHA256": batch.sha256 or "",
        },
    )


@router.post("/v1/payout-batches/{batch_no}:confirm", response_model=BatchView)
async def settle_batch(batch_no: Code, form: BankAnswerForm, door: Paying) -> Response:
    """Take the bank's answer: all lines or none."""
    results = [
        Result(
            line.reference,
            line.state,
            line.amount,
            line.settlement_no,
            line.failure_code,
            line.reason_zh,
        )
        for line in form.results
    ]
    stated = form.totals
    totals = Totals(
        stated.paid_count, stated.paid_amount, stated.failed_count, stated.failed_amount
    )

    async def act(tx: Tx) -> Answer:
        view = _shown(await settle(tx, batch_no, results, totals))
        return Answer(view, 200, view.version)

    return await door.once(form, act)


def _shown(row: BatchRow) -> BatchView:
    return BatchView(
        batch_no=row.batch_no,
        policy_no=row.policy_no,
        status=Labelled(code=row.status, label_zh=STATUS_ZH[row.status]),
        count=row.count,
        total=yuan(row.total_fen),
        sha256=row.sha256,
        version=row.version,
        created_at=row.created_at,
        exported_at=row.exported_at,
        settled_at=row.settled_at,
    )
