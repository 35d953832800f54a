"""Change an endpoint, switch it off or on again, or remove it."""

from collections.abc import Sequence
from uuid import UUID

from app.db.session import Tx
from app.db.webhook_endpoints import (
    EndpointRow,
    drop_endpoint_keys,
    end_endpoint,
    find_endpoint,
)
from app.db.webhook_endpoints import change_endpoint as write_change
from app.domain.webhook import BY_HAND, EndpointState
from app.services.webhooks.check_endpoint import check_types
from app.services.webhooks.held import held_endpoint, tell_endpoint


async def change_endpoint(
    tx: Tx,
    endpoint_id: UUID,
    expected_version: int,
    *,
    url: str | None = None,
    types: Sequence[str] | None = None,
    active: bool | None = None,
) -> EndpointRow:
    """Change what is given; a new address was checked before (`check_address`).

    One that is switched on again goes on where it stood, as far as the feed keeps events.
    Raises NotFound, VersionStale, Invalid.
    """
    endpoint = await held_endpoint(tx, endpoint_id, expected_version)
    check_types(types or ())
    state, reason = endpoint.state, endpoint.reason
    if active is not None:
        state = (EndpointState.ACTIVE if active else EndpointState.DISABLED).value
        reason = None if active else reason or BY_HAND
    version = await write_change(
        tx,
        endpoint_id,
        url=url or endpoint.url,
        types=endpoint.types if types is None else types,
        state=state,
        reason=reason,
    )
    changed = await find_endpoint(tx, endpoint_id)
    assert changed is not None
    await tell_endpoint(tx, endpoint, version, "webhook.change", now=state)
    return changed


async def remove_endpoint(tx: Tx, endpoint_id: UUID, expected_version: int) -> None:
    """Remove an endpoint and its keys; its deliveries are kept as long as all are.

    Raises NotFound, VersionStale.
    """
    endpoint = await held_endpoint(tx, endpoint_id, expected_version)
    version = await end_endpoint(tx, endpoint_id, EndpointState.REMOVED, BY_HAND)
    await drop_endpoint_keys(tx, endpoint_id)
    await tell_endpoint(tx, endpoint, version, "webhook.remove", now=EndpointState.REMOVED)
