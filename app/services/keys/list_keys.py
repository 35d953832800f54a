"""Show the keys that were issued, for the security administrator."""

from collections.abc import Sequence
from uuid import UUID

from app.db import keys
from app.db.keys import Key
from app.db.session import Tx
from app.domain.errors import NotFound


async def list_keys(tx: Tx, before: UUID | None = None, limit: int = 50) -> Sequence[Key]:
    """Give keys, newest first, those before an id where one is given; revoked ones too."""
    return await keys.list_keys(tx, before, limit)


async def read_key(tx: Tx, key_id: UUID) -> Key:
    """Give one key, revoked or not. Raises NotFound."""
    key = await keys.read_key(tx, key_id)
    if key is None:
        raise NotFound("没有这个密钥。", "There is no such key.")
    return key
