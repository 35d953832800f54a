"""List the schemes."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from app.db.schemes import versions
from app.db.session import Tx


@dataclass(frozen=True, slots=True)
class SchemeView:
    """A scheme and the names of its versions, oldest first."""

    code: str
    name_zh: str
    kind: str
    versions: tuple[str, ...]


async def list_schemes(tx: Tx) -> Sequence[SchemeView]:
    """Give every scheme by code; schemes are public, so every caller sees all."""
    views = []
    for code, group in groupby(await versions(tx), key=lambda version: version.scheme_code):
        of_scheme = tuple(group)
        names = tuple(version.version for version in of_scheme)
        views.append(SchemeView(code, of_scheme[0].name_zh, of_scheme[0].kind, names))
    return views
