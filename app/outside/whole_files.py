"""A file appears whole or not at all, also when the power was cut."""

import os
from pathlib import Path


def write_whole(path: Path, raw: bytes) -> None:
    """Write a file (mode 0600) beside its name, sync it, and give it its name."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)  # of a crash; or a link that somebody laid there
    fresh = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with os.fdopen(os.open(part, fresh, 0o600), "wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make new names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
