"""End a key's life."""

from uuid import UUID

from app.db import keys
from app.db.events import COUNTED, EVERYWHERE, NewEvent, write_act, write_event
from app.db.keys import Key, revoke_keys
from app.db.session import Tx
from app.db.webhook_endpoints import end_made_by
from app.domain.errors import NotFound
from app.domain.webhook import KEY_REVOKED


async def revoke_key(tx: Tx, prefix: str) -> None:
    """Revoke the live key that begins so (as `relief key issue` showed it); it lives 1 s at most.

    Raises NotFound when no live key begins so.
    """
    revoked = await revoke_keys(tx, prefix)
    if not revoked:
        raise NotFound("没有以此开头的有效密钥。", "No live key begins so.")
    for key in revoked:
        await _tell(tx, key)


async def revoke_key_by_id(tx: Tx, key_id: UUID) -> None:
    """Revoke a live key by its id; it lives 1 s at most. Raises NotFound."""
    key = await keys.revoke_key(tx, key_id)
    if key is None:
        raise NotFound("没有这个有效密钥。", "There is no such live key.")
    await _tell(tx, key)


async def _tell(tx: Tx, key: Key) -> None:
    """Tell of a key's end; what it had told elsewhere ends with it."""
    detail = {"role": key.role, "area_lo": key.area_lo}
    await write_act(
        tx,
        NewEvent(
            "key", str(key.id), COUNTED, "key.revoke", EVERYWHERE, "live", "revoked", detail=detail
        ),
    )
    actor = f"key:{key.id}" if key.holder is None else f"holder:{key.holder}"
    for endpoint, version in await end_made_by(tx, actor):
        await write_event(
            tx,
            NewEvent(
                "webhook",
                str(endpoint.id),
                version,
                "webhook.disable",
                endpoint.area_lo,
                endpoint.state,
                "disabled",
                endpoint.insurer_code,
                {"reason": KEY_REVOKED},
            ),
        )
