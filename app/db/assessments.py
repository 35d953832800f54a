"""Assessments as made: the facts, the usage before, and the result; never changed afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.db.claims import ClaimRow
from app.db.ids import new_id
from app.db.rows import plain, record, sql
from app.db.session import Tx

_ADD = sql(
    """
    INSERT INTO assessment (id, area_code, insurer_code, claim_id, seq, scheme_version_id,
                            terms_sha256, facts, usage_before, result, amount_fen,
                            policy_version)
    SELECT :id, :area_code, :insurer_code, :claim_id,
           1 + coalesce((SELECT max(a.seq) FROM assessment AS a WHERE a.claim_id = :claim_id), 0),
           :scheme_version_id, :terms_sha256, CAST(:facts AS jsonb), CAST(:usage AS jsonb),
           CAST(:result AS jsonb), :amount_fen, :policy_version
    """
)
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


async def add_assessment(
    tx: Tx,
    claim: ClaimRow,
    *,
    facts: str,
    usage: object,
    result: str,
    amount_fen: int,
    policy_version: int,
) -> None:
    """Store an assessment of a held claim; `facts` and `result` are canonical JSON texts.

    `policy_version` is that of the policy when its roster was read.
    """
    await tx.sql.execute(
        _ADD,
        {
            "id": new_id(),
            "area_code": claim.area_code,
            "insurer_code": claim.insurer_code,
            "claim_id": claim.id,
            "policy_version": policy_version,
            "scheme_version_id": claim.scheme_version_id,
            "terms_sha256": claim.terms_sha256,
            "facts": facts,
            "usage": plain(usage),
            "result": result,
            "amount_fen": amount_fen,
        },
    )


async def latest_assessments(tx: Tx, claims: list[UUID]) -> dict[UUID, AssessmentRow]:
    """Give the newest assessment of each of some claims."""
    rows = await tx.sql.execute(_LATEST, {"claims": claims})
    return {row.claim_id: record(AssessmentRow, row) for row in rows}
