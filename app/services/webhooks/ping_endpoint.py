"""Have an endpoint called for a trial: a message of type `webhook.ping`."""

from uuid import UUID

from app.db.session import Tx
from app.db.webhook_deliveries import DeliveryRow, add_ping, find_delivery
from app.domain.errors import IllegalMove
from app.domain.webhook import ENDPOINT_STATE_ZH, EndpointState
from app.services.webhooks.held import held_endpoint


async def ping_endpoint(tx: Tx, endpoint_id: UUID) -> DeliveryRow:
    """Put a ping in the way; the worker sends it, and its delivery tells what came of it.

    Raises NotFound; IllegalMove for an endpoint that is switched off.
    """
    endpoint = await held_endpoint(tx, endpoint_id)
    if endpoint.state != EndpointState.ACTIVE:
        raise IllegalMove(ENDPOINT_STATE_ZH[EndpointState(endpoint.state)], ())
    delivery = await find_delivery(tx, endpoint_id, await add_ping(tx, endpoint))
    assert delivery is not None
    return delivery
