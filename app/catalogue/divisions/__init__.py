"""Administrative divisions of the country, province to township, as one dated file."""

import csv
import lzma
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from io import StringIO
from pathlib import Path

from app.domain.caller import level_of
from app.domain.errors import Fault, Invalid

AS_OF = date(2023, 6, 30)
CODE_DIGITS = 12
NAME_CHARACTERS_MAX = 100


@dataclass(frozen=True, slots=True)
class Division:
    """One division by its 12-digit statistical code."""

    code: int
    name_zh: str


@cache
def load_divisions() -> tuple[Division, ...]:
    """Give every division from province to township, by code, as of AS_OF."""
    raw = files(__package__).joinpath(f"{AS_OF}.txt.xz").read_bytes()
    lines = lzma.decompress(raw).decode().splitlines()
    return tuple(Division(int(code), name) for code, name in (line.split(" ", 1) for line in lines))


def read_villages(path: Path) -> tuple[Division, ...]:
    """Read a county's villages: CSV with the columns `code` and `name`, UTF-8 with or without BOM.

    Raises Invalid with a fault for each line that is wrong; OSError when it cannot be read.
    """
    try:
        rows = list(csv.DictReader(StringIO(path.read_bytes().decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error):
        raise Invalid(_fault(1, "不是 UTF-8 的 CSV 文件", "no CSV file in UTF-8")) from None
    found, faults = [], []
    for line, row in enumerate(rows, start=2):
        code, name = (row.get("code") or "").strip(), (row.get("name") or "").strip()
        if not (code.isascii() and code.isdigit() and len(code) == CODE_DIGITS):
            faults.append(_fault(line, "code 应为 12 位区划代码", "code must be 12 digits"))
        elif level_of(int(code)) != "village":
            faults.append(_fault(line, "不是村级代码", "not the code of a village"))
        elif not 0 < len(name) <= NAME_CHARACTERS_MAX:
            faults.append(_fault(line, "name 为空或过长", "name is empty or too long"))
        else:
            found.append(Division(int(code), name))
    if faults or not found:
        raise Invalid(*(faults or [_fault(2, "没有数据行", "no rows")]))
    return tuple(found)


def _fault(line: int, message_zh: str, message_en: str) -> Fault:
    return Fault(f"/{line}", "validation.failed", f"第 {line} 行：{message_zh}", message_en)
