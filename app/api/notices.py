"""报案: what a township files; draft first, one strict gate at the end."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Query
from pydantic import ValidationError
from starlette.responses import Response

from app.api import faults
from app.api.answers import Answer
from app.api.document_views import Checklist, show_checklist
from app.api.fields import AreaCode, Form, Instant, Money, Text, Word
from app.api.notice_forms import DraftForm, NoticeForm, form_of
from app.api.notice_views import NoticePage, NoticeView, show_notice
from app.api.numbers import NoticeNo
from app.api.reading import Listed, Reading, Reads
from app.api.swift_route import SwiftRoute
from app.api.writing import Keeping, Writes, Writing
from app.db.idempotency import Kept, Slot
from app.db.notices import NoticesWanted
from app.db.session import Tx
from app.domain.caller import Act
from app.domain.lifecycle import NoticeStatus
from app.services.notices.change_notice import change_notice as change
from app.services.notices.checklist import read_checklist as find_checklist
from app.services.notices.discard_notice import discard_notice as discard
from app.services.notices.draft_notice import draft_notice as draft
from app.services.notices.list_notices import list_notices as find_notices
from app.services.notices.read_notice import note_reading
from app.services.notices.read_notice import read_notice as find_notice
from app.services.notices.record_payer import record_payer as record
from app.services.notices.submit_notice import submit_at_once
from app.services.notices.submit_notice import submit_notice as submit
from app.services.notices.withdraw_notice import withdraw_notice as withdraw

router = APIRouter(tags=["notices"], route_class=SwiftRoute)

Filing = Annotated[Writing, Depends(Writes(Act.FILE_NOTICE))]
Changing = Annotated[Writing, Depends(Writes(Act.FILE_NOTICE, keyed=False, versioned=True))]
Discarding = Annotated[Writing, Depends(Writes(Act.FILE_NOTICE, keyed=False))]
Looking = Annotated[Reading, Depends(Reads(Act.READ_CASES))]


class NoticesListed(Listed):
    """Which notices to list.

    `number` is any number of a notice or of its claims. `person` is for officers of townships and
    counties.
    """

    status: NoticeStatus | None = None
    client_ref: Word | None = None
    number: Word | None = None
    area: AreaCode | None = None
    person: UUID | None = None
    updated_since: Instant | None = None


class Withdrawal(Form):
    """Why a notice is withdrawn."""

    reason_zh: Text


class LatePayerForm(Form):
    """A payer of one bill (`bill-1` is the first): medical relief, a charity, the hospital."""

    bill: Word
    payer: Word
    amount: Money


@router.post(
    "/v1/notices/{notice_no}:submit",
    response_model=NoticeView,
    openapi_extra={
        "x-problems": [
            "validation.failed",
            "evidence.missing",
            "consent.missing",
            "claim.duplicate",
            "money.sum_mismatch",
            "person.id_checksum",
            "person.id_date",
        ]
    },
)
async def submit_notice(notice_no: NoticeNo, door: Filing) -> Response:
    """Submit a draft: one claim per policy that responds, all or nothing."""

    async def at_once(tx: Tx, slot: Slot, kept: Keeping) -> Kept | None:
        return await submit_at_once(
            tx, notice_no, slot, lambda seen: kept(_answer(show_notice(seen)))
        )

    async def act(tx: Tx) -> Answer:
        return _answer(show_notice(await submit(tx, notice_no)))

    return await door.at_once(at_once) or await door.once(None, act)


@router.post("/v1/notices", status_code=201, response_model=NoticeView)
async def draft_notice(form: DraftForm, door: Filing) -> Response:
    """Keep a draft; almost nothing is required, differences come back as warnings."""

    async def act(tx: Tx) -> Answer:
        view = show_notice(
            await draft(tx, form.content(), form.area_code, form.client_ref, form.restored_no)
        )
        return Answer(view, 201, view.version, f"/v1/notices/{view.notice_no}")

    return await door.once(form, act)


@router.get("/v1/notices/{notice_no}", response_model=NoticeView)
async def read_notice(notice_no: NoticeNo, door: Looking) -> Response:
    """Read a notice with its claims; who opens it is recorded, not who has it already (304)."""
    known = door.unchanged("notice", notice_no)
    if known is not None:
        return known
    async with door.transaction() as tx:
        seen = await find_notice(tx, notice_no)
        view = show_notice(seen)
        answer = door.answer(view, view.version)
        if answer.status_code == HTTPStatus.OK:
            await note_reading(tx, seen)
    return door.remember(answer, "notice", notice_no, seen.notice.area_code)


@router.get("/v1/notices", response_model=NoticePage)
async def list_notices(listed: Annotated[NoticesListed, Query()], door: Looking) -> Response:
    """List notices, last changed first."""
    known = door.unchanged_list()
    if known is not None:
        return known
    if listed.person is not None:
        door.require(Act.READ_PEOPLE)
    wanted = NoticesWanted(
        listed.status,
        listed.client_ref,
        listed.number,
        listed.person,
        listed.area,
        listed.updated_since,
    )
    async with door.transaction() as tx:
        found = await find_notices(tx, wanted, door.before(listed), listed.limit + 1)
    answer = door.page(
        listed, found, lambda seen: (seen.notice.updated_at, seen.notice.id), show_notice
    )
    return door.remember_list(answer)


@router.patch("/v1/notices/{notice_no}", response_model=NoticeView)
async def change_notice(
    notice_no: NoticeNo,
    patch: Annotated[NoticeForm, Body(media_type="application/merge-patch+json")],
    door: Changing,
) -> Response:
    """Change a draft by a JSON merge patch (RFC 7396): null empties a field, a list is replaced."""

    async def act(tx: Tx) -> Answer:
        known = await find_notice(tx, notice_no)
        merged = _merged(
            form_of(known.notice.content), patch.model_dump(exclude_unset=True, mode="json")
        )
        return _answer(
            show_notice(await change(tx, notice_no, _read(merged).content(), door.version))
        )

    return await door.guarded(act)


@router.delete("/v1/notices/{notice_no}", status_code=204)
async def discard_notice(notice_no: NoticeNo, door: Discarding) -> Response:
    """Discard a draft; it stays on file as withdrawn."""

    async def act(tx: Tx) -> Answer:
        await discard(tx, notice_no)
        return Answer(None)

    return await door.guarded(act)


@router.post("/v1/notices/{notice_no}:withdraw", response_model=NoticeView)
async def withdraw_notice(notice_no: NoticeNo, form: Withdrawal, door: Filing) -> Response:
    """Withdraw a submitted notice with its claims, as long as none is decided."""

    async def act(tx: Tx) -> Answer:
        return _answer(show_notice(await withdraw(tx, notice_no, form.reason_zh)))

    return await door.once(form, act)


@router.get("/v1/notices/{notice_no}/checklist", response_model=Checklist)
async def read_checklist(notice_no: NoticeNo, door: Looking) -> Response:
    """Tell which papers are needed, which are there, and who asks for them."""
    async with door.transaction() as tx:
        items = await find_checklist(tx, notice_no)
    return door.answer(show_checklist(items))


@router.post("/v1/notices/{notice_no}:record-payer", response_model=NoticeView)
async def record_payer(notice_no: NoticeNo, form: LatePayerForm, door: Filing) -> Response:
    """Record what another payer has paid of a bill since; claims follow, nothing is clawed back."""

    async def act(tx: Tx) -> Answer:
        seen = await record(tx, notice_no, form.bill, form.payer, form.amount)
        return _answer(show_notice(seen))

    return await door.once(form, act)


def _answer(view: NoticeView) -> Answer:
    return Answer(view, version=view.version)


def _merged(known: Any, patch: Any) -> Any:
    """Apply a merge patch (RFC 7396); null empties a member."""
    if not isinstance(patch, dict) or not isinstance(known, dict):
        return patch
    merged = dict(known)
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merged(known.get(name), value)
    return merged


def _read(merged: Any) -> NoticeForm:
    """Read a patched form: what each part admits, the whole may not."""
    try:
        return NoticeForm.model_validate(merged)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise faults.translate(
            [{**finding, "loc": ("body", *finding["loc"])} for finding in found]
        ) from None
