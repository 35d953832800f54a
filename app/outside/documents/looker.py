"""A program of its own: reads one file on stdin, writes what is to be kept of it to stdout.

Run by path with the media type, the most pages and the most pixels; imports nothing of ours. Its
word, one JSON object on stderr, is {"pages", "likeness"} or {"refused": reason}.

- A picture is decoded and written anew: what is not picture (place, camera, comments, anything
  that follows its end) is gone. Only the orientation and the colour profile stay. A JPEG keeps its
  quantisation, so it loses next to nothing. Its likeness is the SHA-256 of its pixels.
- A PDF is kept byte for byte, because electronic invoices are signed over their bytes. One that
  is locked or carries programs is refused. Its likeness is the SHA-256 of the file.
"""

import hashlib
import json
import resource
import sys
from io import BytesIO
from typing import BinaryIO

CPU_SECONDS = 20
MEMORY_BYTES = 1536 * 1024 * 1024
OUTPUT_BYTES = 1024**3
ORIENTATION = 0x0112
PROGRAMS = frozenset({"/JS", "/JavaScript", "/Launch", "/RichMedia"})
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
