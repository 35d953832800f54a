"""个人信息: shown in full for a reason, used by what right, opened by whom, erased in the end."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field
from starlette.responses import Response

from app.api.answers import Answer
from app.api.fields import Day, Form, Labelled, Line, View, When
from app.api.numbers import RowId
from app.api.people import PersonView, show_person
from app.api.reading import Listed, Page, Reading, Reads
from app.api.writing import Writes, Writing
from app.db.accesses import AccessRow
from app.db.consents import ConsentRow
from app.db.session import Tx
from app.domain.access_words import ACCESS_ZH
from app.domain.caller import ROLE_ZH, Act, Role
from app.domain.consent import (
    BASIS_ZH,
    GIVEN_BY_ZH,
    PURPOSE_ZH,
    Basis,
    GivenBy,
    NewConsent,
    Purpose,
)
from app.outside.documents import DocumentStore
from app.services.people import consents
from app.services.people.erase_person import Erasure
from app.services.people.erase_person import erase_person as erase
from app.services.people.list_accesses import list_accesses as find_accesses
from app.services.people.protect_person import protect_person as protect
from app.services.people.reveal_person import Field as Shown
from app.services.people.reveal_person import Revealed
from app.services.people.reveal_person import reveal_person as reveal

router = APIRouter(tags=["people"])

Revealing = Annotated[Reading, Depends(Reads(Act.REVEAL))]
Looking = Annotated[Reading, Depends(Reads(Act.READ_PEOPLE))]
Tracing = Annotated[Reading, Depends(Reads(Act.READ_ACCESSES))]
Consenting = Annotated[Writing, Depends(Writes(Act.KEEP_CONSENTS))]
Protecting = Annotated[Writing, Depends(Writes(Act.PROTECT))]
Erasing = Annotated[Writing, Depends(Writes(Act.ERASE))]


class RevealForm(Form):
    """Which fields are wanted in full, and why; the reason names nobody and is kept."""

    fields: Annotated[
        list[Annotated[Shown, Field(strict=False)]], Field(min_length=1, max_length=4)
    ]
    reason_zh: Annotated[Line, Field(min_length=4)]


class ProtectForm(Form):
    """Whether somebody is protected (a minor, somebody abused), and why."""

    protected: bool
    reason_zh: Line


class ConsentForm(Form):
    """By what right other offices' data about the person are used."""

    purpose: Annotated[Purpose, Field(strict=False)]
    basis: Annotated[Basis, Field(strict=False)]
    given_by: Annotated[GivenBy, Field(strict=False)]
    given_on: Day


class ConsentWithdrawalForm(Form):
    """For which purpose the person takes their word back."""

    purpose: Annotated[Purpose, Field(strict=False)]


class ErasureForm(Form):
    """Why the person's data are to be destroyed."""

    reason_zh: Line


class AccountRevealed(View):
    name: str
    account: str
    bank: str


class RevealedView(View):
    """The fields asked for, in full; the others are null. Nobody may keep this answer."""

    person_id: UUID
    name: str | None
    id_number: str | None
    phone: str | None
    accounts: list[AccountRevealed] | None


class AccessView(View):
    """Who opened what, when and why; `actor` is a key, never a person's name."""

    at: When
    act: Labelled
    resource: str
    number: str
    role: Labelled
    office_area_code: str | None
    office_zh: str | None
    actor: str
    reason_zh: str | None


class AccessPage(Page[AccessView]):
    """One page of accesses, newest first."""


class ConsentView(View):
    purpose: Labelled
    basis: Labelled
    given_by: Labelled
    given_on: date
    recorded_by: str
    recorded_at: When
    withdrawn_by: str | None
    withdrawn_at: When | None


class ConsentsView(View):
    """Every ground, newest first; one that stands has no `withdrawn_at`."""

    items: list[ConsentView]


class ErasureView(View):
    """`state` is awaits_second_person or erased."""

    person_id: UUID
    state: Labelled


@router.post(
    "/v1/people/{person_id}:reveal",
    response_model=RevealedView,
    openapi_extra={"x-problems": ["rate.limited", "claim.invalid_transition"]},
)
async def reveal_person(
    request: Request, person_id: RowId, form: RevealForm, door: Revealing
) -> Response:
    """Show fields in full; who saw them and why is on record and can be asked by the family."""
    per_hour: int = request.app.state.reveals_per_hour
    async with door.transaction() as tx:
        shown = await reveal(tx, person_id, form.fields, form.reason_zh, per_hour)
    return door.plain(_revealed(shown))


@router.get("/v1/people/{person_id}/accesses", response_model=AccessPage)
async def list_accesses(
    person_id: RowId, listed: Annotated[Listed, Query()], door: Tracing
) -> Response:
    """谁看过我的信息: tell who opened this person's record, when and why, newest first."""
    after = door.after(listed)
    async with door.transaction() as tx:
        before = None if after is None else int(after[0])
        found = await find_accesses(tx, person_id, before, listed.limit + 1)
    return door.page(listed, found, lambda row: (row.id,), _access)


