"""THE GROUND, ciphers: seals, blind indexes, key digests; a cipher suite is one file."""

from app.crypto.errors import CryptoError, Tampered, UnknownKey, UnusableKey
from app.crypto.keyring import Keyring, new_api_key, same_digest
from app.crypto.normal import normalise_account, normalise_id, normalise_phone

__all__ = [
    "CryptoError",
    "Keyring",
    "Tampered",
    "UnknownKey",
    "UnusableKey",
    "new_api_key",
    "normalise_account",
    "normalise_id",
    "normalise_phone",
    "same_digest",
]
