"""事件通知: endpoints that are told what happens in their scope, and what became of it."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import Response

from app.api.answers import Answer
from app.api.fields import Form, Instant, Labelled, View, When, Word, labelled
from app.api.numbers import RowId
from app.api.reading import Listed, Page, Reading, Reads
from app.api.writing import Writes, Writing
from app.db.session import Tx
from app.db.webhook_deliveries import DeliveryRow
from app.db.webhook_endpoints import EndpointRow
from app.domain.caller import Act
from app.domain.webhook import (
    DELIVERY_STATE_ZH,
    ENDPOINT_STATE_ZH,
    REASON_ZH,
    DeliveryState,
    EndpointState,
    Scheme,
)
from app.services.webhooks.add_endpoint import add_endpoint
from app.services.webhooks.change_endpoint import change_endpoint, remove_endpoint
from app.services.webhooks.check_endpoint import check_address
from app.services.webhooks.ping_endpoint import ping_endpoint
from app.services.webhooks.read_endpoints import (
    list_deliveries,
    list_endpoints,
    read_endpoint,
)
from app.services.webhooks.replay import replay_one, replay_since
from app.services.webhooks.rotate_secret import rotate_secret

router = APIRouter(tags=["webhooks"])

Looking = Annotated[Reading, Depends(Reads(Act.KEEP_WEBHOOKS))]
Keeping = Annotated[Writing, Depends(Writes(Act.KEEP_WEBHOOKS))]
Changing = Annotated[Writing, Depends(Writes(Act.KEEP_WEBHOOKS, keyed=False, versioned=True))]
Url = Annotated[str, Field(min_length=10, max_length=2000, examples=["https://example.org/hook"])]
Types = Annotated[list[Word], Field(max_length=100)]


class EndpointForm(Form):
    """An address to be told at. `types` as of events; none: all of the caller's scope."""

    url: Url
    types: Types = Field(default_factory=list)
    scheme: Scheme = Field(Scheme.HMAC, strict=False)


class EndpointChange(Form):
    """What of an endpoint may change; what is not given stays. `active` switches it on or off."""

    url: Url | None = None
    types: Types | None = None
    active: bool | None = None


class ReplayForm(Form):
    """Send anew what failed and happened since then."""

    since: Instant


class EndpointView(View):
    """One endpoint. `public_key` checks ed25519; `failures` in a row; `waiting` messages."""

    id: UUID
    url: str
    types: Sequence[str]
    scheme: str
    public_key: str | None
    state: Labelled
    reason: Labelled | None
    failures: int
    rest_until: When | None
    delivered_at: When | None
    waiting: int
    created_by: str
    created_at: When
    version: int


class EndpointSecret(EndpointView):
    """The endpoint with the secret that its messages are signed with, told this once."""

    secret: str | None


class EndpointPage(Page[EndpointView]):
    """One page of endpoints."""


class DeliveryView(View):
    """One message: its id is its `webhook-id`; `status` or `reason` tell of the last attempt."""

    id: UUID
    seq: int
    type: str
    resource: str
    number: str
    happened_at: When
    state: Labelled
    attempts: int
    next_at: When | None
    tried_at: When | None
    status: int | None
    reason: str | None
    took_ms: int | None
    delivered_at: When | None


class DeliveryPage(Page[DeliveryView]):
    """One page of deliveries."""


class DeliveriesListed(Listed):
    """Which deliveries to list."""

    state: Annotated[DeliveryState | None, Field(strict=False)] = None


class Replayed(View):
    """How many messages are sent anew."""

    count: int


@router.post("/v1/webhook-endpoints", status_code=201, response_model=EndpointSecret)
async def add_webhook_endpoint(form: EndpointForm, door: Keeping) -> Response:
    """Have events of the caller's own scope told at an address; the secret is told this once."""
    await check_address(form.url, door.request.app.state.webhook_networks)

    async def act(tx: Tx) -> Answer:
        endpoint, secret = await add_endpoint(tx, form.url, form.types, form.scheme)
        return _told_once(endpoint, secret, 201)

    return await door.once(form, act)


@router.get("/v1/webhook-endpoints", response_model=EndpointPage)
async def list_webhook_endpoints(listed: Annotated[Listed, Query()], door: Looking) -> Response:
    """List the endpoints of exactly the caller's scope, newest first."""
    after = door.after(listed)
    async with door.transaction() as tx:
        before = None if after is None else UUID(after[0])
        found = await list_endpoints(tx, before=before, limit=listed.limit + 1)
    return door.page(listed, found, lambda row: (row.id,), _shown)


@router.get("/v1/webhook-endpoints/{endpoint_id:uuid}", response_model=EndpointView)
async def read_webhook_endpoint(endpoint_id: RowId, door: Looking) -> Response:
    """Read an endpoint."""
    async with door.transaction() as tx:
        endpoint = await read_endpoint(tx, endpoint_id)
    return door.answer(_shown(endpoint), endpoint.version)


