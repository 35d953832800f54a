"""Send what was told again: one delivery, or all that failed since a time."""

from datetime import datetime
from uuid import UUID

from app.db.session import Tx
from app.db.webhook_deliveries import DeliveryRow, find_delivery, replay_delivery, replay_failed
from app.domain.errors import NotFound
from app.services.webhooks.held import held_endpoint


async def replay_one(tx: Tx, endpoint_id: UUID, delivery_id: UUID) -> DeliveryRow:
    """Send a delivery anew under its own id, by which receivers know it. Raises NotFound."""
    await held_endpoint(tx, endpoint_id)
    if not await replay_delivery(tx, endpoint_id, delivery_id):
        raise NotFound("没有这次投递。", "There is no such delivery.")
    delivery = await find_delivery(tx, endpoint_id, delivery_id)
    assert delivery is not None
    return delivery


async def replay_since(tx: Tx, endpoint_id: UUID, since: datetime) -> int:
    """Send everything anew that happened since then (UTC) and failed; give how many.

    Raises NotFound.
    """
    await held_endpoint(tx, endpoint_id)
    return await replay_failed(tx, endpoint_id, since)
