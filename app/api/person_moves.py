"""迁移: a person moves to another area, and the office there reads what was filed before."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from app.api.answers import Answer
from app.api.fields import AreaCode, Form, Labelled, View, When
from app.api.numbers import RowId
from app.api.reading import Reading, Reads
from app.api.writing import Writes, Writing
from app.db.moves import PastCase
from app.db.session import Tx
from app.domain.caller import Act
from app.domain.lifecycle import (
    NOTICE_ZH,
    OUTCOME_ZH,
    STATUS_ZH,
    ClaimStatus,
    NoticeStatus,
    Outcome,
)
from app.domain.money import yuan
from app.services.people.move_person import Moved
from app.services.people.move_person import move_person as move
from app.services.people.move_person import read_history as find_history

router = APIRouter(tags=["people"])

Looking = Annotated[Reading, Depends(Reads(Act.READ_PEOPLE))]
Moving = Annotated[Writing, Depends(Writes(Act.MOVE_PERSON))]


class MoveForm(Form):
    """Where the person lives now: a township or village, also of another county."""

    area_code: AreaCode


class MovedView(View):
    """Who moved; `left_behind` are policies of the old place whose cover does not go along."""

    person_id: UUID
    from_area_code: str
    area_code: str
    left_behind: list[str]


class PastCaseView(View):
    """A notice that was filed for the person, wherever it was, with one of its claims if any."""

    notice_no: str
    area_code: str
    notice_status: Labelled
    submitted_at: When
    claim_no: str | None
    event_on: date | None
    scheme_name_zh: str | None
    status: Labelled | None
    outcome: Labelled | None
    decided_amount: str | None
    paid_amount: str | None


class HistoryView(View):
    """At most 200, newest first."""

    items: list[PastCaseView]


@router.post(
    "/v1/people/{person_id}:move",
    response_model=MovedView,
    openapi_extra={"x-problems": ["validation.failed"]},
)
async def move_person(person_id: RowId, form: MoveForm, door: Moving) -> Response:
    """Hand a person over to another area: record, consents and covers go along, cases stay."""

    async def act(tx: Tx) -> Answer:
        return Answer(_moved(await move(tx, person_id, int(form.area_code))))

    return await door.once(form, act)


@router.get("/v1/people/{person_id}/history", response_model=HistoryView)
async def read_history(person_id: RowId, door: Looking) -> Response:
    """Tell what was filed and paid for a person of one's area, also where they lived before."""
    async with door.transaction() as tx:
        found = await find_history(tx, person_id)
    return door.plain(HistoryView(items=[_past(one) for one in found]))


def _moved(moved: Moved) -> MovedView:
    return MovedView(
        person_id=moved.person_id,
        from_area_code=f"{moved.from_area:012d}",
        area_code=f"{moved.to_area:012d}",
        left_behind=list(moved.left_behind),
    )


def _past(one: PastCase) -> PastCaseView:
    status = None if one.status is None else ClaimStatus(one.status)
    outcome = None if one.outcome is None else Outcome(one.outcome)
    notice_status = NoticeStatus(one.notice_status)
    return PastCaseView(
        notice_no=one.notice_no,
        area_code=f"{one.area_code:012d}",
        notice_status=Labelled(code=notice_status, label_zh=NOTICE_ZH[notice_status]),
        submitted_at=one.submitted_at,
        claim_no=one.claim_no,
        event_on=one.event_on,
        scheme_name_zh=one.scheme_name_zh,
        status=None if status is None else Labelled(code=status, label_zh=STATUS_ZH[status]),
        outcome=None if outcome is None else Labelled(code=outcome, label_zh=OUTCOME_ZH[outcome]),
        decided_amount=None if one.decided_fen is None else yuan(one.decided_fen),
        paid_amount=None if one.paid_fen is None else yuan(one.paid_fen),
    )
