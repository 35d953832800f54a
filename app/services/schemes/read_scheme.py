"""Read one scheme with the terms of all its versions."""

from dataclasses import dataclass
from datetime import date

from app.db.schemes import versions
from app.db.session import Tx
from app.db.terms import terms_of
from app.domain.errors import NotFound
from app.domain.terms import Terms


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version; `effective_to` is its last day, None while it is open."""

    version: str
    effective_from: date
    effective_to: date | None
    source: str
    terms_sha256: str
    terms: Terms


@dataclass(frozen=True, slots=True)
class SchemeDetail:
    """A scheme with its versions, oldest first."""

    code: str
    name_zh: str
    kind: str
    versions: tuple[VersionView, ...]


async def read_scheme(tx: Tx, code: str) -> SchemeDetail:
    """Give a scheme. Raises NotFound."""
    known = await versions(tx, code)
    if not known:
        raise NotFound("没有这个救助项目。", "No such scheme.")
    views = [
        VersionView(
            version.version,
            version.effective_from,
            version.effective_to,
            version.source,
            version.terms_sha256,
            await terms_of(tx, version.terms_sha256),
        )
        for version in known
    ]
    return SchemeDetail(code, known[0].name_zh, known[0].kind, tuple(views))
