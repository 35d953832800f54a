"""The keyring: every key of the service, derived from the master keys, each for one purpose.

Several versions of the master key may be held at once. The first one writes; the others only open
and find what was written before them, until `relief keys rotate` has brought everything over.
"""

import hmac
import os
import re
import secrets
import string
from collections.abc import Sequence

from app.crypto.data_key import DataKey, suite_and_key
from app.crypto.errors import UnknownKey, UnusableKey
from app.crypto.generation import Generation, head_of, open_under, seal_under
from app.crypto.gm import GmSuite
from app.crypto.intl import IntlSuite
from app.crypto.signing import Signer, is_signed_with, public_key_of, sign_with
from app.crypto.suite import Suite

SUITES: dict[str, Suite] = {"intl": IntlSuite(), "gm": GmSuite()}
MASTER_KEY_BYTES = 32
FIRST_VERSION, LAST_VERSION = 1, 255

_BY_NUMBER = {suite.number: suite for suite in SUITES.values()}
_API_KEY_ALPHABET = string.ascii_letters + string.digits
_API_KEY_CHARACTERS = 43  # 43 characters out of 62 are 256 bits: no slow hash is needed
_API_KEY_PREFIX = re.compile(r"[a-z]+(_[a-z]+)*")

MasterKey = tuple[int, str, bytes]  # version (1 to 255), suite, 32 random bytes


