"""Assessments as made: the facts, the usage before, and the result; never changed afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.db.rows import record, sql
from app.db.session import Tx

_LATEST = sql(
    """
    SELECT DISTINCT ON (claim_id) claim_id, seq, scheme_version_id, terms_sha256, facts,
           usage_before, result, amount_fen, created_at
    FROM assessment WHERE claim_id = ANY(:claims) ORDER BY claim_id, seq DESC
    """
)


@dataclass(frozen=True, slots=True)
class AssessmentRow:
    """One stored assessment; `facts` and `result` are JSON of domain.facts and assessment."""

    claim_id: UUID
    seq: int
    scheme_version_id: UUID
    terms_sha256: str
    facts: Mapping[str, Any]
    usage_before: Any
    result: Mapping[str, Any]
    amount_fen: int
    created_at: datetime


async def latest_assessments(tx: Tx, claims: list[UUID]) -> dict[UUID, AssessmentRow]:
    """Give the newest assessment of each of some claims."""
    rows = await tx.sql.execute(_LATEST, {"claims": claims})
    return {row.claim_id: record(AssessmentRow, row) for row in rows}
