"""A shelf on the local disk: whole files or none, for our user's eyes only."""

import asyncio
import errno
import os
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from app.domain.errors import StorageFull
from app.observe import get_logger
from app.outside.documents.shelf import CHUNK_BYTES, KEY, no_such_document
from app.outside.whole_files import sync_folder

log = get_logger(__name__)

UNFINISHED = ".part"
STALE_SECONDS = 3600  # no upload lasts an hour: what is left from then was killed
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class LocalShelf:
    """Keeps files below `root` (made with mode 0700), two letters of the key to a folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, key: str, file: BinaryIO) -> None:
        """Write beside, sync, rename: the name appears when the bytes are safe."""
        await asyncio.to_thread(self._put, self._path(key), file)

    async def read(self, key: str) -> AsyncIterator[bytes]:
        """Give the file piece by piece, read off the event loop."""
        path = self._path(key)
        try:
            file = await asyncio.to_thread(path.open, "rb")
        except FileNotFoundError:
            raise no_such_document() from None
        try:
            while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
                yield chunk
        finally:
            await asyncio.to_thread(file.close)

    async def discard(self, key: str) -> None:
        """Remove the file, if it is there."""
        await asyncio.to_thread(self._path(key).unlink, missing_ok=True)

    def sweep(self) -> int:
        """Remove what killed uploads left half-written; give how many files."""
        swept, old = 0, time.time() - STALE_SECONDS
        for path in self._root.glob(f"*/*{UNFINISHED}"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < old:
                    path.unlink()
                    swept += 1
        return swept

    def _path(self, key: str) -> Path:
        if not KEY.fullmatch(key):
            raise no_such_document()
        return self._root / key[:2] / key

    def _put(self, path: Path, file: BinaryIO) -> None:
        unfinished = path.with_suffix(UNFINISHED)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as kept:
                shutil.copyfileobj(file, kept, CHUNK_BYTES)
                kept.flush()
                os.fsync(kept.fileno())
            unfinished.rename(path)
            sync_folder(path.parent)
        except OSError as error:
            if error.errno in _NO_ROOM:
                log.exception("storage.full")  # whoever watches the logs must make room
                raise StorageFull from error
            raise
        finally:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
