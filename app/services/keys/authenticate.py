"""Tell who holds a key."""

from ipaddress import ip_address, ip_network

from app.db.keys import Key, find_key
from app.db.session import Database
from app.domain.caller import Caller, Role


async def authenticate(database: Database, token: str, address: str | None = None) -> Caller | None:
    """Give the caller a key stands for; None when it is unknown, expired, revoked or not from here.

    `address` is where the call comes from; a key that is bound to networks is refused without one.
    Opens a transaction of its own, before the caller's. A token is random and long, so the
    comparison of digests inside the index tells an attacker nothing about it.
    """
    key = await find_key(database, database.keyring.key_digests(token))
    return None if key is None or not may_call_from(key, address) else caller_of_key(key)


def caller_of_key(key: Key) -> Caller:
    """Give the caller behind a key: one person is one actor, with however many keys.

    So four eyes are four also where one pair holds two keys.
    """
    actor = f"key:{key.id}" if key.holder is None else f"holder:{key.holder}"
    return Caller(Role(key.role), key.area_lo, key.area_hi, actor, key.insurer_code)


def may_call_from(key: Key, address: str | None) -> bool:
    """Tell whether a key may be used from an address; no address is none of its networks."""
    if key.networks is None:
        return True
    try:
        here = ip_address(address or "")
    except ValueError:
        return False
    here = getattr(here, "ipv4_mapped", None) or here
    return any(here in ip_network(network) for network in key.networks.split(","))
