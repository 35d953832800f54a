"""End a key's life."""

from uuid import UUID

from app.db import keys
from app.db.events import COUNTED, EVERYWHERE, NewEvent, write_act
from app.db.keys import Key, revoke_keys
from app.db.session import Tx
from app.domain.errors import NotFound


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
    detail = {"role": key.role, "area_lo": key.area_lo}
    await write_act(
        tx,
        NewEvent(
            "key", str(key.id), COUNTED, "key.revoke", EVERYWHERE, "live", "revoked", detail=detail
        ),
    )
