"""A shelf in an S3-compatible store (MinIO, Ceph, OBS, OSS): one bucket, addressed by path."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import BinaryIO

import httpx
from httpx_auth import AWS4Auth

from app.domain.errors import StorageFull, StorageUnavailable
from app.outside.documents.shelf import CHUNK_BYTES, KEY, no_such_document
from app.outside.transport import Transport

TIMEOUT_SECONDS = 20
INSUFFICIENT = 507


@dataclass(frozen=True, slots=True)
class S3Place:
    """Where the bucket is (`https://store.example/bucket`) and the key pair that opens it."""

    url: str
    region: str
    access_key: str
    secret_key: str = field(repr=False)


class S3Shelf:
    """Keeps files as objects. A file is held in memory while it is sent: the signature covers it.

    The address is the operator's own and may lie inside the house, so it is not judged; redirects
    are not followed and proxies of the environment not used.
    """

    def __init__(self, place: S3Place, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._url = place.url.rstrip("/")
        self._client = httpx.AsyncClient(
            auth=AWS4Auth(place.access_key, place.secret_key, place.region, "s3"),
            timeout=TIMEOUT_SECONDS,
            trust_env=False,
            transport=transport or Transport(trust_env=False),
        )

    async def put(self, key: str, file: BinaryIO) -> None:
        """Store the object whole; the store answers when it is safe."""
        answer = await self._ask("PUT", key, file.read())
        if answer.status_code == INSUFFICIENT:
            raise StorageFull
        _must_be_well(answer)

    async def read(self, key: str) -> AsyncIterator[bytes]:
        """Give the object piece by piece."""
        try:
            async with self._client.stream("GET", self._place(key)) as answer:
                if answer.status_code == httpx.codes.NOT_FOUND:
                    raise no_such_document()
                _must_be_well(answer)
                async for chunk in answer.aiter_bytes(CHUNK_BYTES):
                    yield chunk
        except httpx.HTTPError as error:
            raise StorageUnavailable from error

    async def discard(self, key: str) -> None:
        """Delete the object, if it is there."""
        answer = await self._ask("DELETE", key)
        if answer.status_code != httpx.codes.NOT_FOUND:
            _must_be_well(answer)

    async def _ask(self, method: str, key: str, content: bytes | None = None) -> httpx.Response:
        try:
            return await self._client.request(method, self._place(key), content=content)
        except httpx.HTTPError as error:
            raise StorageUnavailable from error

    def _place(self, key: str) -> str:
        if not KEY.fullmatch(key):
            raise no_such_document()
        return f"{self._url}/{key[:2]}/{key}"


def _must_be_well(answer: httpx.Response) -> None:
    if not answer.is_success:
        raise StorageUnavailable
