"""Signatures of the gateway: RSA-SHA256 (RSA2) over the sorted fields, or over an answer's text."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

KEY_BITS_MIN = 2048
_BEGIN = "-----BEGIN"
_APP_ID = "app_id="
_APP_ID_CHARACTERS_MAX = 64


@dataclass(frozen=True, slots=True)
class OwnKey:
    """Who we are at the gateway, and what we sign with."""

    app_id: str
    key: RSAPrivateKey = field(repr=False)

    def sign(self, text: str) -> str:
        """Sign a text."""
        return base64.b64encode(self.key.sign(text.encode(), PKCS1v15(), hashes.SHA256())).decode()


def own_key(text: str) -> OwnKey:
    """Read our key file: a line `app_id=...`, then the PEM of an RSA key. Raises ValueError."""
    head, begin, rest = text.partition(_BEGIN)
    app_id = head.strip().removeprefix(_APP_ID)
    if not head.strip().startswith(_APP_ID) or not app_id.isalnum():
        raise ValueError("the first line is app_id=...")
    if len(app_id) > _APP_ID_CHARACTERS_MAX:
        raise ValueError("the app_id is too long")
    try:
        key = serialization.load_pem_private_key((begin + rest).encode(), None)
    except (TypeError, UnsupportedAlgorithm):
        raise ValueError("not an RSA key in PEM") from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < KEY_BITS_MIN:
        raise ValueError("an RSA key of 2048 bits or more is needed")
    return OwnKey(app_id, key)


def gateway_key(text: str) -> RSAPublicKey:
    """Read the gateway's public key in PEM. Raises ValueError."""
    try:
        key = serialization.load_pem_public_key(text.encode())
    except UnsupportedAlgorithm:
        raise ValueError("not an RSA key in PEM") from None
    if not isinstance(key, RSAPublicKey) or key.key_size < KEY_BITS_MIN:
        raise ValueError("an RSA key of 2048 bits or more is needed")
    return key


def is_own_key(text: str) -> bool:
    """Tell whether a text is our key file for a gateway."""
    try:
        own_key(text)
    except ValueError:
        return False
    return True


def is_gateway_key(text: str) -> bool:
    """Tell whether a text is a gateway's public key."""
    try:
        gateway_key(text)
    except ValueError:
        return False
    return True


def signed_text(fields: Mapping[str, str]) -> str:
    """Give what is signed of a form: every field with a value but `sign`, sorted, as they are."""
    named = sorted((name, value) for name, value in fields.items() if name != "sign" and value)
    return "&".join(f"{name}={value}" for name, value in named)


def vouched(text: str, signature: str, keys: Sequence[str]) -> bool:
    """Tell whether one of the gateway's active keys signed a text."""
    try:
        raw = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return False
    return any(_verifies(gateway_key(key), raw, text.encode()) for key in keys)


def _verifies(key: RSAPublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed, PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True
