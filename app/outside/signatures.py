"""Who really sent a callback: Standard Webhooks signatures, checked by us.

Two schemes: v1 (HMAC-SHA256 under a shared `whsec_` secret) and v1a (Ed25519 under the insurer's
`whpk_` public key, so that nobody on our side could have forged its word). An insurer whose only
active key is a public one is not believed on an HMAC.

The reference library raises raw exceptions on half of the malformed headers, takes `nan` for a
time and cannot check bytes that are no text; so its scheme is checked here, against every active
secret, and each way of being wrong is a named refusal. Tests hold it against the library.
"""

import base64
import binascii
import hmac
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app.domain.errors import SignatureInvalid, TimestampSkew

TOLERANCE_SECONDS = 300
SIGNATURES_MAX = 16  # a sender rotating its keys sends two

_SECRET_PREFIX = "whsec_"  # noqa: S105 - the public prefix of every secret
_PUBLIC_PREFIX = "whpk_"
_PUBLIC_BYTES = 32
_SECRET_BYTES_MIN, _SECRET_BYTES_MAX = 24, 64  # as the specification of the scheme asks
_HMAC, _ED25519 = "v1", "v1a"
_EVENT_ID = re.compile(r"[!-~]{1,200}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"(v[0-9]+[a-z]?),([A-Za-z0-9+/]+={0,2})")


Presented = list[tuple[str, bytes]]  # (scheme, signature)


@dataclass(frozen=True, slots=True)
class Verified:
    """What the signature vouches for: the sender's event id and when it was signed (UTC)."""

    event_id: str
    signed_at: datetime


def verify(
    raw: bytes,
    headers: Mapping[str, str],
    secrets: Sequence[str | bytes],
    now: float | None = None,
) -> Verified:
    """Check a callback's raw bytes against every active key of its insurer.

    `headers` has lower-case names; `secrets` are `whsec_` or `whpk_` texts or raw HMAC keys; `now`
    is seconds of the real clock. Raises SignatureInvalid, which names the header, and TimestampSkew
    beyond 300 seconds either way.
    """
    event_id = _matched(_EVENT_ID, headers, "webhook-id")
    timestamp = _matched(_TIMESTAMP, headers, "webhook-timestamp")
    presented = _presented(headers.get("webhook-signature", ""))
    if abs((time.time() if now is None else now) - int(timestamp)) > TOLERANCE_SECONDS:
        raise TimestampSkew(TOLERANCE_SECONDS)
    signed = f"{event_id}.{timestamp}.".encode() + raw
    for secret in secrets:
        if _vouches(secret, signed, presented):
            return Verified(event_id, datetime.fromtimestamp(int(timestamp), UTC))
    raise SignatureInvalid("webhook-signature")


def is_shared_secret(text: str) -> bool:
    """Tell whether a text is a usable shared secret: `whsec_` and base64 of 24 to 64 bytes."""
    return text.startswith(_SECRET_PREFIX) and (
        _SECRET_BYTES_MIN <= len(_decoded(text[len(_SECRET_PREFIX) :])) <= _SECRET_BYTES_MAX
    )


def is_public_key(text: str) -> bool:
    """Tell whether a text is a usable Ed25519 key: `whpk_` and base64 of its 32 bytes."""
    return (
        text.startswith(_PUBLIC_PREFIX)
        and len(_decoded(text[len(_PUBLIC_PREFIX) :])) == _PUBLIC_BYTES
    )


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _vouches(secret: str | bytes, signed: bytes, presented: Presented) -> bool:
    """Tell whether one of the presented signatures was made with this key."""
    if isinstance(secret, str) and secret.startswith(_PUBLIC_PREFIX):
        key = Ed25519PublicKey.from_public_bytes(_decoded(secret[len(_PUBLIC_PREFIX) :]))
        return any(
            _signed_with(key, signed, one) for version, one in presented if version == _ED25519
        )
    expected = hmac.digest(_key(secret), signed, "sha256")
    return any(hmac.compare_digest(expected, one) for version, one in presented if version == _HMAC)


def _signed_with(key: Ed25519PublicKey, signed: bytes, signature: bytes) -> bool:
    try:
        key.verify(signature, signed)
    except InvalidSignature:
        return False
    return True


def _matched(pattern: re.Pattern[str], headers: Mapping[str, str], name: str) -> str:
    text = headers.get(name, "")
    if not pattern.fullmatch(text):
        raise SignatureInvalid(name)
    return text


def _presented(header: str) -> Presented:
    """Give the signatures that we can check; other versions are passed over.

    Anything malformed is refused, and so is a header with more signatures than a rotation needs.
    """
    parts = header.split(" ", SIGNATURES_MAX)
    matches = [_SIGNATURE.fullmatch(part) for part in parts]
    if len(parts) > SIGNATURES_MAX or None in matches:
        raise SignatureInvalid("webhook-signature")
    try:
        return [
            (match[1], base64.b64decode(match[2], validate=True))
            for match in matches
            if match and match[1] in (_HMAC, _ED25519)
        ]
    except binascii.Error:
        raise SignatureInvalid("webhook-signature") from None


def _key(secret: str | bytes) -> bytes:
    if isinstance(secret, bytes):
        key = secret
    else:
        text = secret.removeprefix(_SECRET_PREFIX)
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    assert key, "an empty secret would let anybody sign"
    return key
