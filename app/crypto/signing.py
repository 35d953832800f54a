"""Signatures that others can check: Ed25519 (RFC 8032), or a module's where one is set.

The private key is derived from a master key and never leaves this room; the public key is no
secret. What one version of the master key signed, its holder still vouches for after a rotation.
SM2 (GB/T 32918) comes from a certified module only, whose key is its own: no SM2 of ours would pass
an assessment. The setting names a function `package.module:function` that gives a `Signer`.
"""

import importlib
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.crypto.errors import UnusableKey

SEED_BYTES = 32


class Signer(Protocol):
    """What a module that signs offers, SM2 for one; its private key stays inside."""

    def sign(self, message: bytes) -> bytes:
        """Give the signature of a message."""

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Tell whether a signature is this module's."""

    def public_key(self) -> bytes:
        """Give the bytes by which anybody checks what is signed."""


def load_signer(name: str | None) -> Signer | None:
    """Open the module that a setting names, None without one. Raises UnusableKey."""
    if name is None:
        return None
    module, _, function = name.partition(":")
    try:
        signer: Signer = getattr(importlib.import_module(module), function)()
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise UnusableKey(f"The signing module cannot be opened: {type(error).__name__}.") from None
    return signer


def sign_with(seed: bytes, message: bytes) -> bytes:
    """Give the 64 bytes of a signature; the same message always has the same."""
    return Ed25519PrivateKey.from_private_bytes(seed).sign(message)


def public_key_of(seed: bytes) -> bytes:
    """Give the 32 bytes by which anybody checks what was signed with a seed."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def is_signed_with(seed: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether a signature was made with a seed."""
    try:
        Ed25519PrivateKey.from_private_bytes(seed).public_key().verify(signature, message)
    except InvalidSignature:
        return False
    return True
