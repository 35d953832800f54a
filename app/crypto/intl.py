"""The `intl` suite: AES-256-GCM, HMAC-SHA256, HKDF-SHA256 (NIST SP 800-38D, RFC 2104, RFC 5869)."""

import hashlib
import hmac

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.crypto.suite import Cipher


class IntlSuite:
    """International algorithms; the default."""

    number = 1
    cipher_key_bytes = 32

    def derive(self, master_key: bytes, purpose: str, length: int) -> bytes:
        """HKDF-SHA256 without salt (the master key is uniformly random); the purpose is `info`."""
        info = f"relief/{purpose}".encode()
        return HKDF(hashes.SHA256(), length=length, salt=None, info=info).derive(master_key)

    def cipher(self, key: bytes) -> Cipher:
        """AES-256-GCM with a 16-byte tag."""
        return AESGCM(key)

    def mac(self, key: bytes, message: bytes) -> bytes:
        """HMAC-SHA256, all 32 bytes."""
        return hmac.digest(key, message, "sha256")

    def digest(self, message: bytes) -> bytes:
        """SHA-256, 32 bytes."""
        return hashlib.sha256(message).digest()
