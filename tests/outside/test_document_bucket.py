"""Papers in an S3-compatible store: signed requests, refusals in our words."""

import hashlib
import hmac
from collections.abc import Callable
from io import BytesIO

import httpx
import pytest

from app.crypto import Keyring
from app.domain.errors import NotFound, StorageFull, StorageUnavailable
from app.outside.documents import DocumentStore, S3Place, S3Shelf
from tests.papers import PDF

PLACE = S3Place("http://store.example/papers/", "cn-test-1", "AKID", "s3cret")
KEY = "0123456789abcdef" * 2


def signed(request: httpx.Request) -> str:
    """Signature Version 4 of a request, written down from its specification."""
    told = dict(
        part.strip().split("=", 1) for part in request.headers["authorization"][16:].split(",")
    )
    day, region, service, _ = told["Credential"].split("/")[1:]
    names = told["SignedHeaders"].split(";")
    canonical = "\n".join(
        [
            request.method,
            request.url.raw_path.decode(),
            "",
            *(f"{name}:{request.headers[name].strip()}" for name in names),
            "",
            told["SignedHeaders"],
            hashlib.sha256(request.content).hexdigest(),
        ]
    )
    key = b"AWS4s3cret"
    for part in (day, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    stamp = request.headers["x-amz-date"]
    text = (
        f"AWS4-HMAC-SHA256\n{stamp}\n{day}/{region}/{service}/aws4_request\n"
        f"{hashlib.sha256(canonical.encode()).hexdigest()}"
    )
    assert {"host", "x-amz-content-sha256", "x-amz-date"} <= set(names)
    assert told["Signature"] == hmac.new(key, text.encode(), "sha256").hexdigest()
    return told["Credential"].split("/")[0]


class Bucket:
    """The wire's other end: believes nothing that is not signed."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert signed(request) == "AKID"
        path = request.url.path
        if request.method == "PUT":
            self.objects[path] = request.content
            return httpx.Response(200)
        if request.method == "DELETE":
            return httpx.Response(204 if self.objects.pop(path, None) else 404)
        found = self.objects.get(path)
        return httpx.Response(404) if found is None else httpx.Response(200, content=found)


def shelf(answer: Callable[[httpx.Request], httpx.Response]) -> S3Shelf:
    return S3Shelf(PLACE, httpx.MockTransport(answer))


async def test_a_paper_goes_into_the_bucket_enciphered_and_comes_back(keyring: Keyring) -> None:
    bucket = Bucket()
    store = DocumentStore(shelf(bucket), keyring, 100_000)
    kept = await store.save(PDF)
    ((path, content),) = bucket.objects.items()
    assert path == f"/papers/{kept.key[:2]}/{kept.key}"
    assert PDF[:20] not in content
    assert b"".join([piece async for piece in store.read(kept.key, kept.key_sealed)]) == PDF
    await store.discard(kept.key)
    await store.discard(kept.key)
    with pytest.raises(NotFound):
        await anext(store.read(kept.key, kept.key_sealed))


@pytest.mark.parametrize(
    ("status", "refusal"),
    [
        (507, StorageFull),
        (403, StorageUnavailable),
        (500, StorageUnavailable),
        (301, StorageUnavailable),
    ],
)
async def test_a_store_that_refuses_is_said(status: int, refusal: type[Exception]) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, headers={"location": "http://elsewhere.example/"})

    with pytest.raises(refusal):
        await shelf(answer).put(KEY, BytesIO(b"x"))
    with pytest.raises(StorageUnavailable):
        await anext(shelf(answer).read(KEY))


async def test_a_store_that_is_away_is_said() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("away")

    away = shelf(answer)
    for act in (away.put(KEY, BytesIO(b"x")), anext(away.read(KEY)), away.discard(KEY)):
        with pytest.raises(StorageUnavailable):
            await act


def test_the_secret_is_in_no_trace() -> None:
    assert "s3cret" not in repr(PLACE)
