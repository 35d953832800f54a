"""Hold an endpoint for an act, and tell of the act."""

from collections.abc import Mapping
from uuid import UUID

from app.db.events import NewEvent, write_event
from app.db.session import Tx
from app.db.webhook_endpoints import EndpointRow, hold_endpoint
from app.domain.errors import NotFound, VersionStale


async def held_endpoint(
    tx: Tx, endpoint_id: UUID, expected_version: int | None = None
) -> EndpointRow:
    """Hold an endpoint of the caller's scope. Raises NotFound, VersionStale."""
    endpoint = await hold_endpoint(tx, endpoint_id)
    if endpoint is None:
        raise no_endpoint()
    if expected_version is not None and endpoint.version != expected_version:
        raise VersionStale(str(endpoint.version))
    return endpoint


def no_endpoint() -> NotFound:
    """Make the refusal for an endpoint that there is not, or not for this caller."""
    return NotFound("没有这个接收地址。", "There is no such endpoint.")


async def tell_endpoint(
    tx: Tx,
    endpoint: EndpointRow,
    version: int,
    type_: str,
    detail: Mapping[str, object] | None = None,
    now: str | None = None,
) -> None:
    """Write the event of an act on an endpoint; the address itself stays out of the trail."""
    await write_event(
        tx,
        NewEvent(
            "webhook",
            str(endpoint.id),
            version,
            type_,
            endpoint.area_lo,
            endpoint.state,
            now or endpoint.state,
            endpoint.insurer_code,
            detail or {},
        ),
    )
