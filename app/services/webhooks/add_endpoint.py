"""Have events of one's own scope told at an address."""

from collections.abc import Sequence

from app.db.ids import new_id
from app.db.session import Tx
from app.db.webhook_endpoints import (
    EndpointRow,
    NewEndpoint,
    count_endpoints,
    find_endpoint,
)
from app.db.webhook_endpoints import add_endpoint as store
from app.db.webhook_turns import feed_head
from app.domain.errors import Fault, Invalid
from app.domain.webhook import Scheme
from app.outside.webhooks import new_key
from app.services.webhooks.check_endpoint import check_types
from app.services.webhooks.held import tell_endpoint

ENDPOINTS_MAX = 20  # of one scope


async def add_endpoint(
    tx: Tx, url: str, types: Sequence[str], scheme: Scheme
) -> tuple[EndpointRow, str | None]:
    """Store an endpoint whose address was checked (`check_address`); events from now on go there.

    Gives it with its shared secret, which is shown this once; None for ed25519, whose public key
    is no secret and whose private one nobody needs. Raises Invalid.
    """
    check_types(types)
    if await count_endpoints(tx) >= ENDPOINTS_MAX:
        raise Invalid(
            Fault(
                "/url",
                "validation.failed",
                f"接收地址最多 {ENDPOINTS_MAX} 个，请先删除不用的",
                f"at most {ENDPOINTS_MAX} endpoints: remove one first",
            )
        )
    key = new_key(scheme)
    new = NewEndpoint(
        new_id(), url, types, scheme.value, await feed_head(tx), key.secret, key.public
    )
    await store(tx, new)
    endpoint = await find_endpoint(tx, new.id)
    assert endpoint is not None
    detail = {"scheme": scheme.value, "types": list(types)}
    await tell_endpoint(tx, endpoint, endpoint.version, "webhook.add", detail)
    return endpoint, key.secret if key.public is None else None
