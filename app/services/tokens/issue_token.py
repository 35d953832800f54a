"""Give a client an access token: for its key as a secret, or for an assertion that it signed."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from app.crypto.tokens import (
    SKEW,
    TokenRefused,
    check_claims,
    unverified_claims,
    verified_claims,
)
from app.db.keys import Key, find_client, find_key, use_once
from app.db.session import Database
from app.services.keys.authenticate import may_call_from
from app.services.tokens.trust import ASSERTION_MAX, Trust

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"  # RFC 7523
JTI_CHARACTERS = 128


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """An access token and the seconds that it lives."""

    token: str
    seconds: int


async def issue_token(
    database: Database,
    trust: Trust,
    client_id: str | None,
    *,
    secret: str | None = None,
    assertion: str | None = None,
    address: str | None = None,
) -> IssuedToken:
    """Give a token to the client that proves itself by its API key or by a signed assertion.

    Raises TokenRefused, with a reason for the log; the caller is told only that it failed.
    """
    if assertion is not None:
        key, now = await _asserted(database, trust, client_id, assertion)
    else:
        key, now = await _by_secret(database, client_id, secret or "")
    if not may_call_from(key, address):
        raise TokenRefused("address")
    ends = min(now + trust.life, key.expires_at or now + trust.life)
    seconds = int((ends - now).total_seconds())
    claims = {
        "iss": trust.issuer,
        "aud": trust.issuer,
        "sub": str(key.id),
        "client_id": str(key.id),
        "jti": str(uuid4()),
        "iat": int(now.timestamp()),
        "exp": int(now.timestamp()) + seconds,
    }
    return IssuedToken(trust.keys.sign(claims), seconds)


async def _by_secret(
    database: Database, client_id: str | None, secret: str
) -> tuple[Key, datetime]:
    key = await find_key(database, database.keyring.key_digests(secret))
    if key is None or client_id not in (str(key.id), key.prefix):
        raise TokenRefused("client")
    found = await find_client(database, key.id)
    if found is None:
        raise TokenRefused("client")
    return found


async def _asserted(
    database: Database, trust: Trust, client_id: str | None, assertion: str
) -> tuple[Key, datetime]:
    claims = unverified_claims(assertion)
    said = str(claims.get("iss"))
    if claims.get("sub") != said or client_id not in (None, said):
        raise TokenRefused("client")
    try:
        found = await find_client(database, UUID(said))
    except ValueError:
        raise TokenRefused("client") from None
    if found is None or found[0].public_keys is None:
        raise TokenRefused("client")
    key, now = found
    claims = verified_claims(assertion, json.loads(key.public_keys or "[]"))
    audience = (trust.token_endpoint, trust.issuer)
    check_claims(claims, issuer=said, audience=audience, now=now, most=ASSERTION_MAX)
    await _first_time(database, key, claims)
    return key, now


async def _first_time(database: Database, key: Key, claims: Mapping[str, object]) -> None:
    jti, ends = claims.get("jti"), claims.get("exp")
    if not isinstance(jti, str) or not 1 <= len(jti) <= JTI_CHARACTERS:
        raise TokenRefused("jti")
    assert isinstance(ends, int), "checked with the other times"
    until = datetime.fromtimestamp(ends, UTC) + SKEW + timedelta(seconds=1)
    digest = hashlib.sha256(jti.encode()).digest()
    if not await use_once(database, key.id, digest, until):
        raise TokenRefused("jti_used")
