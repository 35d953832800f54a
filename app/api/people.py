"""被保险人: found by name and number in a body, shown masked, with what covers them on a day."""

from datetime import date
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from app.api.fields import Day, Form, Name, View
from app.api.notice_forms import IdNumber
from app.api.numbers import RowId
from app.api.reading import Reading, Reads
from app.domain.caller import Act
from app.domain.errors import NotFound
from app.domain.limits import LimitUnit
from app.domain.money import yuan
from app.domain.person import IdType
from app.services.people.look_up_person import look_up_person as look_up
from app.services.people.look_up_person import note_miss
from app.services.people.read_covers import CoversView as CoversSeen
from app.services.people.read_covers import LimitOnDay, PolicyOnDay
from app.services.people.read_covers import read_covers as find_covers
from app.services.people.read_person import note_reading
from app.services.people.read_person import read_person as find_person
from app.services.people.view import PersonView as Seen

router = APIRouter(tags=["people"])

Looking = Annotated[Reading, Depends(Reads(Act.READ_PEOPLE))]
Searching = Annotated[Reading, Depends(Reads(Act.READ_PEOPLE, looks_up=True))]


class LookUpForm(Form):
    """Who is looked for: name and number, or name and birthday of somebody without a number."""

    name: Name
    id_type: Annotated[IdType, Field(strict=False)] = IdType.RESIDENT_ID
    id_number: IdNumber | None = None
    birth_on: Day | None = None


class OnDay(BaseModel):
    """The day to look at, in Asia/Shanghai; today when it is left open."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    on: Day | None = None


class PersonView(View):
    """A registered person, masked; `categories` are those they are insured in today."""

    id: UUID
    name_masked: str
    id_type: str
    id_masked: str | None
    phone_masked: str | None
    area_code: str
    household_id: UUID | None
    birth_on: date
    sex: str | None
    died_on: date | None
    categories: list[str]
    version: int
    protected: bool
    erased: bool


class CoverOpen(View):
    code: str
    name_zh: str
    nature: str


class LimitOpen(View):
    """A limit on the day; figures in yuan or days by `unit`."""

    cover: str | None
    code: str
    name_zh: str
    scope: str
    unit: str
    bound: str
    used: str
    left: str


class PolicyOpen(View):
    """One policy that covers the person on the day."""

    policy_no: str
    scheme: str
    scheme_name_zh: str
    kind: str
    insurer: str | None
    category: str
    covered_from: date
    covered_to: date
    covers: list[CoverOpen]
    limits: list[LimitOpen]


class CoversView(View):
    """What covers a person on a day; without any policy, why not, with the nearest one."""

    person_id: UUID
    on: date
    policies: list[PolicyOpen]
    reason: str | None
    sentence_zh: str
    nearest_policy_no: str | None


@router.post(
    "/v1/people:lookup",
    response_model=PersonView,
    openapi_extra={"x-problems": ["resource.not_found"]},
)
async def look_up_person(form: LookUpForm, door: Searching) -> Response:
    """Find a person; name and number must agree. A number is never in an address."""
    try:
        async with door.transaction() as tx:
            seen = await look_up(tx, form.name, form.id_type, form.id_number, form.birth_on)
    except NotFound:  # on record too, although nothing else of it is
        async with door.transaction() as tx:
            await note_miss(tx)
        raise
    return door.plain(show_person(seen))


@router.get("/v1/people/{person_id}", response_model=PersonView)
async def read_person(person_id: RowId, door: Looking) -> Response:
    """Read a person, masked; who opens the record is kept, not who has it already (304)."""
    async with door.transaction() as tx:
        seen = await find_person(tx, person_id)
        answer = door.answer(show_person(seen), seen.version)
        if answer.status_code == HTTPStatus.OK:
            await note_reading(tx, seen)
    return answer


@router.get("/v1/people/{person_id}/covers", response_model=CoversView)
async def read_covers(
    person_id: RowId, chosen: Annotated[OnDay, Query()], door: Looking
) -> Response:
    """Tell what covers a person on a day, with every limit used and left."""
    async with door.transaction() as tx:
        seen = await find_covers(tx, person_id, chosen.on)
    return door.answer(_covers(seen))


def show_person(seen: Seen) -> PersonView:
    """Show a person."""
    return PersonView(
        id=seen.id,
        name_masked=seen.name_masked,
        id_type=seen.id_type.value,
        id_masked=seen.id_masked,
        phone_masked=seen.phone_masked,
        area_code=f"{seen.area_code:012d}",
        household_id=seen.household_id,
        birth_on=seen.birth_on,
        sex=seen.sex,
        died_on=seen.died_on,
        categories=list(seen.categories),
        version=seen.version,
        protected=seen.protected,
        erased=seen.erased,
    )


def _covers(seen: CoversSeen) -> CoversView:
    return CoversView(
        person_id=seen.person_id,
        on=seen.on,
        policies=[_policy(policy) for policy in seen.policies],
        reason=seen.reason,
        sentence_zh=seen.sentence_zh,
        nearest_policy_no=seen.nearest_policy_no,
    )


def _policy(policy: PolicyOnDay) -> PolicyOpen:
    return PolicyOpen(
        policy_no=policy.policy_no,
        scheme=policy.scheme_code,
        scheme_name_zh=policy.scheme_name_zh,
        kind=policy.kind,
        insurer=policy.insurer_code,
        category=policy.category,
        covered_from=policy.covered_from,
        covered_to=policy.covered_to,
        covers=[CoverOpen.model_validate(cover) for cover in policy.covers],
        limits=[_limit(limit) for limit in policy.limits],
    )


def _limit(limit: LimitOnDay) -> LimitOpen:
    money = limit.unit == LimitUnit.FEN
    written = yuan if money else str
    return LimitOpen(
        cover=limit.cover_code or None,
        code=limit.code,
        name_zh=limit.name_zh,
        scope=limit.scope,
        unit="yuan" if money else limit.unit,
        bound=written(limit.amount),
        used=written(limit.used),
        left=written(limit.left),
    )
