"""Have an uploaded file looked into by a process of its own, under limits of time and memory.

A hostile picture or PDF may hang, crash or take over its reader: what it reaches is a process that
holds nothing but this one file, and that the kernel ends.
"""

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.domain.errors import DocumentTypeUnsupported, DocumentUnusable

# What a file is, is told by how it begins; names and declared types are the sender's word only.
BEGINNINGS: dict[bytes, str] = {
    b"%PDF-": "application/pdf",
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"PK\x03\x04": "application/ofd",
}
MEDIA_TYPES = tuple(BEGINNINGS.values())
LOOKER = Path(__file__).with_name("looker.py")
PATIENCE_SECONDS = 30.0
VERDICT_BYTES_MAX = 4096


@dataclass(frozen=True, slots=True)
class Limits:
    """How many pages a PDF or OFD and how many pixels a picture may have."""

    pages: int = 200
    pixels: int = 64_000_000


@dataclass(frozen=True, slots=True)
class Look:
    """What was found: `pages` of a PDF or OFD (else one), `likeness` in hex (see looker.py)."""

    media_type: str
    pages: int
    likeness: str


def media_type_of(beginning: bytes) -> str:
    """Tell what a file is by its first bytes. Raises DocumentTypeUnsupported."""
    for known, media_type in BEGINNINGS.items():
        if beginning.startswith(known):
            return media_type
    raise DocumentTypeUnsupported(MEDIA_TYPES)


async def look_into(raw: BinaryIO, cleaned: BinaryIO, media_type: str, limits: Limits) -> Look:
    """Look into `raw` and write what is to be kept of it to `cleaned`; both are real files.

    Raises DocumentUnusable, also when the looker crashed, was ended, or took too long.
    """
    looker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", str(LOOKER)),
        *(media_type, str(limits.pages), str(limits.pixels)),
        stdin=raw,
        stdout=cleaned,
        stderr=asyncio.subprocess.PIPE,
        env={},
    )
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            _, told = await looker.communicate()
    except TimeoutError:
        raise DocumentUnusable("unreadable") from None
    finally:
        if looker.returncode is None:
            looker.kill()
            await looker.wait()
    verdict = _verdict(told) if looker.returncode == 0 else {}
    match verdict:
        case {"pages": int(pages), "likeness": str(likeness)}:
            return Look(media_type, pages, likeness)
        case {"refused": str(reason)} if reason in DocumentUnusable.REASONS:
            raise DocumentUnusable(reason)
    raise DocumentUnusable("unreadable")


def _verdict(told: bytes) -> object:
    try:
        return json.loads(told[:VERDICT_BYTES_MAX])
    except ValueError:
        return {}
