"""A data key: one person's own key. Who destroys it makes everything sealed under it unreadable."""

from app.crypto.errors import Tampered, UnknownKey
from app.crypto.generation import head_of, open_under, seal_under
from app.crypto.suite import Cipher, Suite

OWN_KEY = 0  # the version byte of what is sealed under a data key and not under a master key


class DataKey:
    """One opened data key; seals and opens the fields of its owner's row."""

    def __init__(self, suite: Suite, key: bytes) -> None:
        self.suite_number = suite.number
        self._head = bytes((suite.number, OWN_KEY))
        self._cipher = suite.cipher(key)

    @property
    def cipher(self) -> Cipher:
        """The cipher itself, for a file that is sealed piece by piece: see streams.py."""
        return self._cipher

    def __repr__(self) -> str:
        """Show nothing: a key may end up in a trace."""
        return "DataKey(...)"

    def seal(self, plaintext: bytes, place: str) -> bytes:
        """Encipher for one place, `table.column.rowid`; elsewhere it will not open."""
        return seal_under(self._cipher, self._head, plaintext, place)

    def open_sealed(self, blob: bytes, place: str) -> bytes:
        """Decipher what was sealed for the same place. Raises Tampered, UnknownKey."""
        if bytes(head_of(blob)) != self._head:
            raise UnknownKey("Sealed under another key than this data key.")
        return open_under(self._cipher, blob, place)


def is_under_data_key(blob: bytes) -> bool:
    """Tell whether a seal needs its owner's data key."""
    return len(blob) > 1 and blob[1] == OWN_KEY


def suite_and_key(opened: bytes) -> tuple[int, bytes]:
    """Part an opened data key into its suite's number and the key itself."""
    if not opened:
        raise Tampered("The data key is empty.")
    return opened[0], opened[1:]
