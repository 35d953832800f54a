"""End a key's life."""

from app.db.keys import revoke_keys
from app.db.session import Tx
from app.domain.errors import NotFound


async def revoke_key(tx: Tx, prefix: str) -> None:
    """Revoke the live key that begins so (as `relief key issue` showed it); it lives 1 s at most.

    Raises NotFound when no live key begins so.
    """
    if not await revoke_keys(tx, prefix):
        raise NotFound("没有以此开头的有效密钥。", "No live key begins so.")
