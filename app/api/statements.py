"""对账单: what insurers and banks say they settled; taken whole after the control totals."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, UploadFile
from fastapi import Form as FormData
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from app.api.answers import Answer
from app.api.fields import (
    AreaCode,
    Day,
    Form,
    Labelled,
    Line,
    Money,
    Number,
    View,
    When,
    Word,
    Yuan,
)
from app.api.numbers import RowId
from app.api.reading import Listed, Page, Reading, Reads
from app.api.writing import Writes, Writing
from app.db.session import Tx
from app.db.statements import StatementRow, list_statements
from app.db.statements import read_statement as find_statement
from app.domain.caller import Act, Caller
from app.domain.closing import day_number
from app.domain.money import yuan
from app.domain.statement import SIDE_ZH, Direction, Side, StatementLine, Totals
from app.services.statements.discard_statement import discard_statement as discard
from app.services.statements.take_file import check, take_file
from app.services.statements.take_statement import Taken, Told, take_lines

router = APIRouter(tags=["reconciliation"])

Giving = Annotated[Writing, Depends(Writes(Act.GIVE_STATEMENT))]
Discarding = Annotated[Writing, Depends(Writes(Act.RECONCILE))]
Looking = Annotated[Reading, Depends(Reads(Act.READ_STATEMENTS))]
MOST_LINES = 5_000  # of one request; a longer statement comes as a file
Count = Annotated[int, Field(ge=0, le=MOST_LINES)]
SideWord = Literal["statement", "bank_return"]
Positive = Annotated[Money, Field(gt=0)]


class StatementTotalsForm(Form):
    """The control totals; not one line is taken when the lines do not add up to them."""

    paid_count: Count
    paid_amount: Money
    returned_count: Count = 0
    returned_amount: Money = 0


class LineForm(Form):
    """One settlement with all its references."""

    claim_no: Number
    payout_reference: Number
    settlement_no: Number
    insurer_case_no: Number | None = None
    direction: Literal["paid", "returned"] = "paid"
    amount: Positive
    settled_on: Day


class StatementForm(Form):
    """A statement of one party about one county, up to and including `day`.

    `insurer` is `bank` for what a county's own funds paid; an insurer's key may leave it out, a
    county's key may leave `area_code` out. `from_day`: the first day that it speaks of.
    """

    insurer: Word | None = None
    area_code: AreaCode | None = None
    side: SideWord = "statement"
    from_day: Day | None = None
    day: Day
    totals: StatementTotalsForm
    lines: list[LineForm] = Field(max_length=MOST_LINES)


class FileUpload(BaseModel):
    """The same as a CSV file, which holds its own control totals in the first row."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    insurer: Word | None = None
    area_code: AreaCode | None = None
    side: SideWord = "statement"
    from_day: Day | None = None
    day: Day
    file: UploadFile


class DifferenceReasonForm(Form):
    """Why; it stands in the trail."""

    reason_zh: Line


class StatementView(View):
    """A statement that was taken. `repeated`: the very same had been taken before."""

    id: UUID
    insurer: str
    area_code: str
    side: Labelled
    source: str
    from_day: date
    day: date
    reconciliation_no: str
    sha256: str
    paid_count: int
    paid: Yuan
    returned_count: int
    returned: Yuan
    currency: str = "CNY"
    taken_at: When
    discarded_at: When | None
    discard_reason_zh: str | None
    repeated: bool = False


class StatementPage(Page[StatementView]):
    """One page of statements."""


class StatementsListed(Listed):
    """Which statements to list."""

    insurer: Word | None = None
    day: Day | None = None


