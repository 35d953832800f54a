"""Schemes and their versions; the terms are kept as JSON under the hash of their canonical form."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.db.ids import new_id
from app.db.rows import record, sql
from app.db.session import Tx
from app.domain.canonical import digest, to_json
from app.domain.terms import Terms

_ADD_SCHEME = sql(
    """
    INSERT INTO scheme AS s (code, name_zh, kind) VALUES (:code, :name_zh, :kind)
    ON CONFLICT (code) DO UPDATE SET name_zh = excluded.name_zh
        WHERE s.kind = excluded.kind AND s.name_zh <> excluded.name_zh
    """
)
_ADD_VERSION = sql(
    """
    INSERT INTO scheme_version (id, scheme_code, version, effective_from, effective_to, terms,
                                terms_sha256, source)
    VALUES (:id, :scheme_code, :version, :effective_from, :effective_to,
            CAST(:terms AS jsonb), :terms_sha256, :source)
    ON CONFLICT DO NOTHING RETURNING id
    """
)
# Terms stay as they were stored: an open version's last day is the day before the next one begins.
_CLOSE = sql(
    """
    UPDATE scheme_version SET effective_to = CAST(:effective_from AS date) - 1
    WHERE scheme_code = :scheme_code AND effective_to IS NULL
      AND effective_from < :effective_from
      AND NOT EXISTS (
        SELECT FROM scheme_version AS o WHERE o.scheme_code = :scheme_code
          AND (o.version = :version OR o.effective_from >= :effective_from)
      )
    """
)
_VERSIONS = sql(
    """
    SELECT v.id, v.scheme_code, s.name_zh, s.kind, v.version, v.effective_from, v.effective_to,
           v.terms_sha256, v.source
    FROM scheme_version AS v JOIN scheme AS s ON s.code = v.scheme_code
    WHERE CAST(:code AS text) IS NULL OR v.scheme_code = :code
    ORDER BY v.scheme_code, v.effective_from
    """
)


@dataclass(frozen=True, slots=True)
class SchemeVersion:
    """One dated version of a scheme; `effective_to` is its last day, None while it is open."""

    id: UUID
    scheme_code: str
    name_zh: str
    kind: str
    version: str
    effective_from: date
    effective_to: date | None
    terms_sha256: str
    source: str

    def holds(self, on: date) -> bool:
        """Tell whether the version is in force on a day (Asia/Shanghai)."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)


async def add_version(tx: Tx, terms: Terms) -> bool:
    """Store terms; False when the version, or a day of it, is taken by another.

    A version that is still open ends on the day before this one begins.
    """
    scheme = {"code": terms.scheme_code, "name_zh": terms.name_zh, "kind": terms.kind.value}
    await tx.sql.execute(_ADD_SCHEME, scheme)
    version = {
        "id": new_id(),
        "scheme_code": terms.scheme_code,
        "version": terms.version,
        "effective_from": terms.effective_from,
        "effective_to": terms.effective_to,
        "terms": to_json(terms),
        "terms_sha256": digest(terms),
        "source": terms.source.title_zh,
    }
    named = ("scheme_code", "version", "effective_from")
    await tx.sql.execute(_CLOSE, {name: version[name] for name in named})
    return (await tx.sql.execute(_ADD_VERSION, version)).one_or_none() is not None


async def versions(tx: Tx, scheme_code: str | None = None) -> list[SchemeVersion]:
    """Give the versions of one scheme or of all, oldest first."""
    rows = await tx.sql.execute(_VERSIONS, {"code": scheme_code})
    return [record(SchemeVersion, row) for row in rows]
