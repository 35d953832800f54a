"""Key sets (RFC 7517) of the bureau's identity provider: a file, or an address that is asked.

The address is the operator's own setting: nothing in a token ever says where keys come from.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from ipaddress import ip_network
from pathlib import Path
from typing import Protocol

import httpx

from app.crypto.tokens import Jwk, TokenRefused, key_named, usable_keys
from app.observe import get_logger
from app.outside.addresses import Network
from app.outside.insurers import open_client

FRESH_SECONDS = 600.0  # a set is asked for again after so long
UNKNOWN_SECONDS = 30.0  # and for a key that is not in it, as after a rotation, at most so often
STALE_SECONDS = 86_400.0  # without an answer the last set counts for so long
FETCH_SECONDS = 5.0
SET_BYTES = 64 * 1024
# The provider lives where the operator says, most often inside the house.
ANYWHERE: tuple[Network, ...] = (ip_network("0.0.0.0/0"), ip_network("::/0"))

_log = get_logger("relief.key_sets")


class KeySource(Protocol):
    """Where the public keys of a provider come from."""

    async def keys_for(self, token: str) -> Sequence[Jwk]:
        """Give the keys that may have signed a token. Raises TokenRefused when there are none."""


class KeyFile:
    """A key set in a file; read again when the file has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._changed_at: float | None = None
        self._keys: Sequence[Jwk] = ()

    async def keys_for(self, token: str) -> Sequence[Jwk]:
        """Give the keys of the file."""
        del token
        try:
            changed_at = self._path.stat().st_mtime
            if changed_at != self._changed_at:
                self._keys = _read(self._path.read_bytes())
                self._changed_at = changed_at
        except (OSError, ValueError):
            _log.exception("key_set.unreadable")
        if not self._keys:
            raise TokenRefused("no_keys")
        return self._keys


class KeyAddress:
    """A key set at an address; kept for ten minutes, and asked for when a new key turns up."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._keys: Sequence[Jwk] = ()
        self._got_at = self._asked_at = -STALE_SECONDS
        self._turn = asyncio.Lock()

    async def keys_for(self, token: str) -> Sequence[Jwk]:
        """Give the keys, asked for anew when they are old or the token's key is not among them."""
        if self._due(token):
            async with self._turn:  # one asks, the others wait for it
                if self._due(token):
                    await self._ask()
        if not self._keys or time.monotonic() - self._got_at > STALE_SECONDS:
            raise TokenRefused("no_keys")
        return self._keys

    def _due(self, token: str) -> bool:
        now = time.monotonic()
        if now - self._asked_at < UNKNOWN_SECONDS:
            return False
        return now - self._got_at > FRESH_SECONDS or key_named(token, self._keys) is None

    async def _ask(self) -> None:
        self._asked_at = time.monotonic()
        try:
            async with asyncio.timeout(FETCH_SECONDS), open_client(ANYWHERE) as client:
                raw = await _fetch(client, self._url)
            keys = _read(raw)
        except (httpx.HTTPError, OSError, TimeoutError, ValueError) as error:
            _log.warning("key_set.not_fetched", error=type(error).__name__)
            return
        self._keys, self._got_at = keys, time.monotonic()


async def _fetch(client: httpx.AsyncClient, url: str) -> bytes:
    raw = bytearray()
    async with client.stream("GET", url, headers={"Accept-Encoding": "identity"}) as answer:
        if answer.status_code != httpx.codes.OK:
            raise ValueError("no key set there")
        async for chunk in answer.aiter_bytes():
            raw += chunk
            if len(raw) > SET_BYTES:
                raise ValueError("the key set is too long")
    return bytes(raw)


def _read(raw: bytes) -> Sequence[Jwk]:
    """Read the keys of a set that can verify. Raises ValueError for what is no key set."""
    told = json.loads(raw)
    listed = told.get("keys") if isinstance(told, dict) else None
    if listed is None:
        raise ValueError("no key set")
    return usable_keys([key for key in listed if isinstance(key, dict)])
