"""Result files: checked to the last row and the last fen before any row is taken."""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.domain.errors import Invalid
from app.domain.money import parse_yuan
from app.outside.insurers.batch.folder import FILE_BYTES_MAX, BrokenFile, digest_beside
from app.outside.strict_json import NotStrictJson, parse_object

FORMAT = "relief-results/1"
LINE_BYTES_MAX = 64 * 1024
WORD_CHARACTERS_MAX = 64


@dataclass(frozen=True, slots=True)
class Checked:
    """A result file whose digest, count and total are right; `total_fen` is over all amounts."""

    file_no: str
    made_at: str
    sha256: str
    count: int
    total_fen: int


def check_results(path: Path, insurer: str) -> Checked:
    """Read the whole file once and hold it against its header and its digest.

    The header line is {"format", "file_no", "insurer", "made_at", "count", "total"}, each further
    line {"row", "type", "data"} with rows numbered from 1 and data as in a callback. Raises
    BrokenFile.
    """
    told = _told_digest(path)
    digest, count, total_fen, header = hashlib.sha256(), 0, 0, None
    for number, line in enumerate(_lines(path)):
        digest.update(line)
        parsed = _parsed(line, number)
        if number == 0:
            header = _header(parsed, insurer)
            continue
        count += 1
        total_fen += _amount(parsed, number)
    if header is None:
        raise BrokenFile("header_missing")
    if digest.hexdigest() != told:
        raise BrokenFile("digest_differs")
    if count != header.count:
        raise BrokenFile("count_differs")
    if total_fen != header.total_fen:
        raise BrokenFile("total_differs")
    return Checked(header.file_no, header.made_at, told, count, total_fen)


def rows_of(path: Path, checked: Checked) -> Iterator[tuple[int, bytes]]:
    """Give every row of a checked file as (number, the JSON of a callback's body)."""
    for number, line in enumerate(_lines(path)):
        if number > 0:
            row = parse_object(line)
            event = {"type": row["type"], "timestamp": checked.made_at, "data": row["data"]}
            yield number, json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def _told_digest(path: Path) -> str:
    with digest_beside(path).open("rb") as file:
        words = file.read(LINE_BYTES_MAX).split()
    try:
        return words[0].decode("ascii").lower()
    except (IndexError, UnicodeDecodeError):
        raise BrokenFile("digest_unreadable") from None


def _lines(path: Path) -> Iterator[bytes]:
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        if os.fstat(file.fileno()).st_size > FILE_BYTES_MAX:
            raise BrokenFile("file_too_large")
        while line := file.readline(LINE_BYTES_MAX + 1):
            if len(line) > LINE_BYTES_MAX:
                raise BrokenFile("line_too_long")
            yield line


def _parsed(line: bytes, number: int) -> dict[str, object]:
    try:
        return parse_object(line)
    except NotStrictJson:
        raise BrokenFile(f"row_{number}_unreadable" if number else "header_unreadable") from None


def _header(header: dict[str, object], insurer: str) -> Checked:
    match header:
        case {
            "format": "relief-results/1",
            "file_no": str(file_no),
            "insurer": str(named),
            "made_at": str(made_at),
            "count": int(count),
            "total": str(total),
        } if 0 < len(file_no) <= WORD_CHARACTERS_MAX and len(made_at) <= WORD_CHARACTERS_MAX:
            if named != insurer:
                raise BrokenFile("insurer_differs")
            return Checked(file_no, made_at, "", count, _fen(total, "total_malformed"))
    raise BrokenFile("header_malformed")


def _amount(row: dict[str, object], number: int) -> int:
    """Give a row's amount in fen, zero for news without one."""
    match row:
        case {"row": int(told), "type": str(), "data": dict(data)} if told == number:
            amount = data.get("amount")
            if amount is None:
                return 0
            if isinstance(amount, str):
                return _fen(amount, f"row_{number}_amount")
            raise BrokenFile(f"row_{number}_amount")
    raise BrokenFile(f"row_{number}_malformed")


def _fen(amount: str, reason: str) -> int:
    try:
        return parse_yuan(amount)
    except Invalid:
        raise BrokenFile(reason) from None