class Keyring:
    """All keys of one or several master keys. Keeps no text and logs nothing.

    Raises UnusableKey for a master key of another length or a suite nobody built.
    """

    def __init__(self, master_key: bytes, suite: str = "intl") -> None:
        self._take(((FIRST_VERSION, suite, master_key),))

    @classmethod
    def of(cls, keys: Sequence[MasterKey], signer: Signer | None = None) -> "Keyring":
        """Hold several master keys; the first one writes. Raises UnusableKey, as for one.

        `signer` signs in place of our own key, which goes on vouching for what it signed before.
        """
        ring = cls.__new__(cls)
        ring._take(tuple(keys), signer)  # noqa: SLF001 - the other way to make one of ourselves
        return ring

    def _take(self, keys: tuple[MasterKey, ...], signer: Signer | None = None) -> None:
        if not keys or len({version for version, _, _ in keys}) < len(keys):
            raise UnusableKey("Master keys need versions of their own.")
        for version, suite, key in keys:
            if len(key) != MASTER_KEY_BYTES:
                raise UnusableKey(f"The master key must be {MASTER_KEY_BYTES} bytes long.")
            if suite not in SUITES:
                raise UnusableKey(f"No such cipher suite; known: {', '.join(SUITES)}.")
            if not FIRST_VERSION <= version <= LAST_VERSION:
                raise UnusableKey(f"A version is {FIRST_VERSION} to {LAST_VERSION}.")
        own = [Generation(SUITES[suite], version, key) for version, suite, key in keys]
        # After a switch of the suite alone, the same master key still opens the other suite's.
        others = [
            Generation(other, version, key)
            for version, suite, key in keys
            for name, other in SUITES.items()
            if name != suite
        ]
        self._signer = signer
        self._writing = own[0]
        self._own = tuple(own)
        self._held = (*own, *others)
        self._by_head = {each.head: each for each in self._held}

    def __repr__(self) -> str:
        """Show nothing: a keyring may end up in a trace."""
        return "Keyring(...)"

    @property
    def head(self) -> bytes:
        """The two bytes that everything sealed now begins with: suite number and key version."""
        return self._writing.head

    @property
    def versions(self) -> tuple[int, ...]:
        """The versions of the master key that are held; the first one writes."""
        return tuple(each.version for each in self._own)

    def seal(self, plaintext: bytes, aad: str) -> bytes:
        """Encipher for one place. `aad` is `table.column.rowid`; elsewhere it will not open.

        Shape: suite byte, key version byte, 12-byte nonce, cipher text with its 16-byte tag.
        Sealing the same text twice gives different bytes. The head is authenticated too.
        """
        return seal_under(self._writing.cipher, self._writing.head, plaintext, aad)

    def open_sealed(self, blob: bytes, aad: str) -> bytes:
        """Decipher what was sealed for the same place, under any master key that is held.

        Raises Tampered when it was altered, cut or moved; UnknownKey for another suite or version.
        """
        held = self._by_head.get(bytes(head_of(blob)))
        if held is None:
            raise UnknownKey("Sealed by a suite or key version that this keyring does not hold.")
        return open_under(held.cipher, blob, aad)

    def is_current(self, blob: bytes) -> bool:
        """Tell whether a seal is of the suite and the master key that write now."""
        return blob[:2] == self._writing.head

    def new_data_key(self, place: str) -> tuple[bytes, DataKey]:
        """Make somebody's own key: sealed for its place, and opened."""
        suite = self._writing.suite
        key = os.urandom(suite.cipher_key_bytes)
        return self.seal(bytes((suite.number,)) + key, place), DataKey(suite, key)

    def open_data_key(self, blob: bytes, place: str) -> DataKey:
        """Open a sealed data key. Raises what `open_sealed` raises."""
        number, key = suite_and_key(self.open_sealed(blob, place))
        suite = _BY_NUMBER.get(number)
        if suite is None:
            raise UnknownKey("A data key of a suite that this keyring does not know.")
        return DataKey(suite, key)

    def is_current_data_key(self, key: DataKey) -> bool:
        """Tell whether a data key is one of the suite that writes now."""
        return key.suite_number == self._writing.suite.number

    def blind_index(self, purpose: str, normalised: str) -> bytes:
        """Give 32 bytes to look a value up by, without storing it. Equal values, equal bytes.

        `purpose` names the kind of value (`person.id_number`), so that two columns cannot be
        joined on their indexes; `normalised` comes from the functions in `normal`.
        """
        return self._writing.mac(f"blind/{purpose}", normalised.encode())

    def blind_indexes(self, purpose: str, normalised: str) -> tuple[bytes, ...]:
        """Give every index under which a value may be filed: today's first, then older keys'."""
        message = normalised.encode()
        return tuple(each.mac(f"blind/{purpose}", message) for each in self._held)

    def unique_indexes(self, purpose: str, normalised: str) -> tuple[bytes, ...]:
        """Give one index per master key, for rows that must stay unique while keys rotate."""
        message = normalised.encode()
        return tuple(each.mac(f"blind/{purpose}", message) for each in self._own)

    def key_digest(self, token: str) -> bytes:
        """Give the 33 bytes an API key is stored as: the suite's number and its digest.

        A token is 256 random bits, so a plain digest gives none away; and it outlives every
        rotation of the master key, which nobody can make again from a digest.
        """
        suite = self._writing.suite
        return bytes((suite.number,)) + suite.digest(f"relief/api-key/{token}".encode())

    def key_digests(self, token: str) -> tuple[bytes, ...]:
        """Give every digest a token may be stored as, today's first; the last are keyed ones."""
        message = f"relief/api-key/{token}".encode()
        plain = {bytes((suite.number,)) + suite.digest(message) for suite in SUITES.values()}
        today = self.key_digest(token)
        keyed = (each.mac("api-key", token.encode()) for each in self._held)
        return (today, *sorted(plain - {today}), *keyed)

    def seeds(self, purpose: str) -> tuple[bytes, ...]:
        """Give 32 bytes per master key to make signing keys of, today's first.

        The same for every process of the service; an older key's still verifies what it signed.
        """
        return tuple(each.mac(f"seed/{purpose}", b"") for each in self._own)

    def cursor_mac(self, payload: bytes) -> bytes:
        """Give the 32 bytes that prove that a paging cursor is ours."""
        return self._writing.mac("cursor", payload)

    def cursor_macs(self, payload: bytes) -> tuple[bytes, ...]:
        """Give every proof that a cursor of ours may bear, today's first."""
        return tuple(each.mac("cursor", payload) for each in self._held)

    def sign(self, message: bytes) -> bytes:
        """Sign for others: whoever has the public key can check it, nobody else can make it."""
        if self._signer is not None:
            return self._signer.sign(message)
        return sign_with(self._writing.signing_seed(), message)

    def vouches(self, message: bytes, signature: bytes) -> bool:
        """Tell whether a signature is ours, of today's master key or of one that is still held."""
        if self._signer is not None and self._signer.verify(message, signature):
            return True
        return any(is_signed_with(each.signing_seed(), message, signature) for each in self._held)

    def public_key(self) -> bytes:
        """Give the bytes that check what is signed now (32 of Ed25519); they are no secret."""
        if self._signer is not None:
            return self._signer.public_key()
        return public_key_of(self._writing.signing_seed())


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
