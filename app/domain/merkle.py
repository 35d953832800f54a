"""A Merkle tree over lines, so that two sides can compare a day by one number.

The tree of RFC 9162 section 2.1.1: a leaf is SHA-256 of 0x00 and its bytes, a node SHA-256 of 0x01
and its two children; the root of nothing is SHA-256 of nothing. Only one hash per level is held.
"""

from hashlib import sha256


def leaf_hash(content: bytes) -> bytes:
    """Give the hash of one leaf."""
    return sha256(b"\x00" + content).digest()


class MerkleTree:
    """Takes leaves in their order; memory grows with the logarithm of their number."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, bytes]] = []  # (leaves below, hash), widest first
        self.count = 0

    def add(self, leaf: bytes) -> None:
        """Add the hash of the next leaf."""
        self.count += 1
        width, node = 1, leaf
        while self._waiting and self._waiting[-1][0] == width:
            node = _node(self._waiting.pop()[1], node)
            width *= 2
        self._waiting.append((width, node))

    @property
    def root(self) -> bytes:
        """Give the root over the leaves so far."""
        if not self._waiting:
            return sha256().digest()
        found = self._waiting[-1][1]
        for _, left in reversed(self._waiting[:-1]):
            found = _node(left, found)
        return found


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()
