"""What can go wrong with a key or a seal. No message ever carries a key, a text or a cipher text.

CryptoError
├── UnusableKey   a master key of the wrong length, or a key prefix of the wrong form
├── UnknownKey    sealed by a suite or a key version that this keyring does not hold
└── Tampered      altered, cut short, moved to another row, or sealed under another key
"""


class CryptoError(Exception):
    """Something is wrong with a key or a seal: a fault of ours or an attack, never a refusal."""


class UnusableKey(CryptoError):
    """A key that cannot be used as it was given."""


class UnknownKey(CryptoError):
    """The seal names a suite or a key version that this keyring does not hold."""


class Tampered(CryptoError):
    """The seal does not open here: altered, cut short, moved, or sealed under another key."""
