"""Signed tokens (JWT): asymmetric algorithms only, keys by `kid` from a set that we hold.

A token's header names nothing but its algorithm and its key: one that brings a key along, or says
where to fetch one (jwk, jku, x5c, x5u), is refused before anything is computed.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, Key, OKPKey, RSAKey

from app.crypto.errors import CryptoError

ALGORITHMS = ("ES256", "ES384", "Ed25519", "PS256", "RS256")
TOKEN_CHARACTERS = 4096
SKEW = timedelta(seconds=60)
RSA_BITS = 2048
KEYS_MAX = 16
_HEADER = frozenset({"alg", "kid", "typ", "x5t", "x5t#S256"})  # thumbprints fetch nothing
_KID = re.compile(r"[A-Za-z0-9_.:=-]{1,128}", re.ASCII)
_CURVES = {"ES256": "P-256", "ES384": "P-384", "Ed25519": "Ed25519"}

Jwk = Mapping[str, object]
Claims = Mapping[str, object]


class TokenRefused(CryptoError):
    """The token is not good; `reason` is a word of ours, for the log and never for the caller."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnusableKeySet(CryptoError):
    """A set of public keys that cannot be used as it was given."""


class TokenKeys:
    """The service's own signing keys, from seeds: the newest signs, all of them verify."""

    def __init__(self, seeds: Sequence[bytes]) -> None:
        self._keys = [OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(s)) for s in seeds]

    def __repr__(self) -> str:
        """Show nothing: keys may end up in a trace."""
        return "TokenKeys(...)"

    def public(self) -> list[Jwk]:
        """Give the public keys, as they are published."""
        return [
            {**key.as_dict(private=False), "kid": key.thumbprint(), "use": "sig", "alg": "Ed25519"}
            for key in self._keys
        ]

    def sign(self, claims: Claims) -> str:
        """Give a token with these claims."""
        key = self._keys[0]
        header = {"alg": "Ed25519", "kid": key.thumbprint(), "typ": "at+jwt"}
        return jwt.encode(header, dict(claims), key, algorithms=["Ed25519"])


def public_keys(jwks: Sequence[Jwk]) -> list[Jwk]:
    """Check public keys as somebody hands them in; each has a `kid` of its own.

    Raises UnusableKeySet: too many, a private or symmetric one, an RSA key below 2048 bits, a curve
    that is not ours, no `kid` or the same one twice.
    """
    if not 1 <= len(jwks) <= KEYS_MAX:
        raise UnusableKeySet(f"between 1 and {KEYS_MAX} keys")
    kids = [jwk.get("kid") for jwk in jwks]
    if len(set(map(str, kids))) != len(kids):
        raise UnusableKeySet("every key needs a kid of its own")
    if not all(isinstance(kid, str) and _KID.fullmatch(kid) for kid in kids):
        raise UnusableKeySet("every key needs a kid")
    for jwk in jwks:
        if "d" in jwk or "k" in jwk or not _fits(jwk):
            raise UnusableKeySet("a key of a kind that is not taken")
    return list(jwks)


def usable_keys(jwks: Sequence[Jwk]) -> list[Jwk]:
    """Give those keys of a foreign set that can verify for us, at most 16; others serve other uses.

    A key whose private part somebody published by mistake is not among them.
    """
    return [
        jwk
        for jwk in jwks
        if jwk.get("use", "sig") == "sig"
        and not jwk.keys() & {"d", "k"}
        and isinstance(jwk.get("kid"), str)
        and _fits(jwk)
    ][:KEYS_MAX]


def key_named(token: str, keys: Sequence[Jwk]) -> Jwk | None:
    """Give the key that a token's header names, if it is among these. Raises TokenRefused."""
    kid = _object(token.partition(".")[0]).get("kid")
    return next((key for key in keys if key.get("kid") == kid), None)


def unverified_claims(token: str) -> Claims:
    """Read what a token says of itself, to know whose keys to hold against it. Trust nothing of it.

    Raises TokenRefused for one that is too long or no token at all.
    """
    parts = token.split(".")
    if len(token) > TOKEN_CHARACTERS or len(parts) != 3:  # noqa: PLR2004 - header.claims.signature
        raise TokenRefused("malformed")
    return _object(parts[1])


def verified_claims(
    token: str, keys: Sequence[Jwk], algorithms: Sequence[str] = ALGORITHMS
) -> Claims:
    """Give the claims of a token that one of the keys signed, by its `kid`. Raises TokenRefused."""
    unverified_claims(token)
    header = _object(token.partition(".")[0])
    algorithm, kid = header.get("alg"), header.get("kid")
    if header.keys() - _HEADER:
        raise TokenRefused("header")
    if algorithm not in algorithms or algorithm not in ALGORITHMS:
        raise TokenRefused("algorithm")
    if not isinstance(kid, str) or not _KID.fullmatch(kid):
        raise TokenRefused("kid")
    jwk = key_named(token, keys)
    if jwk is None:
        raise TokenRefused("unknown_kid")
    if jwk.get("alg", algorithm) != algorithm or not _fits(jwk, str(algorithm)):
        raise TokenRefused("algorithm")
    try:
        claims: Claims = jwt.decode(token, _key(jwk), algorithms=[str(algorithm)]).claims
    except (JoseError, ValueError, TypeError, RecursionError):
        raise TokenRefused("signature") from None
    return claims


def check_claims(
    claims: Claims, *, issuer: str, audience: Sequence[str], now: datetime, most: timedelta
) -> None:
    """Check who made a token, for whom, and its times; `most` is the longest life allowed.

    Clocks may differ by 60 s. Raises TokenRefused.
    """
    if claims.get("iss") != issuer:
        raise TokenRefused("issuer")
    told = claims.get("aud")
    listed = told if isinstance(told, list) else [told]
    if not any(one in audience for one in listed if isinstance(one, str)):
        raise TokenRefused("audience")
    at, skew = now.timestamp(), SKEW.total_seconds()
    ends, begins = _instant(claims, "exp"), _instant(claims, "iat")
    if ends is None or begins is None:
        raise TokenRefused("times")
    if ends + skew < at:
        raise TokenRefused("expired")
    if max(begins, _instant(claims, "nbf") or 0) - skew > at:
        raise TokenRefused("not_yet")
    if ends - begins > most.total_seconds():
        raise TokenRefused("too_long")


def _instant(claims: Claims, name: str) -> int | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 40:
        raise TokenRefused("times")
    return value


def _fits(jwk: Jwk, algorithm: str | None = None) -> bool:
    """Tell whether a public key can be read, is strong enough and is of the algorithm's kind."""
    try:
        key = _key(jwk)
    except (JoseError, ValueError, TypeError):
        return False
    if isinstance(key, RSAKey):
        bits = key.public_key.key_size
        return bits >= RSA_BITS and algorithm in (None, "RS256", "PS256")
    if not isinstance(key, ECKey | OKPKey):
        return False
    curve = jwk.get("crv")
    return curve in _CURVES.values() if algorithm is None else _CURVES.get(algorithm) == curve


def _key(jwk: Jwk) -> Key:
    plain: dict[str, Any] = dict(jwk)
    return JWKRegistry.import_key(plain)


def _object(part: str) -> Mapping[str, object]:
    try:
        raw = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
        value = json.loads(raw)
    except (ValueError, binascii.Error, RecursionError):
        raise TokenRefused("malformed") from None
    if not isinstance(value, dict):
        raise TokenRefused("malformed")
    return value
