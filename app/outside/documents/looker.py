"""A program of its own: reads one file on stdin, writes what is to be kept of it to stdout.

Run by path with the media type, the most pages and the most pixels; imports nothing of ours. Its
word, one JSON object on stderr, is {"pages", "likeness"} or {"refused": reason}.

- A picture is decoded and written anew: what is not picture (place, camera, comments, anything
  that follows its end) is gone. Only the orientation and the colour profile stay. A JPEG keeps its
  quantisation, so it loses next to nothing. Its likeness is the SHA-256 of its pixels.
- A PDF is kept byte for byte, because electronic invoices are signed over their bytes. One that
  is locked or carries programs is refused. Its likeness is the SHA-256 of the file.
- An OFD (GB/T 33190, the form of Chinese electronic invoices) is a ZIP of XML, pictures and fonts.
  It too is kept byte for byte, once every entry was found to be small, plain and of a known kind.
"""

import hashlib
import json
import resource
import sys
from io import BytesIO
from typing import BinaryIO
from xml.parsers import expat
from zipfile import ZipFile, ZipInfo

CPU_SECONDS = 20
MEMORY_BYTES = 1536 * 1024 * 1024
OUTPUT_BYTES = 1024**3
ORIENTATION = 0x0112
PROGRAMS = frozenset({"/JS", "/JavaScript", "/Launch", "/RichMedia"})
# Of an OFD: how many entries, how large all of them, and one against its packed size, may be; what
# they may be. An attachment is an invoice's data in XML or nothing.
ENTRIES_MAX, EXPANDED_MAX, RATIO_MAX, SMALL = 2_000, 100_000_000, 200, 100_000
KINDS = {"xml", "png", "jpg", "jpeg", "bmp", "gif", "tif", "tiff", "jb2", "gbig2"} | {
    *("ttf", "otf", "ttc", "dat", "esl"),
}
END_OF_ZIP, END_BYTES, LINK = b"PK\x05\x06", 22, 0o12
JPEG_QUALITY = 95  # for the few whose quantisation cannot be kept (several frames in one file)


class Refused(Exception):
    """The file is not kept; the word says why."""


