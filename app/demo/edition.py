"""Which demo this is: other terms, tables or people make another county, in a folder of its own."""

import fcntl
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

CODE = Path(__file__).resolve().parents[2]
MADE_FROM = (
    "migrations/versions/*.py",
    "app/catalogue/schemes/*.yaml",
    "app/domain/*.py",  # how terms are written as JSON, and what is computed from them
    "app/demo/*.py",
)
SHOWN = 12


def folder_of(data_dir: Path) -> Path:
    """Give the demo's folder: named by a digest of migrations, terms and the seed itself."""
    made = sha256()
    for pattern in MADE_FROM:
        for path in sorted(CODE.glob(pattern)):
            made.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return data_dir / f"demo-{made.hexdigest()[:SHOWN]}"


def sweep(folder: Path, stop: Callable[[Path], object]) -> None:
    """Remove the counties of other editions, unless one of them is being played just now.

    `stop` ends the database server of a county that a killed demo left running.
    """
    for old in folder.parent.glob("demo-*"):
        lock = old / "demo.lock"
        if old == folder or not lock.exists():
            continue
        with lock.open("a") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            stop(old)
            shutil.rmtree(old, ignore_errors=True)
