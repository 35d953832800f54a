"""Every dialect by its name: how it speaks, whose keys it needs, how its callbacks are read."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import httpx

from app.domain.errors import SignatureInvalid
from app.outside import signatures
from app.outside.addresses import Network, check_url
from app.outside.insurers import batch, form
from app.outside.insurers.port import Endpoint, InsurerDialect
from app.outside.insurers.rest import RestDialect
from app.outside.signatures import Verified


@dataclass(frozen=True, slots=True)
class KeyKind:
    """Which text is a usable key, and what to tell whoever brought another."""

    usable: Callable[[str], bool]
    words_zh: str
    words_en: str


@dataclass(frozen=True, slots=True)
class Dialect:
    """One way of dealing with an insurer.

    `key_in` vouches for its callbacks, `key_out` signs what we send; None where none is used.
    `verify(raw, headers, keys, seconds of the real clock)` raises SignatureInvalid or
    TimestampSkew. `to_event` gives the JSON of a callback in our words; it raises Unreadable.
    `check_address(address, allowed networks)` judges where the insurer is reached; it raises
    AddressRefused.
    `keeps_keys`: a repeated key has one effect by construction, whatever the insurer does.
    """

    speak: Callable[[httpx.AsyncClient, Endpoint], InsurerDialect]
    key_in: KeyKind | None
    key_out: KeyKind | None
    verify: Callable[[bytes, Mapping[str, str], Sequence[str], float | None], Verified]
    to_event: Callable[[bytes], bytes]
    check_address: Callable[[str, Sequence[Network]], Awaitable[None]] = check_url
    keeps_keys: bool = False


def _never(
    raw: bytes, headers: Mapping[str, str], keys: Sequence[str], now: float | None
) -> Verified:
    """Who deals in files sends no callbacks: nothing vouches for one."""
    del raw, headers, keys, now
    raise SignatureInvalid("webhook-signature")


def _as_it_came(raw: bytes) -> bytes:
    return raw


_SHARED = KeyKind(
    signatures.is_shared_secret,
    "密钥须为 whsec_ 加 24 至 64 字节的 base64",
    "a secret is whsec_ and the base64 of 24 to 64 bytes",
)
_SHARED_OR_PUBLIC = KeyKind(
    lambda text: signatures.is_shared_secret(text) or signatures.is_public_key(text),
    "密钥须为 whsec_ 加 24 至 64 字节的 base64，或 whpk_ 加 32 字节 Ed25519 公钥的 base64",
    "a key is whsec_ and the base64 of 24 to 64 bytes, or whpk_ and that of an Ed25519 public key",
)

_OWN_RSA = KeyKind(
    form.is_own_key,
    "密钥文件第一行为 app_id=应用号，其后为 2048 位以上 RSA 私钥（PEM）",
    "a key file is a line app_id=... and an RSA private key of 2048 bits or more in PEM",
)
_GATEWAY_RSA = KeyKind(
    form.is_gateway_key,
    "密钥须为平台的 2048 位以上 RSA 公钥（PEM）",
    "a key is the gateway's RSA public key of 2048 bits or more in PEM",
)

DIALECTS: dict[str, Dialect] = {
    "rest": Dialect(RestDialect, _SHARED_OR_PUBLIC, _SHARED, signatures.verify, _as_it_came),
    "batch": Dialect(
        batch.BatchDialect,
        None,
        None,
        _never,
        _as_it_came,
        check_address=batch.check_address,
        keeps_keys=True,
    ),
    "form": Dialect(form.FormDialect, _GATEWAY_RSA, _OWN_RSA, form.verify, form.to_event),
}
