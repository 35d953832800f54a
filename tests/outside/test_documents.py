"""Papers are kept whole or not at all, under names of our making."""

import errno
import hashlib
import io
import os
import stat
from pathlib import Path

import pytest

from app.domain.errors import (
    DocumentTooLarge,
    DocumentTypeUnsupported,
    NotFound,
    StorageFull,
)
from app.outside.documents import CHUNK_BYTES, DocumentStore, StoredDocument

PDF = b"%PDF-1.7\n" + b"x" * 100
JPEG = b"\xff\xd8\xff\xe0" + b"x" * 100
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 100
LIMIT = 3 * CHUNK_BYTES


@pytest.fixture
def store(tmp_path: Path) -> DocumentStore:
    return DocumentStore(tmp_path / "papers", LIMIT)


def kept(tmp_path: Path) -> list[Path]:
    return [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("content", "media_type"),
    [(PDF, "application/pdf"), (JPEG, "image/jpeg"), (PNG, "image/png")],
)
async def test_a_paper_comes_back_as_it_was(
    store: DocumentStore, content: bytes, media_type: str
) -> None:
    document = await store.save(content)
    assert document == StoredDocument(
        document.key, hashlib.sha256(content).hexdigest(), len(content), media_type
    )
    with store.open(document.key) as file:
        assert file.read() == content


async def test_a_stream_of_exactly_the_limit_is_kept(store: DocumentStore, tmp_path: Path) -> None:
    content = PDF.ljust(LIMIT, b"x")
    document = await store.save(io.BytesIO(content))
    assert document.size == LIMIT
    assert [path.read_bytes() for path in kept(tmp_path)] == [content]


async def test_one_byte_more_is_too_large_and_leaves_nothing(
    store: DocumentStore, tmp_path: Path
) -> None:
    with pytest.raises(DocumentTooLarge) as refusal:
        await store.save(PDF.ljust(LIMIT + 1, b"x"))
    assert refusal.value.limit_bytes == LIMIT
    assert "192 KB" in refusal.value.detail_zh
    assert kept(tmp_path) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF",
        b" %PDF-1.7",
        b"<html>%PDF-1.7",
        b"PK\x03\x04",
        b"GIF89a",
        b"<svg/>",
        b"\xff\xd8",
    ],
)
async def test_a_paper_is_what_it_begins_with(
    store: DocumentStore, tmp_path: Path, content: bytes
) -> None:
    with pytest.raises(DocumentTypeUnsupported) as refusal:
        await store.save(content)
    assert refusal.value.accepted == ("application/pdf", "image/jpeg", "image/png")
    assert kept(tmp_path) == []


async def test_only_our_user_may_read_what_is_kept(store: DocumentStore, tmp_path: Path) -> None:
    await store.save(PDF)
    [path] = kept(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_the_same_paper_twice_is_two_files_that_go_separately(store: DocumentStore) -> None:
    first, second = await store.save(PDF), await store.save(PDF)
    assert first.sha256 == second.sha256
    await store.discard(first.key)
    await store.discard(first.key)
    with pytest.raises(NotFound):
        store.open(first.key)
    store.open(second.key).close()


@pytest.mark.parametrize("key", ["", "..", "../../etc/passwd", "a" * 31, "A" * 32, "0" * 32, "0\0"])
def test_a_key_that_is_not_ours_opens_nothing(store: DocumentStore, key: str) -> None:
    with pytest.raises(NotFound):
        store.open(key)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
async def test_a_full_disk_is_said_and_leaves_nothing(
    store: DocumentStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageFull) as refusal:
        await store.save(PDF)
    assert refusal.value.code == "service.not_ready"
    assert kept(tmp_path) == []


async def test_another_fault_of_the_disk_is_no_refusal(
    store: DocumentStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_descriptor: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="error"):
        await store.save(PDF)
    assert kept(tmp_path) == []