def main() -> None:
    """Look into one file and say what it is."""
    media_type, pages_max, pixels_max = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    _bound()
    raw = sys.stdin.buffer.read()
    try:
        if media_type == "application/pdf":
            told = _pdf(raw, pages_max, sys.stdout.buffer)
        elif media_type == "application/ofd":
            told = _ofd(raw, pages_max, sys.stdout.buffer)
        else:
            told = _picture(raw, media_type, pixels_max, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except Refused as refusal:
        told = {"refused": str(refusal)}
    except Exception:  # noqa: BLE001 - a hostile file may make its reader raise anything
        told = {"refused": "unreadable"}
    sys.stderr.write(json.dumps(told))


def _bound() -> None:
    for kind, most in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, OUTPUT_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def _picture(raw: bytes, media_type: str, pixels_max: int, out: BinaryIO) -> dict[str, object]:
    from PIL import Image  # noqa: PLC0415 - each process needs one of the two readers

    Image.MAX_IMAGE_PIXELS = None  # judged here, before a pixel is decoded
    shape = "JPEG" if media_type == "image/jpeg" else "PNG"
    picture = Image.open(BytesIO(raw), formats=(shape,))
    if picture.width * picture.height > pixels_max:
        raise Refused("pixels")
    keeps_quantisation = picture.format == "JPEG"
    orientation = picture.getexif().get(ORIENTATION)
    picture.load()
    profile, clear = picture.info.get("icc_profile"), picture.info.get("transparency")
    picture.info.clear()
    kept = Image.Exif()
    if orientation in range(2, 9):
        kept[ORIENTATION] = orientation
    if shape == "JPEG":
        quality = "keep" if keeps_quantisation else JPEG_QUALITY
        picture.save(out, shape, quality=quality, exif=kept, icc_profile=profile)
    else:
        plain = {} if clear is None else {"transparency": clear}
        picture.save(out, shape, exif=kept, icc_profile=profile, **plain)
    digest = hashlib.sha256(f"{picture.mode} {picture.size}".encode())
    digest.update(picture.tobytes())
    return {"pages": 1, "likeness": digest.hexdigest()}


def _pdf(raw: bytes, pages_max: int, out: BinaryIO) -> dict[str, object]:
    from pypdf import PdfReader  # noqa: PLC0415

    reader = PdfReader(BytesIO(raw))
    if reader.is_encrypted:
        raise Refused("locked")
    pages = len(reader.pages)
    if pages > pages_max:
        raise Refused("pages")
    numbers = {number for table in reader.xref.values() for number in table}
    for number in numbers | set(reader.xref_objStm):
        if number and _runs(reader.get_object(number)):
            raise Refused("programs")
    out.write(raw)
    return {"pages": pages, "likeness": hashlib.sha256(raw).hexdigest()}


def _ofd(raw: bytes, pages_max: int, out: BinaryIO) -> dict[str, object]:
    # Nothing before the first entry, nothing behind the last: no file of two kinds at once.
    if raw[-END_BYTES : -END_BYTES + 4] != END_OF_ZIP:
        raise Refused("not_ofd")
    pages = 0
    with ZipFile(BytesIO(raw)) as book:
        for entry in _entries(book):
            content = book.read(entry)  # checks the length and the sum that the directory tells
            if entry.filename.lower().endswith(".xml"):
                root, counted = _xml(content)
                pages += counted
                if entry.filename == "OFD.xml" and root != "OFD":
                    raise Refused("not_ofd")
    if pages > pages_max:
        raise Refused("pages")
    out.write(raw)
    return {"pages": max(1, pages), "likeness": hashlib.sha256(raw).hexdigest()}


def _entries(book: ZipFile) -> list[ZipInfo]:
    """Give the files of an OFD, before any is unpacked."""
    entries = [entry for entry in book.infolist() if not entry.is_dir()]
    names = {entry.filename for entry in entries}
    if "OFD.xml" not in names:
        raise Refused("not_ofd")
    if len(names) < len(entries) or min(entry.header_offset for entry in entries) != 0:
        raise Refused("unreadable")
    if len(entries) > ENTRIES_MAX or sum(entry.file_size for entry in entries) > EXPANDED_MAX:
        raise Refused("expands")
    for entry in entries:
        _plain_entry(entry)
    return entries


def _plain_entry(entry: ZipInfo) -> None:
    """Refuse an entry that is locked, no plain file of a known kind, or a bomb."""
    name = entry.filename
    if entry.flag_bits & 1:
        raise Refused("locked")
    if name.startswith("/") or "\\" in name or ".." in name.split("/"):
        raise Refused("unreadable")
    if entry.external_attr >> 28 == LINK or entry.compress_type not in (0, 8):
        raise Refused("unreadable")
    if name.rpartition(".")[2].lower() not in KINDS:
        raise Refused("programs")
    if entry.file_size > SMALL + RATIO_MAX * entry.compress_size:
        raise Refused("expands")


def _xml(content: bytes) -> tuple[str, int]:
    """Give the name of the root and how many pages are listed; one with a DOCTYPE is refused."""
    root = ""
    inside: list[str] = []
    counted = 0

    def begin(name: str, _attributes: object) -> None:
        nonlocal root, counted
        local = name.rpartition(":")[2]
        root = root or local
        counted += local == "Page" and inside[-1:] == ["Pages"]
        inside.append(local)

    def end(_name: str) -> None:
        inside.pop()

    def refuse(*_declared: object) -> None:
        raise Refused("unreadable")

    parser = expat.ParserCreate()
    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(content, True)  # noqa: FBT003
    return root, counted


def _runs(thing: object) -> bool:
    """Tell whether an object carries a program; other objects it points to come by themselves."""
    waiting = [thing]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            named = {str(value) for value in here.values() if isinstance(value, str)}
            if not PROGRAMS.isdisjoint(map(str, here)) or not PROGRAMS.isdisjoint(named):
                return True
            waiting.extend(here.values())
        elif isinstance(here, list):
            waiting.extend(here)
    return False


if __name__ == "__main__":
    main()
