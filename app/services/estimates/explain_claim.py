"""Explain a claim's assessment: limits, papers, what stays with the family, what would alter it."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.db.assessments import AssessmentRow
from app.db.claims import ClaimRow
from app.db.documents import documents_of
from app.db.session import Tx
from app.db.terms import terms_of
from app.db.usage import Counter, used
from app.domain.assess import documents_needed
from app.domain.assessment import Assessment
from app.domain.canonical import decode
from app.domain.explanation import LimitUse, left_with_family_fen, limit_uses
from app.domain.facts import Facts
from app.domain.limits import LimitKey, bill_key
from app.domain.nearest_change import NearestChange, nearest_change
from app.domain.terms import Document
from app.services.claims.read_claim import read_assessment


@dataclass(frozen=True, slots=True)
class Explained:
    """The latest assessment, from its stored facts and usage.

    `missing` papers and `left_fen` (what no payer bears of the bills, all our policies together, as
    of now) are None to an insurer, whose view holds neither.
    """

    claim: ClaimRow
    stored: AssessmentRow
    assessment: Assessment
    limits: tuple[LimitUse, ...]
    missing: tuple[Document, ...] | None
    left_fen: int | None
    nearest: NearestChange | None


async def explain_claim(tx: Tx, claim_no: str) -> Explained:
    """Explain the latest assessment of a claim. Raises NotFound, also while there is none yet."""
    claim, stored = await read_assessment(tx, claim_no)
    terms = await terms_of(tx, stored.terms_sha256)
    facts = decode(Facts, stored.facts)
    usage = usage_of(stored)
    answer = decode(Assessment, stored.result)
    missing = left = None
    if tx.caller.insurer is None:
        there = {document.kind for document in await documents_of(tx, claim.notice_id)}
        needed = documents_needed(terms, facts)
        missing = tuple(document for document in needed if document.code not in there)
        left = left_with_family_fen(facts, await _held(tx, claim, facts))
    return Explained(
        claim,
        stored,
        answer,
        limit_uses(terms, facts, usage, answer),
        missing,
        left,
        nearest_change(terms, facts, usage, answer),
    )


def usage_of(stored: AssessmentRow) -> dict[LimitKey, int]:
    """Give what others held of each counter when the assessment was made; fen or days."""
    return {decode(LimitKey, key): units for key, units in stored.usage_before}


async def _held(tx: Tx, claim: ClaimRow, facts: Facts) -> Mapping[LimitKey, int]:
    """Give what all claims of the notice hold of its bills now."""
    notice = claim.notice_id
    counters = [Counter(notice, notice, bill_key(bill.ref)) for bill in facts.bills]
    return {counter.key: units for counter, units in (await used(tx, counters)).items()}
