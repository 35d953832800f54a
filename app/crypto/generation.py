"""One generation of keys: a suite, a version of the master key, and what derives from both."""

import os

from cryptography.exceptions import InvalidTag

from app.crypto.errors import Tampered
from app.crypto.signing import SEED_BYTES
from app.crypto.suite import TAG_BYTES, Cipher, Suite

NONCE_BYTES = 12
HEAD_BYTES = 2 + NONCE_BYTES
MAC_KEY_BYTES = 32


def seal_under(cipher: Cipher, head: bytes, plaintext: bytes, place: str) -> bytes:
    """Give head, random nonce, cipher text and tag; head and place are authenticated."""
    nonce = os.urandom(NONCE_BYTES)
    return head + nonce + cipher.encrypt(nonce, plaintext, head + place.encode())


def open_under(cipher: Cipher, blob: bytes, place: str) -> bytes:
    """Open what `seal_under` gave. Raises Tampered when it was altered or moved."""
    try:
        return cipher.decrypt(blob[2:HEAD_BYTES], blob[HEAD_BYTES:], blob[:2] + place.encode())
    except InvalidTag:
        raise Tampered("The sealed value was altered or moved.") from None


def head_of(blob: bytes) -> tuple[int, int]:
    """Give suite number and key version of a seal. Raises Tampered when it is too short."""
    if len(blob) < HEAD_BYTES + TAG_BYTES:
        raise Tampered("The sealed value is too short.")
    return blob[0], blob[1]


class Generation:
    """The keys of one suite and one version of the master key."""

    def __init__(self, suite: Suite, version: int, master_key: bytes) -> None:
        self.suite = suite
        self.version = version
        self.head = bytes((suite.number, version))
        self._master_key = master_key
        key = suite.derive(master_key, "seal", suite.cipher_key_bytes)
        self.cipher: Cipher = suite.cipher(key)
        self._mac_keys: dict[str, bytes] = {}

    def mac(self, purpose: str, message: bytes) -> bytes:
        """Give the keyed digest for one purpose, 32 bytes."""
        key = self._mac_keys.get(purpose)
        if key is None:
            key = self.suite.derive(self._master_key, purpose, MAC_KEY_BYTES)
            self._mac_keys[purpose] = key
        return self.suite.mac(key, message)

    def signing_seed(self) -> bytes:
        """Give the 32 bytes from which the signing key of this generation is made."""
        return self.suite.derive(self._master_key, "sign", SEED_BYTES)
