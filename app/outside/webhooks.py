"""Telling others by Standard Webhooks: keys, signatures, one bounded call per message.

Of an answer only its status counts: its body is never read, so nobody can fill our memory or hold
us longer than the deadline. Redirects are not followed, and an address is judged again at each
connection (see `addresses`).
"""

import asyncio
import base64
import json
import os
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from standardwebhooks import Webhook

from app.domain.webhook import Scheme
from app.outside.addresses import ConnectionRefusedByUs
from app.outside.insurers import open_client
from app.outside.insurers.exchange import RETRY_AFTER_SECONDS_MAX

__all__ = ["Messenger", "NewKey", "Told", "message", "new_key", "open_client", "public_key"]

KEY_BYTES = 32
_HMAC_PREFIX, _PRIVATE_PREFIX, _PUBLIC_PREFIX = "whsec_", "whsk_", "whpk_"
_AGENT = "relief-webhooks/1"
_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (httpx.ConnectTimeout, "no_connection"),
    (httpx.ConnectError, "no_connection"),
    (httpx.PoolTimeout, "too_many_at_once"),
    (httpx.TimeoutException, "timeout"),
    (httpx.RemoteProtocolError, "not_http"),
    (httpx.UnsupportedProtocol, "address_malformed"),
)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key to sign with; `public` (ed25519 alone) is what the receiver checks with."""

    secret: str
    public: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one call: a status, or the reason why there was none; `took_ms` in all.

    `retry_after_seconds`: how long the receiver asked to be left alone, an hour at most.
    """

    status: int | None
    reason: str | None
    took_ms: int
    retry_after_seconds: int | None = None

    @property
    def taken(self) -> bool:
        """The receiver has it: any 2xx."""
        return self.status is not None and httpx.codes.is_success(self.status)

    @property
    def gone(self) -> bool:
        """The receiver wants nothing any more (410)."""
        return self.status == httpx.codes.GONE


def new_key(scheme: Scheme) -> NewKey:
    """Make a key for a scheme: 32 random bytes as the specification writes them."""
    raw = os.urandom(KEY_BYTES)
    if scheme is Scheme.HMAC:
        return NewKey(_HMAC_PREFIX + base64.b64encode(raw).decode(), None)
    secret = _PRIVATE_PREFIX + base64.b64encode(raw).decode()
    return NewKey(secret, public_key(secret))


def public_key(secret: str) -> str:
    """Give the public half (`whpk_`) of a private key (`whsk_`)."""
    raw = _private(secret).public_key().public_bytes_raw()
    return _PUBLIC_PREFIX + base64.b64encode(raw).decode()


def message(type_: str, happened_at: datetime, told: Mapping[str, object]) -> bytes:
    """Give the body: thin, without personal data; whoever wants more reads it, and is recorded."""
    members = {
        "type": type_,
        "timestamp": happened_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "data": dict(told),
    }
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()


def signed(message_id: str, at: datetime, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """Give the headers that vouch for a body: one signature per key that is in force.

    `at` is the real time of this attempt (UTC); receivers refuse old ones.
    """
    timestamp = str(int(at.timestamp()))
    content = f"{message_id}.{timestamp}.".encode() + body
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(
            _ed25519(secret, content)
            if secret.startswith(_PRIVATE_PREFIX)
            else Webhook(secret).sign(message_id, at, body.decode())
            for secret in secrets
        ),
    }


class Messenger:
    """Carries messages: one client for all endpoints of a process, one deadline for each call."""

    def __init__(self, client: httpx.AsyncClient, deadline_seconds: float) -> None:
        self._client = client
        self.deadline_seconds = deadline_seconds

    async def tell(self, message_id: str, url: str, body: bytes, secrets: Sequence[str]) -> Told:
        """Sign and post a message once. Never raises for what the receiver does."""
        headers = signed(message_id, datetime.now(UTC), body, secrets)
        return await _post(self._client, self.deadline_seconds, url, headers, body)


async def _post(
    client: httpx.AsyncClient,
    deadline_seconds: float,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
) -> Told:
    began = time.monotonic()
    fixed = {
        "Content-Type": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": _AGENT,
    }
    try:
        async with asyncio.timeout(deadline_seconds):
            request = client.build_request("POST", url, content=body, headers=fixed | {**headers})
            answer = await client.send(request, stream=True)
            await answer.aclose()
    except TimeoutError:
        return Told(None, "deadline", _ms(began))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return Told(None, _reason(error), _ms(began))
    asked = answer.headers.get("retry-after", "")
    seconds = int(asked[:9]) if asked.isascii() and asked.isdigit() else None
    return Told(
        answer.status_code,
        "redirected" if answer.has_redirect_location else None,
        _ms(began),
        None if seconds is None else min(seconds, RETRY_AFTER_SECONDS_MAX),
    )


def _ed25519(secret: str, content: bytes) -> str:
    signature = _private(secret).sign(content)
    return f"{Scheme.ED25519},{base64.b64encode(signature).decode()}"


def _private(secret: str) -> Ed25519PrivateKey:
    raw = base64.b64decode(secret.removeprefix(_PRIVATE_PREFIX), validate=True)
    return Ed25519PrivateKey.from_private_bytes(raw)


def _reason(error: Exception) -> str:
    for cause in _causes(error):
        if isinstance(cause, ConnectionRefusedByUs):
            return str(cause)
        if isinstance(cause, ssl.SSLError):
            return "tls"
    return next((word for kind, word in _REASONS if isinstance(error, kind)), "connection_broken")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _ms(began: float) -> int:
    return int((time.monotonic() - began) * 1000)
