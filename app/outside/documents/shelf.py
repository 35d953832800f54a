"""What a shelf must offer: somewhere to keep enciphered files under names of our making."""

import re
from collections.abc import AsyncIterator
from typing import BinaryIO, Protocol

from app.domain.errors import NotFound

KEY = re.compile(r"[0-9a-f]{32}")
CHUNK_BYTES = 256 * 1024


class Shelf(Protocol):
    """A place for files; a key is 32 hex digits that the store made, never a name from outside."""

    async def put(self, key: str, file: BinaryIO) -> None:
        """Keep a file whole or not at all; when this returns, it survives a crash.

        Raises StorageFull, StorageUnavailable.
        """

    def read(self, key: str) -> AsyncIterator[bytes]:
        """Give a kept file piece by piece. Raises NotFound, StorageUnavailable."""

    async def discard(self, key: str) -> None:
        """Remove a file, if it is there. Raises StorageUnavailable."""


def no_such_document() -> NotFound:
    """Make the refusal for a file that is not there."""
    return NotFound("没有这份材料。", "There is no such document.")
