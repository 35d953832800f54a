"""An insurer's drop folder: what lies where, and how a file appears whole or not at all."""

import fcntl
import hashlib
import json
import os
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from app.outside.addresses import AddressRefused, Network
from app.outside.whole_files import write_whole

ADDRESS = re.compile(r"drop:([a-z0-9][a-z0-9-]{0,39})")
RESULTS = re.compile(r"results-[A-Za-z0-9._-]{1,80}\.jsonl")
DIGEST_SUFFIX = ".sha256"
FILE_BYTES_MAX = 64 * 1024 * 1024
DIGEST_BYTES_MAX = 4096


class BrokenFile(ValueError):
    """A file is not taken; `reason` is a word of ours, safe to show."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


async def check_address(address: str, allowed: Sequence[Network] = ()) -> None:
    """Check that an address names a folder: `drop:` and a name. Raises AddressRefused."""
    del allowed  # nothing is called
    if not ADDRESS.fullmatch(address):
        raise AddressRefused("address_malformed")


class DropFolder:
    """One insurer's folder. `out` and `incoming` are shared with it, the rest is ours."""

    def __init__(self, root: Path | None, address: str) -> None:
        """Raise ValueError for no root or an address that is none."""
        named = ADDRESS.fullmatch(address)
        if root is None or named is None:
            raise ValueError("no drop folder")
        self.path = root / named[1]
        self.out = self.path / "out"
        self.incoming = self.path / "in"
        self.staged = self.path / "staged"  # instructions that wait for the next batch
        self.making = self.path / "making"  # one folder per batch that is being written
        self.handed = self.path / "handed"  # a digest per instruction that went out
        self.batches = self.path / "batches"  # the control totals of each batch
        self.reading = self.path / "reading"  # our own copies of result files, while they are read
        self.taken = self.path / "taken"
        self.refused = self.path / "refused"

    def prepare(self) -> None:
        """Make sure that every folder is there, closed to others."""
        for folder in (self.out, self.incoming, self.staged, self.making, self.handed,
                       self.batches, self.reading, self.taken, self.refused):  # fmt: skip
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep a second worker out while batches are written or results taken."""
        self.prepare()
        with (self.path / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def arrived(self) -> list[Path]:
        """Give the result files that are complete, by name; links and strange names are not."""
        return sorted(
            path
            for path in self.incoming.iterdir()
            if RESULTS.fullmatch(path.name)
            and not path.is_symlink()
            and path.is_file()
            and digest_beside(path).is_file()
        )

    def copied(self, path: Path) -> Path:
        """Copy a result file and its digest out of the insurer's reach; give the copy.

        It is checked and then read again: what lies in a shared folder could change in between.
        Raises BrokenFile for what is no plain file, or too large, or gone.
        """
        copy = self.reading / path.name
        for source, target, most in (
            (path, copy, FILE_BYTES_MAX),
            (digest_beside(path), digest_beside(copy), DIGEST_BYTES_MAX),
        ):
            write_whole(target, _read_plain(source, most))
        return copy

    def forget(self, path: Path) -> None:
        """Remove the copy of a result file, if there is one."""
        copy = self.reading / path.name
        for one in (copy, digest_beside(copy)):
            one.unlink(missing_ok=True)

    def keep(self, path: Path) -> None:
        """Put a result file that was taken away."""
        self._put(path, self.taken)

    def refuse(self, path: Path, reason: str) -> None:
        """Put a broken result file aside, with the reason beside it."""
        aside = self._put(path, self.refused)
        told = {"file": path.name, "reason": reason}
        write_whole(aside.with_name(aside.name + ".reason.json"), json.dumps(told).encode())

    def _put(self, path: Path, folder: Path) -> Path:
        place, copy = folder / path.name, 1
        while place.exists():
            place, copy = folder / f"{path.name}.{copy}", copy + 1
        path.rename(place)
        digest_beside(path).rename(digest_beside(place))
        return place


def _read_plain(path: Path, most: int) -> bytes:
    """Read a plain file of at most so many bytes; a pipe or a link is none. Raises BrokenFile."""
    try:
        # Not blocking: a pipe that nobody writes into would hold the round for ever.
        opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        raise BrokenFile("file_unusable") from None
    with os.fdopen(opened, "rb") as file:
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            raise BrokenFile("file_unusable")
        raw = file.read(most + 1)
    if len(raw) > most:
        raise BrokenFile("file_too_large")
    return raw


def digest_beside(path: Path) -> Path:
    """Give the place of a file's digest."""
    return path.with_name(path.name + DIGEST_SUFFIX)


def digest_of(raw: bytes) -> str:
    """Give the SHA-256 of some bytes in hex."""
    return hashlib.sha256(raw).hexdigest()
