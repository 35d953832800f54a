"""The document store on the local disk: names of our making, whole files or none."""

import asyncio
import errno
import hashlib
import os
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from app.domain.errors import (
    DocumentTooLarge,
    DocumentTypeUnsupported,
    NotFound,
    StorageFull,
)

CHUNK_BYTES = 64 * 1024
# What a file is, is told by how it begins; names and declared types are the sender's word only.
BEGINNINGS: dict[bytes, str] = {
    b"%PDF-": "application/pdf",
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
}
MEDIA_TYPES = tuple(BEGINNINGS.values())

_KEY = re.compile(r"[0-9a-f]{32}")
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A kept file: the key to open it by, its SHA-256 in hex, its size in bytes, its media type."""

    key: str
    sha256: str
    size: int
    media_type: str


class DocumentStore:
    """Keeps files below `root` (made with mode 0700), each at most `max_bytes` long."""

    def __init__(self, root: Path, max_bytes: int) -> None:
        self._root = root
        self._max_bytes = max_bytes

    async def save(self, source: BinaryIO | bytes) -> StoredDocument:
        """Keep what `source` holds; when this returns, it survives a crash.

        Raises DocumentTooLarge, DocumentTypeUnsupported, StorageFull; then nothing is left behind.
        """
        stream = BytesIO(source) if isinstance(source, bytes) else source
        return await asyncio.to_thread(self._save, stream)

    def open(self, key: str) -> BinaryIO:
        """Open a kept file for reading; the caller closes it. Raises NotFound."""
        try:
            return self._path(key).open("rb")
        except FileNotFoundError:
            raise NotFound("没有这份材料。", "There is no such document.") from None

    async def discard(self, key: str) -> None:
        """Remove a kept file, if it is there: for when the transaction that names it failed."""
        await asyncio.to_thread(self._path(key).unlink, missing_ok=True)

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise NotFound("没有这份材料。", "There is no such document.")
        return self._root / key[:2] / key

    def _save(self, stream: BinaryIO) -> StoredDocument:
        key = secrets.token_hex(16)
        path = self._path(key)
        unfinished = path.with_suffix(".part")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            document = self._write(stream, unfinished, key)
            unfinished.rename(path)
            _sync_folder(path.parent)
        except OSError as error:
            if error.errno in _NO_ROOM:
                raise StorageFull from error
            raise
        finally:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
        return document

    def _write(self, stream: BinaryIO, path: Path, key: str) -> StoredDocument:
        first = stream.read(CHUNK_BYTES)
        media_type = _media_type(first)
        digest, size = hashlib.sha256(), 0
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            chunk = first
            while chunk:
                size += len(chunk)
                if size > self._max_bytes:
                    raise DocumentTooLarge(self._max_bytes)
                digest.update(chunk)
                file.write(chunk)
                chunk = stream.read(CHUNK_BYTES)
            file.flush()
            os.fsync(file.fileno())
        return StoredDocument(key, digest.hexdigest(), size, media_type)


def _media_type(first: bytes) -> str:
    for beginning, media_type in BEGINNINGS.items():
        if first.startswith(beginning):
            return media_type
    raise DocumentTypeUnsupported(MEDIA_TYPES)


def _sync_folder(folder: Path) -> None:
    """Make the new name itself durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
