"""THE GROUND, ciphers: seals, blind indexes, key digests; a cipher suite is one file."""

from app.crypto.data_key import DataKey, is_under_data_key
from app.crypto.errors import CryptoError, Tampered, UnknownKey, UnusableKey
from app.crypto.keyring import Keyring, new_api_key, same_digest
from app.crypto.normal import normalise_account, normalise_id, normalise_phone
from app.crypto.signing import Signer, load_signer

__all__ = [
    "CryptoError",
    "DataKey",
    "Keyring",
    "Signer",
    "Tampered",
    "UnknownKey",
    "UnusableKey",
    "is_under_data_key",
    "load_signer",
    "new_api_key",
    "normalise_account",
    "normalise_id",
    "normalise_phone",
    "same_digest",
]