@router.post(
    "/v1/people/{person_id}:protect",
    response_model=PersonView,
    openapi_extra={"x-problems": ["validation.failed"]},
)
async def protect_person(person_id: RowId, form: ProtectForm, door: Protecting) -> Response:
    """Label somebody as protected, or lift the label; protected people are closed in every view."""

    async def act(tx: Tx) -> Answer:
        seen = await protect(tx, person_id, form.reason_zh, protected=form.protected)
        return Answer(show_person(seen), version=seen.version)

    return await door.once(form, act)


@router.get("/v1/people/{person_id}/consents", response_model=ConsentsView)
async def list_consents(person_id: RowId, door: Looking) -> Response:
    """List by what right other offices' data about the person are used."""
    async with door.transaction() as tx:
        found = await consents.list_consents(tx, person_id)
    return door.answer(_consents(found))


@router.post("/v1/people/{person_id}/consents", status_code=201, response_model=ConsentsView)
async def record_consent(person_id: RowId, form: ConsentForm, door: Consenting) -> Response:
    """Record a consent, a duty by law or an emergency for one purpose."""
    new = NewConsent(form.purpose, form.basis, form.given_by, form.given_on)

    async def act(tx: Tx) -> Answer:
        return Answer(_consents(await consents.record_consent(tx, person_id, new)), 201)

    return await door.once(form, act)


@router.post("/v1/people/{person_id}:withdraw-consent", response_model=ConsentsView)
async def withdraw_consent(
    person_id: RowId, form: ConsentWithdrawalForm, door: Consenting
) -> Response:
    """Record that the ground for a purpose is withdrawn; what was done before stays lawful."""

    async def act(tx: Tx) -> Answer:
        return Answer(_consents(await consents.withdraw_consent(tx, person_id, form.purpose)))

    return await door.once(form, act)


@router.post(
    "/v1/people/{person_id}:erase",
    response_model=ErasureView,
    openapi_extra={"x-problems": ["person.still_needed"]},
)
async def erase_person(
    request: Request, person_id: RowId, form: ErasureForm, door: Erasing
) -> Response:
    """Ask for an erasure; a second security administrator's call destroys the person's key."""
    store: DocumentStore = request.app.state.store
    case_days: int = request.app.state.retention_case_days
    papers: list[str] = []

    async def act(tx: Tx) -> Answer:
        erasure = await erase(tx, person_id, form.reason_zh, case_days)
        papers.extend(erasure.papers)
        return Answer(_erasure(erasure))

    answer = await door.once(form, act)
    for key in papers:  # only now is it certain that no row needs the file
        await store.discard(key)
    return answer


def _revealed(shown: Revealed) -> RevealedView:
    accounts = shown.accounts
    return RevealedView(
        person_id=shown.person_id,
        name=shown.name,
        id_number=shown.id_number,
        phone=shown.phone,
        accounts=None
        if accounts is None
        else [AccountRevealed.model_validate(account) for account in accounts],
    )


def _access(row: AccessRow) -> AccessView:
    return AccessView(
        at=row.at,
        act=Labelled(code=row.act, label_zh=ACCESS_ZH[row.act]),
        resource=row.resource,
        number=row.number,
        role=Labelled(code=row.role, label_zh=ROLE_ZH[Role(row.role)]),
        office_area_code=None if row.office_code is None else f"{row.office_code:012d}",
        office_zh=row.office_zh,
        actor=row.actor,
        reason_zh=row.reason_zh,
    )


def _consents(found: list[ConsentRow]) -> ConsentsView:
    return ConsentsView(items=[_consent(row) for row in found])


def _consent(row: ConsentRow) -> ConsentView:
    return ConsentView(
        purpose=Labelled(code=row.purpose, label_zh=PURPOSE_ZH[Purpose(row.purpose)]),
        basis=Labelled(code=row.basis, label_zh=BASIS_ZH[Basis(row.basis)]),
        given_by=Labelled(code=row.given_by, label_zh=GIVEN_BY_ZH[GivenBy(row.given_by)]),
        given_on=row.given_on,
        recorded_by=row.recorded_by,
        recorded_at=row.recorded_at,
        withdrawn_by=row.withdrawn_by,
        withdrawn_at=row.withdrawn_at,
    )


def _erasure(erasure: Erasure) -> ErasureView:
    state = (
        Labelled(code="erased", label_zh="已删除")
        if erasure.done
        else Labelled(code="awaits_second_person", label_zh="待另一名安全管理员确认")
    )
    return ErasureView(person_id=erasure.person_id, state=state)
