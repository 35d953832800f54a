"""A root: where every chain of the audit trail stood at an instant, in a form that can be signed.

Handed out of the house (a store with a retention lock, the insurers, a printed page), it holds
whoever has rights on the database to what the trail said then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from app.domain.merkle import MerkleTree, leaf_hash

FORMAT = "relief-trail-root/1"


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The last link of one county's chain."""

    chain: int
    seq: int
    hash: bytes

    def line(self) -> str:
        """Give the head in one line, as it is hashed and signed."""
        return f"{self.chain} {self.seq} {self.hash.hex()}"


@dataclass(frozen=True, slots=True)
class TrailRoot:
    """All heads at an instant (UTC), by county."""

    at: datetime
    heads: tuple[ChainHead, ...]

    @property
    def root(self) -> bytes:
        """Give the Merkle root over the heads: one number to print and to compare."""
        tree = MerkleTree()
        for head in self.heads:
            tree.add(leaf_hash(head.line().encode()))
        return tree.root

    def signed_bytes(self) -> bytes:
        """Give the very bytes that are signed."""
        lines = (FORMAT, self.at.astimezone(UTC).isoformat(), *(h.line() for h in self.heads))
        return "\n".join(lines).encode()

    def told(self) -> dict[str, object]:
        """Give the root as it is written into its file, before the signature."""
        return {
            "format": FORMAT,
            "at": self.at.astimezone(UTC).isoformat(),
            "heads": [[head.chain, head.seq, head.hash.hex()] for head in self.heads],
            "root": self.root.hex(),
        }


def root_told(told: Mapping[str, object]) -> TrailRoot | None:
    """Read a root out of its file; None for anything that is none, or does not hold together."""
    match told:
        case {
            "format": "relief-trail-root/1",
            "at": str(at),
            "heads": list(heads),
            "root": str(root),
        }:
            try:
                read = TrailRoot(datetime.fromisoformat(at), tuple(_head(one) for one in heads))
            except (TypeError, ValueError):
                return None
            return read if read.root.hex() == root else None
    return None


def _head(told: Sequence[object]) -> ChainHead:
    chain, seq, digest = told
    if not isinstance(chain, int) or not isinstance(seq, int) or not isinstance(digest, str):
        raise TypeError("a head is two numbers and a hash")
    return ChainHead(chain, seq, bytes.fromhex(digest))
