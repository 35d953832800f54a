"""Stored terms, read once: a version's text never changes, so its digest may name it for ever."""

from app.db.rows import plain
from app.db.session import Tx
from app.domain.canonical import from_json
from app.domain.terms import Terms

_READ = "SELECT terms FROM scheme_version WHERE terms_sha256 = $1 LIMIT 1"
_READ_MANY: dict[str, Terms] = {}
_MOST = 2_000


async def terms_of(tx: Tx, sha256: str) -> Terms:
    """Give the terms with this digest (SHA-256 of their canonical JSON, hex)."""
    terms = _READ_MANY.get(sha256)
    if terms is None:
        row = await tx.row(_READ, sha256)
        assert row is not None, "a digest comes from a stored version"
        terms = from_json(Terms, plain(row["terms"]))
        if len(_READ_MANY) >= _MOST:
            _READ_MANY.clear()
        _READ_MANY[sha256] = terms
    return terms
