"""The document store: what comes in is looked into, cleaned and enciphered before it is kept."""

import asyncio
import hashlib
import secrets
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import BinaryIO

from app.crypto import Keyring
from app.crypto.streams import PIECE_BYTES, Opening, Sealing
from app.domain.errors import DocumentTooLarge, StorageUnavailable
from app.outside.documents.looking import Limits, Look, look_into, media_type_of
from app.outside.documents.shelf import Shelf

BEGINNING_BYTES = 16
LOOKERS = 2  # at once in one process: each may take a core and a good deal of memory
# Longer waits nobody: callers give up and come again, and the queue would be of the absent.
TURN_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A kept file: its key on the shelf, what opens it (sealed), and what it is.

    `sha256` (hex) and `size` (bytes) are those of the cleaned content, as it will be read again.
    """

    key: str
    key_sealed: bytes = field(repr=False)
    sha256: str
    size: int
    media_type: str
    pages: int
    likeness: str


class DocumentStore:
    """Keeps papers on a shelf, each at most `max_bytes` long, each under a key of its own.

    A file that no row names (the process died before its commit) cannot be opened by anybody: its
    key went with the row.
    """

    def __init__(
        self, shelf: Shelf, keyring: Keyring, max_bytes: int, limits: Limits | None = None
    ) -> None:
        self._shelf = shelf
        self._keyring = keyring
        self._max_bytes = max_bytes
        self._limits = limits or Limits()
        self._lookers = asyncio.Semaphore(LOOKERS)

    async def save(self, source: BinaryIO | bytes) -> StoredDocument:
        """Keep what `source` holds; when this returns, it survives a crash.

        Raises DocumentTooLarge, DocumentTypeUnsupported, DocumentUnusable, StorageFull,
        StorageUnavailable; then nothing is left behind.
        """
        stream = BytesIO(source) if isinstance(source, bytes) else source
        # Files without a name: nothing in clear stays behind, whatever happens to the process.
        with (
            tempfile.TemporaryFile() as raw,
            tempfile.TemporaryFile() as cleaned,
            tempfile.TemporaryFile() as sealed,
        ):
            media_type = await asyncio.to_thread(self._take, stream, raw)
            look = await self._look(raw, cleaned, media_type)
            document = await asyncio.to_thread(self._seal, cleaned, sealed, look)
            await self._shelf.put(document.key, sealed)
        return document

    async def _look(self, raw: BinaryIO, cleaned: BinaryIO, media_type: str) -> Look:
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await self._lookers.acquire()
        except TimeoutError:
            raise StorageUnavailable from None
        try:
            return await look_into(raw, cleaned, media_type, self._limits)
        finally:
            self._lookers.release()

    async def read(self, key: str, key_sealed: bytes | None) -> AsyncIterator[bytes]:
        """Give a paper piece by piece, each authenticated before it is let out.

        `key_sealed` None: it was kept in clear, before papers were enciphered. Raises NotFound,
        StorageUnavailable, and Tampered when the file is not the one that was kept.
        """
        pieces = self._shelf.read(key)
        if key_sealed is None:
            async for chunk in pieces:
                yield chunk
            return
        data_key = self._keyring.open_data_key(key_sealed, _key_place(key))
        opening = Opening(data_key.cipher, _place(key))
        async for chunk in pieces:
            yield opening.update(chunk)
        yield opening.finish()

    async def discard(self, key: str) -> None:
        """Remove a kept file, if it is there: for when the transaction that names it failed."""
        await self._shelf.discard(key)

    def _take(self, stream: BinaryIO, raw: BinaryIO) -> str:
        """Copy what comes in, up to the bound; tell what it is."""
        beginning = stream.read(BEGINNING_BYTES)
        media_type = media_type_of(beginning)
        raw.write(beginning)
        while chunk := stream.read(PIECE_BYTES):
            raw.write(chunk)
            if raw.tell() > self._max_bytes:
                raise DocumentTooLarge(self._max_bytes)
        raw.seek(0)
        return media_type

    def _seal(self, cleaned: BinaryIO, sealed: BinaryIO, look: Look) -> StoredDocument:
        key = secrets.token_hex(16)
        key_sealed, data_key = self._keyring.new_data_key(_key_place(key))
        sealing, digest = Sealing(data_key.cipher, _place(key)), hashlib.sha256()
        cleaned.seek(0)
        while chunk := cleaned.read(PIECE_BYTES):
            digest.update(chunk)
            sealed.write(sealing.update(chunk))
        size = cleaned.tell()
        sealed.write(sealing.finish())
        sealed.seek(0)
        return StoredDocument(
            key, key_sealed, digest.hexdigest(), size, look.media_type, look.pages, look.likeness
        )


def _key_place(key: str) -> str:
    return f"document.key_sealed.{key}"


def _place(key: str) -> str:
    return f"document.content.{key}"
