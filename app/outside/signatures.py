"""Who really sent a callback: Standard Webhooks signatures (v1, HMAC-SHA256), checked by us.

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

from app.domain.errors import SignatureInvalid, TimestampSkew

TOLERANCE_SECONDS = 300
SIGNATURES_MAX = 16  # a sender rotating its keys sends two

_SECRET_PREFIX = "whsec_"  # noqa: S105 - the public prefix of every secret
_EVENT_ID = re.compile(r"[!-~]{1,200}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"(v[0-9]+[a-z]?),([A-Za-z0-9+/]+={0,2})")


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
    """Check a callback's raw bytes against every active secret of its insurer.

    `headers` has lower-case names; `secrets` are `whsec_` texts or raw key bytes; `now` is seconds
    of the real clock. Raises SignatureInvalid, which names the header, and TimestampSkew beyond
    300 seconds either way.
    """
    event_id = _matched(_EVENT_ID, headers, "webhook-id")
    timestamp = _matched(_TIMESTAMP, headers, "webhook-timestamp")
    presented = _presented(headers.get("webhook-signature", ""))
    if abs((time.time() if now is None else now) - int(timestamp)) > TOLERANCE_SECONDS:
        raise TimestampSkew(TOLERANCE_SECONDS)
    signed = f"{event_id}.{timestamp}.".encode() + raw
    for secret in secrets:
        expected = hmac.digest(_key(secret), signed, "sha256")
        if any(hmac.compare_digest(expected, signature) for signature in presented):
            return Verified(event_id, datetime.fromtimestamp(int(timestamp), UTC))
    raise SignatureInvalid("webhook-signature")


def _matched(pattern: re.Pattern[str], headers: Mapping[str, str], name: str) -> str:
    text = headers.get(name, "")
    if not pattern.fullmatch(text):
        raise SignatureInvalid(name)
    return text


def _presented(header: str) -> list[bytes]:
    """Give the v1 signatures; other versions are passed over, anything malformed is refused."""
    parts = header.split(" ", SIGNATURES_MAX)
    matches = [_SIGNATURE.fullmatch(part) for part in parts]
    if len(parts) > SIGNATURES_MAX or None in matches:
        raise SignatureInvalid("webhook-signature")
    try:
        return [
            base64.b64decode(match[2], validate=True)
            for match in matches
            if match and match[1] == "v1"
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
