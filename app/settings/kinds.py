"""Kinds of values that a setting may hold; each says in words what is allowed."""

import base64
import ipaddress
import re
from typing import Annotated

from pydantic import AfterValidator, SecretStr

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
KeyEntry = tuple[int, str | None, bytes]  # version, suite when it is named, 32 random bytes
_KEY_ENTRY = re.compile(r"(?:(\d{1,3}):)?(?:(intl|gm):)?([A-Za-z0-9+/]{43}=)", re.ASCII)
_LAST_VERSION = 255


def _postgres_url(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith(("postgresql://", "postgresql+asyncpg://")):
        raise ValueError("must begin with postgresql://")
    return value


def key_entries(text: str) -> tuple[KeyEntry, ...]:
    """Read `[version:][suite:]base64` by commas or lines; empty when anything is wrong."""
    entries: list[KeyEntry] = []
    for part in text.replace(",", " ").split():
        found = _KEY_ENTRY.fullmatch(part)
        version = int(found[1] or 1) if found else 0
        if found is None or not 1 <= version <= _LAST_VERSION:
            return ()
        entries.append((version, found[2], base64.b64decode(found[3])))
    return tuple(entries) if len({entry[0] for entry in entries}) == len(entries) else ()


def _keys_of_32_bytes(value: SecretStr) -> SecretStr:
    if not key_entries(value.get_secret_value()):
        raise ValueError("must be 32 random bytes in base64 (44 characters), or several of them")
    return value


def _networks(value: str) -> str:
    for part in value.split(","):
        try:
            if part.strip():
                ipaddress.ip_network(part.strip())
        except ValueError:
            # From None: the library's own words would quote the value.
            raise ValueError("must be networks as 10.8.0.0/16, by commas") from None
    return value


PostgresUrl = Annotated[SecretStr, AfterValidator(_postgres_url)]
MasterKeys = Annotated[SecretStr, AfterValidator(_keys_of_32_bytes)]
NetworkList = Annotated[str, AfterValidator(_networks)]


def listed(networks: str | None) -> tuple[Network, ...]:
    """Give networks written by commas."""
    parts = (part.strip() for part in (networks or "").split(","))
    return tuple(ipaddress.ip_network(part) for part in parts if part)
