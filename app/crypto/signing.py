"""Signatures that others can check: Ed25519 (RFC 8032), whatever suite seals.

The private key is derived from a master key and never leaves this room; the public key is no
secret. What one version of the master key signed, its holder still vouches for after a rotation.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SEED_BYTES = 32


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
