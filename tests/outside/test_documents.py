"""Papers are cleaned, enciphered, and kept whole or not at all, under names of our making."""

import asyncio
import errno
import hashlib
import io
import os
import stat
import time
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from app.crypto import Keyring, Tampered
from app.domain.errors import (
    DocumentTooLarge,
    DocumentTypeUnsupported,
    DocumentUnusable,
    NotFound,
    StorageFull,
    StorageUnavailable,
)
from app.outside.documents import DocumentStore, LocalShelf, looking
from app.outside.documents import store as keeping
from app.outside.documents.looking import Limits
from tests.papers import ORIENTATION, PDF, SECRET_WORD, blank_pages, jpeg, ofd, pdf, picture, png

LIMIT = 200_000


@pytest.fixture
def shelf(tmp_path: Path) -> LocalShelf:
    return LocalShelf(tmp_path / "papers")


@pytest.fixture
def store(shelf: LocalShelf, keyring: Keyring) -> DocumentStore:
    return DocumentStore(shelf, keyring, LIMIT, Limits(pages=3, pixels=100_000))


def kept(tmp_path: Path) -> list[Path]:
    return [path for path in tmp_path.rglob("*") if path.is_file()]


async def read(store: DocumentStore, key: str, key_sealed: bytes | None) -> bytes:
    return b"".join([piece async for piece in store.read(key, key_sealed)])


async def test_a_pdf_comes_back_byte_for_byte(store: DocumentStore, tmp_path: Path) -> None:
    document = await store.save(io.BytesIO(PDF))
    assert (document.media_type, document.pages, document.size) == ("application/pdf", 1, len(PDF))
    assert document.sha256 == document.likeness == hashlib.sha256(PDF).hexdigest()
    assert await read(store, document.key, document.key_sealed) == PDF
    [path] = kept(tmp_path)
    assert PDF[:20] not in path.read_bytes()


async def test_an_electronic_invoice_comes_back_byte_for_byte(store: DocumentStore) -> None:
    content = ofd({"Doc_0/Attachs/original_invoice.xml": b"<Invoice/>", "Doc_0/Res/a.png": png()})
    document = await store.save(content)
    assert (document.media_type, document.pages) == ("application/ofd", 1)
    assert document.likeness == hashlib.sha256(content).hexdigest()
    assert await read(store, document.key, document.key_sealed) == content


@pytest.mark.parametrize(
    ("content", "media_type"), [(jpeg(), "image/jpeg"), (png(), "image/png")], ids=["jpeg", "png"]
)
async def test_a_picture_keeps_what_it_shows_and_loses_what_it_tells(
    store: DocumentStore, content: bytes, media_type: str
) -> None:
    assert SECRET_WORD in content
    document = await store.save(content)
    back = await read(store, document.key, document.key_sealed)
    assert (document.media_type, document.pages) == (media_type, 1)
    assert (document.sha256, document.size) == (hashlib.sha256(back).hexdigest(), len(back))
    assert SECRET_WORD not in back
    with Image.open(io.BytesIO(back)) as shown:
        assert not shown.getexif()
        before = Image.open(io.BytesIO(content)).convert("L").tobytes()
        after = shown.convert("L").tobytes()
        assert max(abs(a - b) for a, b in zip(before, after, strict=True)) <= 2


async def test_a_photograph_taken_sideways_is_still_shown_upright(store: DocumentStore) -> None:
    document = await store.save(jpeg(orientation=6))
    back = await read(store, document.key, document.key_sealed)
    with Image.open(io.BytesIO(back)) as shown:
        assert dict(shown.getexif()) == {ORIENTATION: 6}


