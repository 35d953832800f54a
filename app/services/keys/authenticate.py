"""Tell who holds a key."""

from app.db.keys import find_key
from app.db.session import Database
from app.domain.caller import Caller, Role


async def authenticate(database: Database, token: str) -> Caller | None:
    """Give the caller a token stands for; None when it is unknown, expired or revoked.

    Opens a transaction of its own, before the caller's. A token is random and long, so the
    comparison of digests inside the index tells an attacker nothing about it.
    """
    key = await find_key(database, database.keyring.key_digests(token))
    if key is None:
        return None
    return Caller(Role(key.role), key.area_lo, key.area_hi, f"key:{key.id}", key.insurer_code)
