"""Give an endpoint a new key; messages bear a signature of each for a day."""

from datetime import timedelta
from uuid import UUID

from app.db.session import Tx
from app.db.webhook_endpoints import EndpointRow, find_endpoint, rotate_endpoint_key
from app.domain.webhook import Scheme
from app.outside.webhooks import new_key
from app.services.webhooks.held import held_endpoint, tell_endpoint

OVERLAP = timedelta(hours=24)


async def rotate_secret(tx: Tx, endpoint_id: UUID) -> tuple[EndpointRow, str | None]:
    """Make a new key; gives the endpoint and the shared secret, shown this once (see add_endpoint).

    A key of an earlier rotation ends at once: two are in force at most. Raises NotFound.
    """
    endpoint = await held_endpoint(tx, endpoint_id)
    key = new_key(Scheme(endpoint.scheme))
    version = await rotate_endpoint_key(tx, endpoint_id, key.secret, key.public, OVERLAP)
    await tell_endpoint(tx, endpoint, version, "webhook.rotate_secret")
    rotated = await find_endpoint(tx, endpoint_id)
    assert rotated is not None
    return rotated, key.secret if key.public is None else None
