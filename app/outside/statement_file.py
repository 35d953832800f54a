"""A statement as a CSV file: read twice and never held, checked to the last fen before it is taken.

UTF-8 with or without a byte order mark, or GB18030 as Chinese spreadsheets write it.
"""

import codecs
import csv
import hashlib
import io
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from app.domain.errors import Fault, Invalid
from app.domain.statement import (
    MOST_FAULTS,
    StatementLine,
    Totals,
    check_totals,
    read_header,
    read_rows,
    read_totals,
)

FILE_BYTES_MAX = 64 * 1024 * 1024
LINES_MAX = 500_000
PIECE_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file whose every line can be taken; `sha256` in hex is of its very bytes."""

    sha256: str
    encoding: str
    totals: Totals


def check_file(file: BinaryIO, day: date) -> CheckedFile:
    """Read the whole file and hold it against its own control totals.

    `day` is the statement's day. Raises Invalid with at most twenty faults, each naming its row;
    then no row is taken.
    """
    sha256, encoding = _whole(file)
    found, faults = Totals(), []
    with _rows(file, encoding) as rows:
        totals = read_totals(next(rows, []))
        for one in read_rows(rows, read_header(next(rows, [])), day):
            if isinstance(one, Fault):
                faults.append(one)
                if len(faults) == MOST_FAULTS:
                    break
            else:
                found = found.plus(one)
            if found.count > LINES_MAX:
                raise _broken(f"最多 {LINES_MAX} 行，请分开送交。", "There are too many rows.")
    if faults:
        raise Invalid(*faults)
    check_totals(found, totals)
    return CheckedFile(sha256, encoding, totals)


def lines_of(file: BinaryIO, checked: CheckedFile, day: date) -> Iterator[StatementLine]:
    """Give the lines of a checked file again, one by one."""
    with _rows(file, checked.encoding) as rows:
        next(rows)
        for one in read_rows(rows, read_header(next(rows)), day):
            assert isinstance(one, StatementLine), "the file was checked"
            yield one


def _whole(file: BinaryIO) -> tuple[str, str]:
    """Give the digest of the bytes and their encoding."""
    digest, size = hashlib.sha256(), 0
    utf8: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8-sig")()
    file.seek(0)
    while piece := file.read(PIECE_BYTES):
        size += len(piece)
        if size > FILE_BYTES_MAX:
            raise _broken("文件过大，请分开送交。", "The file is too large.")
        digest.update(piece)
        utf8 = _still(utf8, piece, final=False)
    return digest.hexdigest(), "utf-8-sig" if _still(utf8, b"", final=True) else "gb18030"


def _still(
    decoder: codecs.IncrementalDecoder | None, piece: bytes, *, final: bool
) -> codecs.IncrementalDecoder | None:
    if decoder is not None:
        try:
            decoder.decode(piece, final)
        except UnicodeDecodeError:
            return None
    return decoder


@contextmanager
def _rows(file: BinaryIO, encoding: str) -> Generator[Iterator[list[str]]]:
    file.seek(0)
    text = io.TextIOWrapper(file, encoding, newline="")
    try:
        yield csv.reader(text, strict=True)
    except UnicodeDecodeError:
        raise _broken(
            "文件编码应为 UTF-8 或 GB18030。", "The file is neither UTF-8 nor GB18030."
        ) from None
    except csv.Error:
        raise _broken("文件不是有效的 CSV。", "The file is no valid CSV.") from None
    finally:
        text.detach()


def _broken(message_zh: str, message_en: str) -> Invalid:
    return Invalid(Fault("/file", "validation.failed", message_zh, message_en))
