"""The tree over a day's lines is the one of RFC 9162, whatever its size."""

from hashlib import sha256

import pytest

from app.domain.merkle import MerkleTree, leaf_hash


def by_the_book(leaves: list[bytes]) -> bytes:
    """Split at the largest power of two below the number of leaves, as the RFC says."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha256(b"\x01" + by_the_book(leaves[:half]) + by_the_book(leaves[half:])).digest()


@pytest.mark.parametrize("count", [*range(20), 127, 128, 1_000])
def test_the_root_is_that_of_the_standard(count: int) -> None:
    leaves = [leaf_hash(str(n).encode()) for n in range(count)]
    tree = MerkleTree()
    for leaf in leaves:
        tree.add(leaf)
    assert tree.root == by_the_book(leaves)
    assert len(tree._waiting) <= 10


def test_the_root_of_one_known_leaf() -> None:
    """The published root of a tree whose only entry is empty (RFC 9162, section 2.1.1)."""
    tree = MerkleTree()
    tree.add(leaf_hash(b""))
    assert tree.root.hex().startswith("6e340b9cffb37a98")
