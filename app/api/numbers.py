"""The numbers and codes that stand in paths. One of another form names nothing: a 404, not a 422,

and it never reaches the database.
"""

import re
from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import BeforeValidator

from app.domain.errors import NotFound


def _formed(pattern: str) -> Callable[[str], str]:
    form = re.compile(pattern, re.ASCII)

    def check(text: str) -> str:
        if not form.fullmatch(text):
            raise NotFound("没有找到。", "There is no such thing.")
        return text

    return check


def _uuid(text: str | UUID) -> UUID:
    if isinstance(text, UUID):
        return text
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("没有找到。", "There is no such thing.") from None


NoticeNo = Annotated[
    str,
    BeforeValidator(_formed(r"\d{6}-\d{4}-\d{6,9}")),
    Path(description="报案号 · notice number", examples=["990127-2026-000123"]),
]
ClaimNo = Annotated[
    str,
    BeforeValidator(_formed(r"\d{6}-\d{4}-\d{6,9}-\d{1,3}")),
    Path(description="赔案号 · claim number", examples=["990127-2026-000123-1"]),
]
SerialNo = Annotated[
    str,
    BeforeValidator(_formed(r"\d{1,18}")),
    Path(description="流水号 · serial number", examples=["17"]),
]
LaneKey = Annotated[
    str,
    BeforeValidator(_formed(r"[0-9a-z][0-9a-z:_-]{0,63}")),
    Path(description="通道 · lane", examples=["insurer:demo-insurer"]),
]
Code = Annotated[
    str,
    BeforeValidator(_formed(r"[0-9A-Za-z][0-9A-Za-z._-]{0,63}")),
    Path(description="代码或编号 · a code or number"),
]
RowId = Annotated[UUID, BeforeValidator(_uuid), Path(description="编号 · id")]
