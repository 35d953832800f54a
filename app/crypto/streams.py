"""Enciphering whole files piece by piece: no piece can be altered, moved, dropped or cut off.

A file is a row of 64 KiB pieces, each with its 16-byte tag. A piece's nonce is its number and
whether it is the last, under a key that serves one file only (the STREAM construction of Hoang,
Reyhanitabar, Rogaway and Vizár, 2015); so nothing is let out before it was authenticated.
"""

from collections.abc import Iterator

from cryptography.exceptions import InvalidTag

from app.crypto.errors import Tampered
from app.crypto.suite import Cipher

PIECE_BYTES = 64 * 1024
TAG_BYTES = 16
_COUNTER_BYTES = 11


class Sealing:
    """Enciphers one file under a key of its own; `aad` names the place where the file belongs."""

    def __init__(self, cipher: Cipher, aad: str) -> None:
        self._cipher = cipher
        self._aad = aad.encode()
        self._pieces = _Pieces(PIECE_BYTES)

    def update(self, data: bytes) -> bytes:
        """Take plain bytes, give what is enciphered by now."""
        return b"".join(self._seal(number, piece) for number, piece in self._pieces.whole(data))

    def finish(self) -> bytes:
        """Give the last piece; without it the file does not open."""
        number, rest = self._pieces.rest()
        return self._seal(number, rest, last=True)

    def _seal(self, number: int, piece: bytes, *, last: bool = False) -> bytes:
        return self._cipher.encrypt(_nonce(number, last=last), piece, self._aad)


class Opening:
    """Deciphers one file. Raises Tampered as soon as a piece is not what was sealed."""

    def __init__(self, cipher: Cipher, aad: str) -> None:
        self._cipher = cipher
        self._aad = aad.encode()
        self._pieces = _Pieces(PIECE_BYTES + TAG_BYTES)

    def update(self, data: bytes) -> bytes:
        """Take enciphered bytes, give what is authenticated and open by now."""
        return b"".join(self._open(number, piece) for number, piece in self._pieces.whole(data))

    def finish(self) -> bytes:
        """Give the last piece. Raises Tampered when the file was cut off or went on."""
        number, rest = self._pieces.rest()
        return self._open(number, rest, last=True)

    def _open(self, number: int, piece: bytes, *, last: bool = False) -> bytes:
        try:
            return self._cipher.decrypt(_nonce(number, last=last), piece, self._aad)
        except (InvalidTag, ValueError):  # a ValueError when it is shorter than a tag
            raise Tampered("A piece of the file was altered, moved or cut off.") from None


class _Pieces:
    """Cuts a stream into numbered pieces; holds one back, as it may be the last."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._held = b""
        self._next = 0

    def whole(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        held = self._held + data
        start = 0
        while len(held) - start > self._size:
            yield self._next, held[start : start + self._size]
            self._next += 1
            start += self._size
        self._held = held[start:]

    def rest(self) -> tuple[int, bytes]:
        return self._next, self._held


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(_COUNTER_BYTES) + bytes((last,))