async def test_the_same_picture_is_known_again_under_other_metadata(store: DocumentStore) -> None:
    out = io.BytesIO()
    picture().save(out, "PNG")
    first, second, other = [
        await store.save(content) for content in (png(), out.getvalue(), png(colour=(1, 1, 1)))
    ]
    assert first.likeness == second.likeness != other.likeness


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF",
        b" %PDF-1.7",
        b"<html>%PDF-1.7",
        b"PK\x05\x06",
        b"\x00\x00\x00\x18ftypheic",
        b"GIF89a",
        b"<svg/>",
        b"\xff\xd8",
        rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*",
        b"MZ\x90\x00",
    ],
)
async def test_f84_a_paper_is_what_it_begins_with(
    store: DocumentStore, tmp_path: Path, content: bytes
) -> None:
    with pytest.raises(DocumentTypeUnsupported) as refusal:
        await store.save(content)
    assert refusal.value.accepted == looking.MEDIA_TYPES
    assert kept(tmp_path) == []


BOMB = picture(size=(2000, 2000))
SCRIPT = b"<< /S /JavaScript /JS (app.alert(1)) >>"


def _saved(made: Image.Image, shape: str) -> bytes:
    out = io.BytesIO()
    made.save(out, shape)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"%PDF-1.7\n" + b"x" * 100, "unreadable"),
        (b"\xff\xd8\xff\xe0" + b"x" * 100, "unreadable"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 100, "unreadable"),
        (jpeg()[:-200], "unreadable"),
        (png()[:-40], "unreadable"),
        (_saved(BOMB, "PNG"), "pixels"),
        (pdf(SCRIPT, catalog=b"/OpenAction 4 0 R"), "programs"),
        (pdf(b"<< /S /Launch /F (cmd.exe) >>"), "programs"),
        (pdf(b"<<>>", catalog=b"/Names << /JavaScript << /Names [(a) 4 0 R] >> >>"), "programs"),
        (blank_pages(4), "pages"),
        (b"PK\x03\x04" + b"x" * 100, "not_ofd"),
        (ofd(root=b"<w:document/>"), "not_ofd"),
        (ofd()[: len(ofd()) - 40], "not_ofd"),
        (ofd() + b"<script>", "not_ofd"),
        (ofd({"run.exe": b"MZ"}), "programs"),
        (ofd({"../x.xml": b"<x/>"}), "unreadable"),
        (ofd({"x.xml": b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"}), "unreadable"),
        (ofd({"x.xml": b"<x>" + b" " * 30_000_000 + b"</x>"}), "expands"),
        (ofd({f"{n}.xml": b"<x/>" for n in range(2_001)}), "expands"),
        (ofd(pages=4), "pages"),
    ],
    ids=[
        *("no pdf behind", "no jpeg behind", "no png behind", "photo cut off", "png cut off"),
        *("pixel bomb", "javascript", "launch", "named script", "too many pages"),
        *("no ofd behind", "another archive", "ofd cut off", "something behind an ofd"),
        *("program in an ofd", "path out of it", "entities", "zip bomb", "many entries"),
        "too many pages of an ofd",
    ],
)  # fmt: skip
async def test_f84_what_cannot_be_a_paper_is_refused_with_the_reason(
    store: DocumentStore, tmp_path: Path, content: bytes, reason: str
) -> None:
    with pytest.raises(DocumentUnusable) as refusal:
        await store.save(content)
    assert (refusal.value.reason, refusal.value.code) == (reason, "document.unusable")
    assert kept(tmp_path) == []


@pytest.mark.parametrize("content", [jpeg(), png()], ids=["jpeg", "png"])
async def test_f84_what_hides_behind_a_picture_is_gone(
    store: DocumentStore, content: bytes
) -> None:
    hidden = b"<script>alert(1)</script>"
    document = await store.save(content + hidden)
    assert hidden not in await read(store, document.key, document.key_sealed)


async def test_f84_a_file_that_hangs_its_reader_is_refused_in_time(
    store: DocumentStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "PATIENCE_SECONDS", 0.001)
    with pytest.raises(DocumentUnusable):
        await store.save(jpeg())
    assert kept(tmp_path) == []


async def test_f84_a_reader_that_the_kernel_ended_is_a_refusal(
    store: DocumentStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killer = tmp_path / "killer.py"
    killer.write_text("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    monkeypatch.setattr(looking, "LOOKER", killer)
    with pytest.raises(DocumentUnusable):
        await store.save(PDF)


async def test_one_byte_more_is_too_large_and_leaves_nothing(
    shelf: LocalShelf, keyring: Keyring, tmp_path: Path
) -> None:
    exact = DocumentStore(shelf, keyring, len(PDF))
    assert (await exact.save(PDF)).size == len(PDF)
    short = DocumentStore(LocalShelf(tmp_path / "other"), keyring, len(PDF) - 1)
    with pytest.raises(DocumentTooLarge) as refusal:
        await short.save(PDF)
    assert refusal.value.limit_bytes == len(PDF) - 1
    assert kept(tmp_path / "other") == []


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
        await read(store, first.key, first.key_sealed)
    assert await read(store, second.key, second.key_sealed) == PDF


async def test_a_file_exchanged_on_the_disk_does_not_open(
    store: DocumentStore, tmp_path: Path
) -> None:
    mine, other = await store.save(PDF), await store.save(PDF + b"\n")
    paths = {path.name: path for path in kept(tmp_path)}
    paths[mine.key].write_bytes(paths[other.key].read_bytes())
    with pytest.raises(Tampered):
        await read(store, mine.key, mine.key_sealed)
    with pytest.raises(Tampered):  # nor does the other's key help
        await read(store, mine.key, other.key_sealed)


async def test_a_paper_of_before_they_were_enciphered_is_still_read(
    store: DocumentStore, shelf: LocalShelf
) -> None:
    await shelf.put("0" * 32, io.BytesIO(PDF))
    assert await read(store, "0" * 32, None) == PDF


@pytest.mark.parametrize(
    "key", ["", "..", "../../etc/passwd", "a" * 31, "A" * 32, "0" * 32, "0\0", "CON", "a" * 300]
)
async def test_f83_a_key_that_is_not_ours_opens_nothing(shelf: LocalShelf, key: str) -> None:
    with pytest.raises(NotFound):
        await anext(shelf.read(key))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
async def test_f16_a_full_disk_is_said_and_leaves_nothing(
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


async def test_what_killed_uploads_left_is_swept_and_nothing_else(
    store: DocumentStore, shelf: LocalShelf, tmp_path: Path
) -> None:
    whole = await store.save(PDF)
    folder = tmp_path / "papers" / "00"
    folder.mkdir()
    old, fresh = folder / f"{'0' * 32}.part", folder / f"{'1' * 32}.part"
    old.touch()
    fresh.touch()
    os.utime(old, (time.time() - 7200,) * 2)
    assert shelf.sweep() == 1
    assert sorted(path.name for path in kept(tmp_path)) == sorted([whole.key, fresh.name])


async def test_many_uploads_at_once_are_all_kept(store: DocumentStore) -> None:
    kept_all = await asyncio.gather(*(store.save(PDF) for _ in range(6)))
    assert len({document.key for document in kept_all}) == 6
    assert {replace(one, key="", key_sealed=b"") for one in kept_all} == {
        replace(kept_all[0], key="", key_sealed=b"")
    }


async def test_who_waits_too_long_for_a_look_is_told_to_come_again(
    store: DocumentStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by a storm: two minutes of uploads stood in the queue whose callers had long gone."""
    slow = tmp_path / "slow.py"
    slow.write_text("import time; time.sleep(600)")
    monkeypatch.setattr(looking, "LOOKER", slow)
    monkeypatch.setattr(looking, "PATIENCE_SECONDS", 3.0)
    monkeypatch.setattr(keeping, "TURN_SECONDS", 0.2)
    busy = [asyncio.create_task(store.save(PDF)) for _ in range(keeping.LOOKERS)]
    await asyncio.sleep(0.5)
    with pytest.raises(StorageUnavailable):
        await store.save(PDF)
    ended = await asyncio.gather(*busy, return_exceptions=True)
    assert [type(one) for one in ended] == [DocumentUnusable] * keeping.LOOKERS
    monkeypatch.undo()
    assert (await store.save(PDF)).pages == 1  # every place was given back
