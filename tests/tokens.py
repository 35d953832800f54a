"""Keys of clients and of an identity provider for tests, and tokens that they sign."""

import base64
import json
import time
from typing import Any
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

EC = ECKey.generate_key("P-256")
STRANGER = ECKey.generate_key("P-256")
RSA = RSAKey.generate_key(2048)
ED = OKPKey.generate_key("Ed25519")
ISSUER = "https://sso.example"


def public(key: Any, kid: str = "k-1") -> dict[str, Any]:
    """The public JWK of a key."""
    return {**key.as_dict(private=False), "kid": kid, "use": "sig"}


def signed(
    claims: dict[str, Any], key: Any = EC, alg: str = "ES256", kid: str | None = "k-1", **head: Any
) -> str:
    """A token with these claims and header."""
    header = {"alg": alg, **({} if kid is None else {"kid": kid}), **head}
    return jwt.encode(header, claims, key, algorithms=[alg])


def forged(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    """A token put together by hand."""
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def assertion(client: str, audience: str, **changed: Any) -> dict[str, Any]:
    """The claims of a client's assertion (RFC 7523)."""
    now = int(time.time())
    claims = {"iss": client, "sub": client, "aud": audience, "jti": str(uuid4())}
    return without_none(claims | {"iat": now, "exp": now + 120} | changed)


def identity(**changed: Any) -> dict[str, Any]:
    """The claims of an officer's token."""
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": "relief", "sub": "staff-7", "iat": now, "exp": now + 600}
    return without_none(claims | {"role": "county", "area_code": "990127000000"} | changed)


def without_none(claims: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in claims.items() if value is not None}
