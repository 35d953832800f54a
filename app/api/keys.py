"""密钥: who holds an API key, for which role and place; kept by the security administrator."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi import Query as FromQuery
from pydantic import Field, JsonValue
from starlette.responses import Response

from app.api.answers import Answer
from app.api.fields import AreaCode, Form, Instant, Line, View, When, Word
from app.api.numbers import RowId
from app.api.reading import Listed, Page, Reading, Reads
from app.api.writing import Writes, Writing
from app.db.keys import Key
from app.db.session import Tx
from app.domain.caller import Act, Role
from app.services.keys import Binding, revoke_key_by_id
from app.services.keys import issue_key as issue
from app.services.keys.list_keys import list_keys as find_keys
from app.services.keys.list_keys import read_key as find_key

router = APIRouter(tags=["access"])

Looking = Annotated[Reading, Depends(Reads(Act.KEEP_KEYS))]
Keeping = Annotated[Writing, Depends(Writes(Act.KEEP_KEYS))]
Removing = Annotated[Writing, Depends(Writes(Act.KEEP_KEYS, keyed=False))]
Network = Annotated[str, Field(min_length=2, max_length=64, examples=["10.8.0.0/16"])]
NETWORKS_MAX, JWKS_MAX = 16, 16


class KeyForm(Form):
    """Whose key, for which role and place. `holder` is a staff or system number, never a name.

    `networks`: where it may be used from; none: anywhere. `jwks`: public keys of a client that
    signs its assertions (private_key_jwt); it gets no token to keep. `insurer` for the role insurer
    only, whose area is 0.
    """

    role: Annotated[Role, Field(strict=False)]
    area_code: AreaCode = 0
    insurer: Word | None = None
    label: Line | None = None
    holder: Word | None = None
    networks: list[Network] = Field(default_factory=list, max_length=NETWORKS_MAX)
    jwks: list[dict[str, JsonValue]] = Field(default_factory=list, max_length=JWKS_MAX)
    expires_at: Instant | None = None


class KeyView(View):
    """A key. `token` is told once, to who issued it; `prefix` is how it begins."""

    id: UUID
    prefix: str
    role: str
    area_code: str
    insurer: str | None
    label: str
    holder: str | None
    networks: list[str]
    signs_assertions: bool
    created_at: When
    expires_at: When | None
    revoked_at: When | None
    token: str | None = None


class KeyPage(Page[KeyView]):
    """One page of keys."""


@router.post(
    "/v1/keys",
    status_code=201,
    response_model=KeyView,
    openapi_extra={"x-problems": ["auth.roles_apart"]},
)
async def issue_key(form: KeyForm, door: Keeping) -> Response:
    """Issue a key. Its token is in this answer only: a repeated request is answered without."""
    bound = Binding(form.holder, form.networks, form.jwks)

    async def act(tx: Tx) -> Answer:
        issued = await issue(
            tx,
            form.role,
            form.area_code,
            form.insurer,
            form.label or "",
            form.expires_at,
            bound=bound,
            test=door.request.app.state.sandbox,
        )
        view = _shown(await find_key(tx, issued.id))
        once = view.model_copy(update={"token": issued.token or None})
        return Answer(view, 201, location=f"/v1/keys/{issued.id}", shown_once=once)

    return await door.once(form, act)


@router.get("/v1/keys", response_model=KeyPage)
async def list_keys(listed: Annotated[Listed, FromQuery()], door: Looking) -> Response:
    """List keys, newest first, revoked ones too."""
    after = door.after(listed)
    async with door.transaction() as tx:
        found = await find_keys(tx, None if after is None else UUID(after[0]), listed.limit + 1)
    return door.page(listed, found, lambda key: (key.id,), _shown)


@router.get("/v1/keys/{key_id}", response_model=KeyView)
async def read_key(key_id: RowId, door: Looking) -> Response:
    """Read a key."""
    async with door.transaction() as tx:
        found = await find_key(tx, key_id)
    return door.answer(_shown(found))


@router.delete("/v1/keys/{key_id}", status_code=204)
async def revoke_key(key_id: RowId, door: Removing) -> Response:
    """Revoke a key; from one second later on it opens nothing, nor do its access tokens."""

    async def act(tx: Tx) -> Answer:
        await revoke_key_by_id(tx, key_id)
        return Answer(None)

    return await door.guarded(act)


def _shown(key: Key) -> KeyView:
    return KeyView(
        id=key.id,
        prefix=key.prefix,
        role=key.role,
        area_code=f"{key.area_lo:012d}",
        insurer=key.insurer_code,
        label=key.label,
        holder=key.holder,
        networks=key.networks.split(",") if key.networks else [],
        signs_assertions=key.public_keys is not None,
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
    )
