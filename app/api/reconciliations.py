"""对账: days compared, differences owned, resolved or carried forward, days closed in order."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from app.api.answers import Answer
from app.api.fields import Form, Line, Text, Word
from app.api.numbers import Code, SerialNo
from app.api.reading import Listed, Reading, Reads
from app.api.reconciliation_views import (
    DayPage,
    DayView,
    ItemPage,
    ItemView,
    report_csv,
    show_day,
    show_item,
)
from app.api.writing import Writes, Writing
from app.db.reconciliation_items import carried_items, items_of
from app.db.reconciliations import DayRow, list_days
from app.db.reconciliations import read_day as find_day
from app.db.session import Tx
from app.domain.caller import Act
from app.domain.lifecycle import Outcome
from app.services.reconciliations.assign_item import assign_item as assign
from app.services.reconciliations.carry_item import carry_item as carry
from app.services.reconciliations.close_day import close_day as close
from app.services.reconciliations.match_day import match_day as match
from app.services.reconciliations.resolve_item import Resolution
from app.services.reconciliations.resolve_item import resolve_item as resolve

router = APIRouter(tags=["reconciliation"])

Looking = Annotated[Reading, Depends(Reads(Act.READ_STATEMENTS))]
Reconciling = Annotated[Writing, Depends(Writes(Act.RECONCILE))]
MOST_REPORTED = 100_000


class DaysListed(Listed):
    """Which days to list."""

    insurer: Word | None = None
    state: Literal["open", "closed"] | None = None


class ItemsListed(Listed):
    """Which differences of a day to list."""

    kind: Word | None = None
    state: Word | None = None


class CarriedListed(Listed):
    """Whose carried differences to list."""

    insurer: Word | None = None


class OwnerForm(Form):
    """Who works on it: the label of a key; null takes it back."""

    owner: Line | None


class CarryForm(Form):
    """Why it is carried forward; the second officer says so too."""

    reason_zh: Text


class ResolveForm(Form):
    """How it is settled.

    `accept_theirs`: their line is booked as news of theirs, by the same rules as a callback;
    `outcome` then names the decision that was never heard of.
    """

    reason_zh: Text
    accept_theirs: bool = False
    outcome: Literal["full", "partial", "goodwill"] | None = None


@router.get("/v1/reconciliations", response_model=DayPage)
async def read_reconciliations(listed: Annotated[DaysListed, Query()], door: Looking) -> Response:
    """List days, the latest first."""
    after = door.after(listed)
    async with door.transaction() as tx:
        found = await list_days(
            tx,
            party=listed.insurer,
            state=listed.state,
            before=None if after is None else (date.fromisoformat(after[0]), after[1]),
            limit=listed.limit + 1,
        )
    return door.page(
        listed, found, lambda row: (row.day_on, row.number), lambda row: _day(door, row)
    )


@router.get("/v1/reconciliations/{reconciliation_no}", response_model=DayView)
async def read_reconciliation(reconciliation_no: Code, door: Looking) -> Response:
    """Read a day: both sides' totals, what differs, and the signature of a closed one."""
    async with door.transaction() as tx:
        return door.answer(_day(door, await find_day(tx, reconciliation_no)))


@router.get("/v1/reconciliations/{reconciliation_no}/items", response_model=ItemPage)
async def read_differences(
    reconciliation_no: Code, listed: Annotated[ItemsListed, Query()], door: Looking
) -> Response:
    """List the differences of a day, oldest first."""
    after = door.after(listed)
    async with door.transaction() as tx:
        await find_day(tx, reconciliation_no)
        found = await items_of(
            tx,
            reconciliation_no,
            kind=listed.kind,
            state=listed.state,
            after=None if after is None else int(after[0]),
            limit=listed.limit + 1,
        )
    return door.page(listed, found, lambda row: (row.id,), show_item)


@router.get(
    "/v1/reconciliations/{reconciliation_no}/report",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def read_report(reconciliation_no: Code, door: Looking) -> Response:
    """Read the report of a day as CSV, for both sides the same."""
    async with door.transaction() as tx:
        day = _day(door, await find_day(tx, reconciliation_no))
        items = await items_of(tx, reconciliation_no, limit=MOST_REPORTED)
    return Response(
        report_csv(day, items).encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{reconciliation_no}.csv"',
            "Cache-Control": "no-store",
        },
    )


@router.post("/v1/reconciliations/{reconciliation_no}:match", response_model=DayView)
async def match_day(reconciliation_no: Code, door: Reconciling) -> Response:
    """Compare an open day again."""

    async def act(tx: Tx) -> Answer:
        return Answer(_day(door, await match(tx, reconciliation_no)))

    return await door.once(None, act)


@router.post("/v1/reconciliations/{reconciliation_no}:close", response_model=DayView)
async def close_day(reconciliation_no: Code, door: Reconciling) -> Response:
    """Close and sign a day; days close in order, and nothing is left open in them."""

    async def act(tx: Tx) -> Answer:
        return Answer(_day(door, await close(tx, reconciliation_no)))

    return await door.once(None, act)


@router.get("/v1/reconciliation-items", response_model=ItemPage)
async def read_carried(listed: Annotated[CarriedListed, Query()], door: Looking) -> Response:
    """List what was carried forward (挂账) and is not settled, oldest first."""
    after = door.after(listed)
    async with door.transaction() as tx:
        found = await carried_items(
            tx,
            party=listed.insurer,
            after=None if after is None else int(after[0]),
            limit=listed.limit + 1,
        )
    return door.page(listed, found, lambda row: (row.id,), show_item)


@router.post("/v1/reconciliation-items/{item_id}:assign", response_model=ItemView)
async def assign_difference(item_id: SerialNo, form: OwnerForm, door: Reconciling) -> Response:
    """Say who works on a difference."""

    async def act(tx: Tx) -> Answer:
        return Answer(show_item(await assign(tx, int(item_id), form.owner)))

    return await door.once(form, act)


@router.post("/v1/reconciliation-items/{item_id}:resolve", response_model=ItemView)
async def resolve_difference(item_id: SerialNo, form: ResolveForm, door: Reconciling) -> Response:
    """Settle a difference: explain it, or book what the other side lists."""
    outcome = None if form.outcome is None else Outcome(form.outcome)
    resolution = Resolution(form.reason_zh, form.accept_theirs, outcome)

    async def act(tx: Tx) -> Answer:
        return Answer(show_item(await resolve(tx, int(item_id), resolution)))

    return await door.once(form, act)


@router.post("/v1/reconciliation-items/{item_id}:carry", response_model=ItemView)
async def carry_difference(item_id: SerialNo, form: CarryForm, door: Reconciling) -> Response:
    """Carry a difference forward: proposed by one officer, confirmed by another."""

    async def act(tx: Tx) -> Answer:
        return Answer(show_item(await carry(tx, int(item_id), form.reason_zh)))

    return await door.once(form, act)


def _day(door: Reading | Writing, row: DayRow) -> DayView:
    return show_day(row, door.database.keyring.public_key())
