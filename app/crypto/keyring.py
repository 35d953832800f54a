"""The keyring: every key of the service, derived from one master key, each for one purpose."""

import hmac
import os
import re
import secrets
import string

from cryptography.exceptions import InvalidTag

from app.crypto.errors import Tampered, UnknownKey, UnusableKey
from app.crypto.intl import IntlSuite
from app.crypto.suite import Cipher, Suite

SUITES: dict[str, type[Suite]] = {"intl": IntlSuite}
MASTER_KEY_BYTES = 32
KEY_VERSION = 1
NONCE_BYTES = 12
HEAD_BYTES = 2 + NONCE_BYTES
TAG_BYTES = 16
MAC_KEY_BYTES = 32

_API_KEY_ALPHABET = string.ascii_letters + string.digits
_API_KEY_CHARACTERS = 43  # 43 characters out of 62 are 256 bits: no slow hash is needed
_API_KEY_PREFIX = re.compile(r"[a-z]+(_[a-z]+)*")


class Keyring:
    """All keys, derived from a 32-byte random master key. Keeps no text and logs nothing.

    Raises UnusableKey for a master key of another length or a suite nobody built.
    """

    def __init__(self, master_key: bytes, suite: str = "intl") -> None:
        if len(master_key) != MASTER_KEY_BYTES:
            raise UnusableKey(f"The master key must be {MASTER_KEY_BYTES} bytes long.")
        if suite not in SUITES:
            raise UnusableKey(f"No such cipher suite; known: {', '.join(SUITES)}.")
        self._suite = SUITES[suite]()
        self._master_key = master_key
        self._head = bytes((self._suite.number, KEY_VERSION))
        self._cipher: Cipher = self._suite.cipher(
            self._suite.derive(master_key, "seal", self._suite.cipher_key_bytes)
        )
        self._mac_keys: dict[str, bytes] = {}

    def __repr__(self) -> str:
        """Show nothing: a keyring may end up in a trace."""
        return "Keyring(...)"

    def seal(self, plaintext: bytes, aad: str) -> bytes:
        """Encipher for one place. `aad` is `table.column.rowid`; elsewhere it will not open.

        Shape: suite byte, key version byte, 12-byte nonce, cipher text with its 16-byte tag.
        Sealing the same text twice gives different bytes. The head is authenticated too.
        """
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, plaintext, self._bound(aad))
        return self._head + nonce + sealed

    def open_sealed(self, blob: bytes, aad: str) -> bytes:
        """Decipher what was sealed for the same place.

        Raises Tampered when it was altered, cut or moved; UnknownKey for another suite or version.
        """
        if len(blob) < HEAD_BYTES + TAG_BYTES:
            raise Tampered("The sealed value is too short.")
        if blob[:2] != self._head:
            raise UnknownKey("Sealed by a suite or key version that this keyring does not hold.")
        try:
            return self._cipher.decrypt(blob[2:HEAD_BYTES], blob[HEAD_BYTES:], self._bound(aad))
        except InvalidTag:
            raise Tampered("The sealed value was altered or moved.") from None

    def blind_index(self, purpose: str, normalised: str) -> bytes:
        """Give 32 bytes to look a value up by, without storing it. Equal values, equal bytes.

        `purpose` names the kind of value (`person.id_number`), so that two columns cannot be
        joined on their indexes; `normalised` comes from the functions in `normal`.
        """
        return self._mac(f"blind/{purpose}", normalised.encode())

    def key_digest(self, token: str) -> bytes:
        """Give the 32 bytes an API key is stored as: keyed, so a stolen table gives no key away."""
        return self._mac("api-key", token.encode())

    def cursor_mac(self, payload: bytes) -> bytes:
        """Give the 32 bytes that prove that a paging cursor is ours."""
        return self._mac("cursor", payload)

    def _mac(self, purpose: str, message: bytes) -> bytes:
        key = self._mac_keys.get(purpose)
        if key is None:
            key = self._suite.derive(self._master_key, purpose, MAC_KEY_BYTES)
            self._mac_keys[purpose] = key
        return self._suite.mac(key, message)

    def _bound(self, aad: str) -> bytes:
        return self._head + aad.encode()


def same_digest(left: bytes, right: bytes) -> bool:
    """Compare two digests in constant time; nothing else may compare secrets."""
    return hmac.compare_digest(left, right)


def new_api_key(prefix: str) -> str:
    """Make a random API key `<prefix>_<43 letters and digits>`, 256 bits; shown once, never stored.

    `prefix` tells what the key is for (`rk_test`, `rk_live`). Raises UnusableKey for another form.
    """
    prefix = prefix.removesuffix("_")
    if not _API_KEY_PREFIX.fullmatch(prefix):
        raise UnusableKey("A key's prefix is lower-case words joined by underscores.")
    body = "".join(secrets.choice(_API_KEY_ALPHABET) for _ in range(_API_KEY_CHARACTERS))
    return f"{prefix}_{body}"