@router.patch("/v1/webhook-endpoints/{endpoint_id:uuid}", response_model=EndpointView)
async def change_webhook_endpoint(
    endpoint_id: RowId, form: EndpointChange, door: Changing
) -> Response:
    """Change an endpoint's address or types, or switch it off or on again."""
    if form.url is not None:
        await check_address(form.url, door.request.app.state.webhook_networks)

    async def act(tx: Tx) -> Answer:
        endpoint = await change_endpoint(
            tx, endpoint_id, door.version, url=form.url, types=form.types, active=form.active
        )
        return Answer(_shown(endpoint), 200, endpoint.version)

    return await door.guarded(act)


@router.delete("/v1/webhook-endpoints/{endpoint_id:uuid}", status_code=204, response_model=None)
async def remove_webhook_endpoint(endpoint_id: RowId, door: Changing) -> Response:
    """Remove an endpoint and its keys."""

    async def act(tx: Tx) -> Answer:
        await remove_endpoint(tx, endpoint_id, door.version)
        return Answer(None, 204)

    return await door.guarded(act)


@router.post("/v1/webhook-endpoints/{endpoint_id}:rotate-secret", response_model=EndpointSecret)
async def rotate_webhook_secret(endpoint_id: RowId, door: Keeping) -> Response:
    """Take a new key into use; for 24 hours messages bear a signature of the old one, too."""

    async def act(tx: Tx) -> Answer:
        return _told_once(*await rotate_secret(tx, endpoint_id), 200)

    return await door.once(None, act)


@router.post(
    "/v1/webhook-endpoints/{endpoint_id}:ping", status_code=202, response_model=DeliveryView
)
async def ping_webhook_endpoint(endpoint_id: RowId, door: Keeping) -> Response:
    """Have a `webhook.ping` sent; what came of it stands in the deliveries."""

    async def act(tx: Tx) -> Answer:
        return Answer(_delivery(await ping_endpoint(tx, endpoint_id)), 202)

    return await door.once(None, act)


@router.post("/v1/webhook-endpoints/{endpoint_id}:replay", status_code=202, response_model=Replayed)
async def replay_webhook_endpoint(endpoint_id: RowId, form: ReplayForm, door: Keeping) -> Response:
    """Send everything anew that failed and happened since then."""

    async def act(tx: Tx) -> Answer:
        return Answer(Replayed(count=await replay_since(tx, endpoint_id, form.since)), 202)

    return await door.once(form, act)


@router.get("/v1/webhook-endpoints/{endpoint_id}/deliveries", response_model=DeliveryPage)
async def list_webhook_deliveries(
    endpoint_id: RowId, listed: Annotated[DeliveriesListed, Query()], door: Looking
) -> Response:
    """List an endpoint's messages of the last 90 days, newest first."""
    after = door.after(listed)
    async with door.transaction() as tx:
        found = await list_deliveries(
            tx,
            endpoint_id,
            state=listed.state,
            before=None if after is None else UUID(after[0]),
            limit=listed.limit + 1,
        )
    return door.page(listed, found, lambda row: (row.id,), _delivery)


@router.post(
    "/v1/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}:replay",
    status_code=202,
    response_model=DeliveryView,
)
async def replay_webhook_delivery(
    endpoint_id: RowId, delivery_id: RowId, door: Keeping
) -> Response:
    """Send one message anew, under its own id."""

    async def act(tx: Tx) -> Answer:
        return Answer(_delivery(await replay_one(tx, endpoint_id, delivery_id)), 202)

    return await door.once(None, act)


def _told_once(endpoint: EndpointRow, secret: str | None, status: int) -> Answer:
    view = _shown(endpoint)
    members = view.model_dump()
    kept = EndpointSecret.model_validate({**members, "secret": None})
    once = EndpointSecret.model_validate({**members, "secret": secret})
    return Answer(kept, status, endpoint.version, f"/v1/webhook-endpoints/{endpoint.id}", once)


def _shown(row: EndpointRow) -> EndpointView:
    return EndpointView(
        id=row.id,
        url=row.url,
        types=row.types,
        scheme=row.scheme,
        public_key=row.public_key,
        state=labelled(ENDPOINT_STATE_ZH, EndpointState(row.state)),
        reason=None
        if row.reason is None
        else Labelled(code=row.reason, label_zh=REASON_ZH.get(row.reason, row.reason)),
        failures=row.failures,
        rest_until=row.rest_until,
        delivered_at=row.delivered_at,
        waiting=row.waiting,
        created_by=row.created_by,
        created_at=row.created_at,
        version=row.version,
    )


def _delivery(row: DeliveryRow) -> DeliveryView:
    return DeliveryView(
        id=row.id,
        seq=row.seq,
        type=row.type,
        resource=row.resource,
        number=row.number,
        happened_at=row.happened_at,
        state=labelled(DELIVERY_STATE_ZH, DeliveryState(row.state)),
        attempts=row.attempts,
        next_at=row.next_at if row.state == DeliveryState.WAITING else None,
        tried_at=row.tried_at,
        status=row.status,
        reason=row.reason,
        took_ms=row.took_ms,
        delivered_at=row.delivered_at,
    )
