"""Who calls, from where: a bearer token becomes a Caller; the role is held against the act."""

import hashlib
import time
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address

from fastapi import Request
from starlette.types import Scope

from app.api.limits import Limits
from app.api.refusals import AuthInvalid, AuthMissing, RoleForbidden
from app.crypto.tokens import TOKEN_CHARACTERS, TokenRefused
from app.db.session import Database
from app.domain.caller import Act, Caller
from app.observe import get_logger
from app.services.tokens import Trust, authenticate_bearer

MEMORY_SECONDS = 1.0  # a revoked key lives at most so long
MEMORY_KEYS = 10_000
METRICS = "/metrics"  # no person stands there, but every county's numbers do
_OPEN = ("/v1/callbacks/", "/v1/oauth/")  # signed by the insurer; where tokens come from

_log = get_logger("relief.door")


class KnownKeys:
    """Callers of the last second by the digest of their token, so polls do not ask each time."""

    def __init__(self, database: Database, trust: Trust) -> None:
        self._database = database
        self._trust = trust
        self._callers: dict[bytes, tuple[float, Caller]] = {}

    async def caller(self, token: str, address: str) -> Caller:
        """Give the caller of a token from an address.

        Raises AuthInvalid for an unknown, expired or revoked one, or one that is bound elsewhere.
        """
        if not token.isascii() or len(token) > TOKEN_CHARACTERS:
            raise AuthInvalid
        bound = f"{address}|{token}".encode()
        digest = hashlib.blake2b(bound, digest_size=32).digest()
        now = time.monotonic()
        known = self._callers.get(digest)
        if known is not None and known[0] > now:
            return known[1]
        try:
            caller = await authenticate_bearer(self._database, self._trust, token, address)
        except TokenRefused as refused:
            _log.info("token.refused", reason=refused.reason)
            raise AuthInvalid from None
        if caller is None:
            raise AuthInvalid
        if len(self._callers) >= MEMORY_KEYS:
            self._callers.clear()
        self._callers[digest] = (now + MEMORY_SECONDS, caller)
        return caller


def needs_key(path: str) -> bool:
    """Tell whether a path is for callers with a key."""
    return path == METRICS or (path.startswith("/v1/") and not path.startswith(_OPEN))


async def admit(scope: Scope) -> Caller:
    """Find out who calls, before a byte of the body is read.

    Raises AuthMissing, AuthInvalid, and RateLimited for an address that guesses.
    """
    scheme, _, token = _authorization(scope).partition(" ")
    token = token.strip()
    if not token or scheme.lower() != "bearer":
        raise AuthMissing
    state, address = scope["app"].state, scope["state"]["address"]
    keys: KnownKeys = state.keys
    try:
        caller = await keys.caller(token, address)
    except AuthInvalid:
        limits: Limits = state.limits
        await limits.refused(address)
        raise
    scope["state"]["caller"] = caller
    return caller


def caller_of(request: Request, act: Act | None) -> Caller:
    """Give who calls, if the role may do the act; `act` None: every role may.

    Raises RoleForbidden.
    """
    caller: Caller = request.scope["state"]["caller"]
    if act is not None and not caller.may(act):
        raise RoleForbidden
    return caller


def client_address(scope: Scope, proxies: Sequence[IPv4Network | IPv6Network]) -> str:
    """Give the address that calls, as text; `-` when it is unknown.

    Behind proxies that are believed it is the last address in X-Forwarded-For that is none of
    theirs: what stands before it is the caller's own word.
    """
    client = scope.get("client")
    address = client[0] if client else "-"
    if not proxies or not _among(address, proxies):
        return str(address)
    told = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
    for hop in reversed(told.decode("latin-1").split(",")):
        found = hop.strip()
        if not _is_address(found):
            break  # no chain of addresses: only the proxy itself is known
        address = found
        if not _among(found, proxies):
            break
    return str(address)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _among(address: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    if not _is_address(address):
        return False
    here = ip_address(address)
    here = getattr(here, "ipv4_mapped", None) or here
    return any(here in network for network in networks)


def _authorization(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"authorization":
            return str(value, "latin-1")
    return ""
