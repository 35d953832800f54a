"""Read endpoints and their deliveries."""

from uuid import UUID

from app.db.session import Tx
from app.db.webhook_deliveries import DeliveryRow
from app.db.webhook_deliveries import list_deliveries as find_deliveries
from app.db.webhook_endpoints import EndpointRow, find_endpoint
from app.db.webhook_endpoints import list_endpoints as find_endpoints
from app.services.webhooks.held import no_endpoint


async def read_endpoint(tx: Tx, endpoint_id: UUID) -> EndpointRow:
    """Read one. Raises NotFound."""
    endpoint = await find_endpoint(tx, endpoint_id)
    if endpoint is None:
        raise no_endpoint()
    return endpoint


async def list_endpoints(tx: Tx, *, before: UUID | None, limit: int) -> list[EndpointRow]:
    """List the caller's endpoints, newest first."""
    return await find_endpoints(tx, before=before, limit=limit)


async def list_deliveries(
    tx: Tx, endpoint_id: UUID, *, state: str | None, before: UUID | None, limit: int
) -> list[DeliveryRow]:
    """List an endpoint's deliveries, newest first. Raises NotFound."""
    await read_endpoint(tx, endpoint_id)
    return await find_deliveries(tx, endpoint_id, state=state, before=before, limit=limit)
