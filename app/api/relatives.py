"""近亲属备案: an officer's own declarations of near relatives."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.responses import Response

from app.api.answers import Answer
from app.api.fields import Labelled, View, When, labelled
from app.api.numbers import RowId
from app.api.people import LookUpForm
from app.api.reading import Reading, Reads
from app.api.writing import Writes, Writing
from app.db.relatives import Declaration
from app.db.session import Tx
from app.domain.caller import Act
from app.domain.relatives import KINSHIP_ZH, Kinship
from app.services.relatives import declare_relative as declare
from app.services.relatives import withdraw_declaration as withdraw
from app.services.relatives.declare_relative import list_declarations as find_own

router = APIRouter(tags=["access"])

Looking = Annotated[Reading, Depends(Reads(Act.DECLARE_RELATIVE))]
Declaring = Annotated[Writing, Depends(Writes(Act.DECLARE_RELATIVE, looks_up=True))]
Removing = Annotated[Writing, Depends(Writes(Act.DECLARE_RELATIVE, keyed=False))]


class RelativeForm(LookUpForm):
    """Who is a near relative of the caller, found as in a look-up."""

    relation: Annotated[Kinship, Field(strict=False)]


class RelativeView(View):
    """A declaration. Whom it names is not kept, so it is not shown either."""

    id: UUID
    area_code: str
    relation: Labelled
    declared_at: When
    withdrawn_at: When | None


class Relatives(View):
    """The caller's own declarations, newest first."""

    items: list[RelativeView]


@router.post(
    "/v1/near-relatives",
    status_code=201,
    response_model=RelativeView,
    openapi_extra={"x-problems": ["resource.not_found"]},
)
async def declare_relative(form: RelativeForm, door: Declaring) -> Response:
    """Declare a near relative; the caller's approvals of that person's claims are then refused."""

    async def act(tx: Tx) -> Answer:
        found = await declare(
            tx, form.relation, form.name, form.id_type, form.id_number, form.birth_on
        )
        return Answer(_shown(found), 201)

    return await door.once(form, act)


@router.get("/v1/near-relatives", response_model=Relatives)
async def list_relatives(door: Looking) -> Response:
    """List the caller's own declarations."""
    async with door.transaction() as tx:
        found = await find_own(tx)
    return door.answer(Relatives(items=[_shown(one) for one in found]))


@router.delete("/v1/near-relatives/{declaration_id}", status_code=204)
async def withdraw_relative(declaration_id: RowId, door: Removing) -> Response:
    """Withdraw one of the caller's own declarations; it stays on file."""

    async def act(tx: Tx) -> Answer:
        await withdraw(tx, declaration_id)
        return Answer(None)

    return await door.guarded(act)


def _shown(found: Declaration) -> RelativeView:
    return RelativeView(
        id=found.id,
        area_code=f"{found.area_code:012d}",
        relation=labelled(KINSHIP_ZH, Kinship(found.relation)),
        declared_at=found.declared_at,
        withdrawn_at=found.withdrawn_at,
    )
