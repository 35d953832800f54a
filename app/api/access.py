"""Who calls: a bearer key becomes a Caller; the role is checked against the act of the route."""

import hashlib
import time

from fastapi import Request
from starlette.types import Scope

from app.api.refusals import AuthInvalid, AuthMissing, RoleForbidden
from app.db.session import Database
from app.domain.caller import Act, Caller
from app.services.keys.authenticate import authenticate

MEMORY_SECONDS = 1.0  # a revoked key lives at most so long
MEMORY_KEYS = 10_000
TOKEN_CHARACTERS = 200
METRICS = "/metrics"  # no person stands there, but every county's numbers do


class KnownKeys:
    """Callers of the last second by the digest of their key, so that polls do not ask each time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._callers: dict[bytes, tuple[float, Caller]] = {}

    async def caller(self, token: str) -> Caller:
        """Give the caller of a key; raises AuthInvalid for an unknown, expired or revoked one."""
        digest = hashlib.blake2b(token.encode(), digest_size=32).digest()
        now = time.monotonic()
        known = self._callers.get(digest)
        if known is not None and known[0] > now:
            return known[1]
        caller = await authenticate(self._database, token)
        if caller is None:
            raise AuthInvalid
        if len(self._callers) >= MEMORY_KEYS:
            self._callers.clear()
        self._callers[digest] = (now + MEMORY_SECONDS, caller)
        return caller


def needs_key(path: str) -> bool:
    """Tell whether a path is for callers with a key; insurers' callbacks are signed instead."""
    if path == METRICS:
        return True
    return path.startswith("/v1/") and not path.startswith("/v1/callbacks/")


async def admit(scope: Scope) -> None:
    """Find out who calls, before a byte of the body is read. Raises AuthMissing, AuthInvalid."""
    scheme, _, token = _authorization(scope).partition(" ")
    token = token.strip()
    if not token or scheme.lower() != "bearer":
        raise AuthMissing
    if not token.isascii() or len(token) > TOKEN_CHARACTERS:
        raise AuthInvalid
    keys: KnownKeys = scope["app"].state.keys
    scope["state"]["caller"] = await keys.caller(token)


def caller_of(request: Request, act: Act | None) -> Caller:
    """Give who calls, if the role may do the act; `act` None: every role may.

    Raises RoleForbidden.
    """
    caller: Caller = request.scope["state"]["caller"]
    if act is not None and not caller.may(act):
        raise RoleForbidden
    return caller


def _authorization(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"authorization":
            return str(value, "latin-1")
    return ""
