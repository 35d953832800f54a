"""项目: public programmes and their dated, sourced terms."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import AfterValidator, JsonValue, RootModel
from starlette.responses import Response

from app.api.answers import Answer
from app.api.fields import View, check_texts
from app.api.numbers import Code
from app.api.reading import Reading, Reads
from app.api.writing import Writes, Writing
from app.db.session import Tx
from app.domain.caller import Act
from app.domain.canonical import encode
from app.domain.terms_checks import read_terms
from app.services.schemes.list_schemes import list_schemes as find_schemes
from app.services.schemes.load_scheme import load_scheme as load
from app.services.schemes.read_scheme import SchemeDetail
from app.services.schemes.read_scheme import read_scheme as find_scheme

router = APIRouter(tags=["contracts"])

Looking = Annotated[Reading, Depends(Reads(Act.READ_CONTRACTS))]
Keeping = Annotated[Writing, Depends(Writes(Act.KEEP_CONTRACTS))]


class TermsForm(RootModel[Annotated[dict[str, JsonValue], AfterValidator(check_texts)]]):
    """One version of a scheme's terms, in the shape that `terms` has when it is read."""


class SchemeBrief(View):
    code: str
    name_zh: str
    kind: str
    versions: list[str]


class Schemes(View):
    items: list[SchemeBrief]


class VersionShown(View):
    """One version; `effective_to` is its last day. Unconfirmed numbers say so inside `terms`."""

    version: str
    effective_from: date
    effective_to: date | None
    source: str
    terms_sha256: str
    terms: dict[str, JsonValue]


class SchemeView(View):
    """A scheme with the terms of all its versions, oldest first."""

    code: str
    name_zh: str
    kind: str
    versions: list[VersionShown]


@router.get("/v1/schemes", response_model=Schemes)
async def list_schemes(door: Looking) -> Response:
    """List every scheme."""
    async with door.transaction() as tx:
        found = await find_schemes(tx)
    return door.answer(Schemes(items=[SchemeBrief.model_validate(scheme) for scheme in found]))


@router.get("/v1/schemes/{code}", response_model=SchemeView)
async def read_scheme(code: Code, door: Looking) -> Response:
    """Read a scheme with its terms."""
    async with door.transaction() as tx:
        found = await find_scheme(tx, code)
    return door.answer(_shown(found))


@router.post(
    "/v1/schemes",
    status_code=201,
    response_model=SchemeView,
    openapi_extra={"x-problems": ["terms.invalid"]},
)
async def load_scheme(form: TermsForm, door: Keeping) -> Response:
    """Take over one version of terms; the same terms again are the version that is there."""

    async def act(tx: Tx) -> Answer:
        version = await load(tx, read_terms(form.root))
        found = await find_scheme(tx, version.scheme_code)
        return Answer(_shown(found), 201, location=f"/v1/schemes/{version.scheme_code}")

    return await door.once(form, act)


def _shown(found: SchemeDetail) -> SchemeView:
    versions = [
        VersionShown(
            version=version.version,
            effective_from=version.effective_from,
            effective_to=version.effective_to,
            source=version.source,
            terms_sha256=version.terms_sha256,
            terms=_terms(version.terms),
        )
        for version in found.versions
    ]
    return SchemeView(code=found.code, name_zh=found.name_zh, kind=found.kind, versions=versions)


def _terms(terms: object) -> Mapping[str, Any]:
    written = encode(terms)
    assert isinstance(written, dict)
    return written
