"""What a cipher suite must offer: the port behind which a certified module may stand.

A suite's number is the first byte of everything it seals, so it is given once and for ever. A
module that keeps its keys inside takes the master key for the name of one of them. A new suite is
one file beside `intl` and `gm`, plus its line in the keyring's SUITES.
"""

from typing import Protocol

TAG_BYTES = 16


class Cipher(Protocol):
    """Authenticated encryption under one key; the tag is the tail of the cipher text."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Encipher and authenticate."""

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Decipher; raise `cryptography.exceptions.InvalidTag` when anything was altered."""


class Suite(Protocol):
    """A set of algorithms that are used together."""

    number: int
    cipher_key_bytes: int

    def derive(self, master_key: bytes, purpose: str, length: int) -> bytes:
        """Derive a sub-key of `length` bytes that serves one purpose only."""

    def cipher(self, key: bytes) -> Cipher:
        """Make the authenticated cipher for a key of `cipher_key_bytes`."""

    def mac(self, key: bytes, message: bytes) -> bytes:
        """Give the keyed digest of a message, 32 bytes, never cut."""

    def digest(self, message: bytes) -> bytes:
        """Give the digest of a message, 32 bytes."""