@router.post(
    "/v1/statements",
    status_code=201,
    response_model=StatementView,
    openapi_extra={"x-problems": ["resource.not_found"]},
)
async def take_statement(form: StatementForm, door: Giving) -> Response:
    """Take a statement: all its lines or none, and compare the days it speaks of."""
    told = _told(door.caller, form, "api")
    stated = form.totals
    totals = Totals(
        stated.paid_count, stated.paid_amount, stated.returned_count, stated.returned_amount
    )
    lines = [
        StatementLine(
            line.claim_no,
            line.payout_reference,
            line.settlement_no,
            line.insurer_case_no,
            Direction(line.direction),
            line.amount,
            line.settled_on,
        )
        for line in form.lines
    ]

    async def act(tx: Tx) -> Answer:
        return _answer(await take_lines(tx, told, lines, totals))

    return await door.once(form, act)


@router.post(
    "/v1/statements/files",
    status_code=201,
    response_model=StatementView,
    openapi_extra={"x-problems": ["resource.not_found"]},
)
async def take_statement_file(
    upload: Annotated[FileUpload, FormData(media_type="multipart/form-data")], door: Giving
) -> Response:
    """Take a statement as a CSV file, UTF-8 or GB18030; of long ones memory stays flat."""
    told = _told(door.caller, upload, "file")
    statement = await check(upload.file.file, told)

    async def act(tx: Tx) -> Answer:
        return _answer(await take_file(tx, statement))

    given = upload.model_dump(mode="json", exclude={"file"})
    named = {name: str(value) for name, value in given.items()}
    return await door.once({**named, "sha256": statement.checked.sha256}, act)


@router.get("/v1/statements", response_model=StatementPage)
async def read_statements(listed: Annotated[StatementsListed, Query()], door: Looking) -> Response:
    """List statements, newest first."""
    after = door.after(listed)
    async with door.transaction() as tx:
        found = await list_statements(
            tx,
            party=listed.insurer,
            day=listed.day,
            before=None if after is None else UUID(after[0]),
            limit=listed.limit + 1,
        )
    return door.page(listed, found, lambda seen: (seen.id,), _shown)


# The form of the id is in the path itself, so that GET on `files` is a 405 and not a 404.
@router.get("/v1/statements/{statement_id:uuid}", response_model=StatementView)
async def read_statement(statement_id: RowId, door: Looking) -> Response:
    """Read what was taken of a statement."""
    async with door.transaction() as tx:
        return door.answer(_shown(await find_statement(tx, statement_id)))


@router.post("/v1/statements/{statement_id}:discard", response_model=StatementView)
async def discard_statement(
    statement_id: RowId, form: DifferenceReasonForm, door: Discarding
) -> Response:
    """Set a wrong statement of open days aside; it stays on record and counts no more."""

    async def act(tx: Tx) -> Answer:
        return Answer(_shown(await discard(tx, statement_id, form.reason_zh)))

    return await door.once(form, act)


def _told(caller: Caller, form: StatementForm | FileUpload, source: str) -> Told:
    party = form.insurer or caller.insurer or ""
    area = form.area_code or (0 if caller.insurer else caller.area_lo)
    return Told(area, party, form.side, source, form.from_day or form.day, form.day)


def _answer(taken: Taken) -> Answer:
    view = _shown(taken.statement).model_copy(update={"repeated": taken.repeated})
    return Answer(view, 201, location=f"/v1/statements/{view.id}")


def _shown(row: StatementRow) -> StatementView:
    return StatementView(
        id=row.id,
        insurer=row.party,
        area_code=f"{row.area_code:012d}",
        side=Labelled(code=row.side, label_zh=SIDE_ZH[Side(row.side)]),
        source=row.source,
        from_day=row.from_on,
        day=row.day_on,
        reconciliation_no=day_number(row.area_code, row.party, row.day_on),
        sha256=row.sha256,
        paid_count=row.paid_count,
        paid=yuan(row.paid_fen),
        returned_count=row.returned_count,
        returned=yuan(row.returned_fen),
        taken_at=row.taken_at,
        discarded_at=row.discarded_at,
        discard_reason_zh=row.discard_reason_zh,
    )
