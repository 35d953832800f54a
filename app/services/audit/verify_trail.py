"""Verify the trail: every link, every row it tells of, and every root that was published."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.crypto import Keyring
from app.db.audit import Head, TrailFault, links_at, trail_faults, trail_heads
from app.db.session import Tx
from app.domain.trail_root import TrailRoot, root_told
from app.outside.trail_roots import PublishedRoot, published_roots


@dataclass(frozen=True, slots=True)
class TrailVerified:
    """What was found; without `faults` all rows of all chains are as they were written."""

    chains: int
    rows: int
    roots: int
    faults: tuple[TrailFault, ...]


async def verify_trail(tx: Tx, folder: Path | None = None) -> TrailVerified:
    """Verify the chains of the caller's range, and hold them against the roots in a folder.

    Somebody with every right on the database can write a chain anew from any row on; only a root
    that left the house shows that.
    """
    heads = await trail_heads(tx)
    faults = await trail_faults(tx)
    published = [] if folder is None else published_roots(folder)
    for one in published:
        faults += await _against(tx, one)
    return TrailVerified(len(heads), sum(head.seq for head in heads), len(published), tuple(faults))


async def _against(tx: Tx, published: PublishedRoot) -> list[TrailFault]:
    root = root_told(published.told)
    if root is None or not _signed(tx.keyring, published, root):
        return [TrailFault(0, 0, f"root {published.name} is not ours, or was changed")]
    mine = [
        Head(head.chain, head.seq, head.hash) for head in root.heads if tx.caller.covers(head.chain)
    ]
    return _faults(published.name, mine, await links_at(tx, mine))


def _faults(
    name: str, heads: Sequence[Head], links: dict[tuple[int, int], bytes | None]
) -> list[TrailFault]:
    found = []
    for head in heads:
        now = links.get((head.chain, head.seq))
        if now != head.hash:
            what = "missing, was in" if now is None else "differs from"
            found.append(TrailFault(head.chain, head.seq, f"{what} {name}"))
    return found


def _signed(keyring: Keyring, published: PublishedRoot, root: TrailRoot) -> bool:
    try:
        signature = bytes.fromhex(str(published.told.get("signature", "")))
    except ValueError:
        return False
    return keyring.vouches(root.signed_bytes(), signature)
