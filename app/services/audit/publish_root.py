"""Publish a root: where every chain stands now, signed, as a file."""

from pathlib import Path

from app.db.audit import trail_heads
from app.db.session import Tx
from app.domain.trail_root import ChainHead, TrailRoot
from app.outside.trail_roots import publish_root as write_root


async def publish_root(tx: Tx, folder: Path) -> tuple[Path, TrailRoot]:
    """Write the root of all chains of the caller's range into a folder; give file and root."""
    heads = [ChainHead(head.chain, head.seq, head.hash) for head in await trail_heads(tx)]
    root = TrailRoot(await tx.now(), tuple(heads))
    signed = {
        "public_key": tx.keyring.public_key().hex(),
        "signature": tx.keyring.sign(root.signed_bytes()).hex(),
    }
    return write_root(folder, root.at, root.told() | signed), root
