"""Stored assessments in pages, for those who look at all of them: texts as kept, oldest first."""

from dataclasses import dataclass
from uuid import UUID

from app.db.rows import record, sql
from app.db.session import Tx

_PAGE = sql(
    """
    SELECT a.id, c.claim_no, a.seq, a.terms_sha256, CAST(a.facts AS text) AS facts,
        CAST(a.usage_before AS text) AS usage, CAST(a.result AS text) AS result, a.amount_fen,
        EXISTS (SELECT FROM scheme_version AS v WHERE v.terms_sha256 = a.terms_sha256) AS known
    FROM assessment AS a JOIN claim AS c ON c.id = a.claim_id
    WHERE (CAST(:after AS uuid) IS NULL OR a.id > :after)
      AND (CAST(:claim_no AS text) IS NULL OR c.claim_no = :claim_no)
    ORDER BY a.id LIMIT :limit
    """
)


@dataclass(frozen=True, slots=True)
class StoredRow:
    """One assessment; `known` tells whether its terms are kept. Amounts in fen."""

    id: UUID
    claim_no: str
    seq: int
    terms_sha256: str
    facts: str
    usage: str
    result: str
    amount_fen: int
    known: bool


async def stored_after(
    tx: Tx, after: UUID | None, claim_no: str | None, limit: int
) -> list[StoredRow]:
    """Give a page of assessments after a row id, of one claim or of all."""
    wanted = {"after": after, "claim_no": claim_no, "limit": limit}
    return [record(StoredRow, row) for row in await tx.sql.execute(_PAGE, wanted)]
