"""Attach a paper to a notice; the last one that was asked for sets its claim going again."""

from app.db.claims import ClaimRow, lock_claims_of, move_claim, set_pending
from app.db.documents import (
    DocumentRow,
    NewDocument,
    add_document,
    documents_of,
    seen_before,
)
from app.db.events import NewEvent, write_event
from app.db.ids import new_id
from app.db.notices import NoticeRow, lock_notice, mark_notice
from app.db.session import Tx
from app.domain.lifecycle import ClaimStatus, Move, NoticeStatus, not_admitted, path
from app.outside.documents import StoredDocument
from app.services.claims.send_on import instruct
from app.services.notices.documents import NOWHERE_ELSE, Paper

OPEN = frozenset({NoticeStatus.DRAFT, NoticeStatus.SUBMITTED})


async def attach_document(
    tx: Tx,
    notice_no: str,
    kind: str,
    stored: StoredDocument,
) -> Paper:
    """File a paper whose bytes are already in the document store.

    That another notice shows the same thing is told and recorded, never refused: one invoice may
    rightly serve two notices of a household. Raises NotFound, and IllegalMove when the notice is
    closed or withdrawn.
    """
    notice = await lock_notice(tx, notice_no)
    if notice.status not in OPEN:
        raise not_admitted(notice.status)
    document_id = new_id()
    await add_document(tx, notice.area_code, notice.id, document_id, _new(kind, stored))
    papers = await documents_of(tx, notice.id)
    filed = next(paper for paper in papers if paper.id == document_id)
    seen = (await seen_before(tx, notice.id, [filed])).get(document_id, NOWHERE_ELSE)
    version = await mark_notice(tx, notice.id, notice.status)
    await write_event(
        tx,
        NewEvent(
            "notice",
            notice_no,
            version,
            "notice.attach",
            notice.area_code,
            detail={"kind": kind, "sha256": stored.sha256, "also_in": len(seen.notices)},
        ),
    )
    await _resume(tx, notice, papers)
    return Paper(filed, seen)


def _new(kind: str, stored: StoredDocument) -> NewDocument:
    return NewDocument(
        kind=kind,
        sha256=stored.sha256,
        size=stored.size,
        media_type=stored.media_type,
        storage_key=stored.key,
        key_sealed=stored.key_sealed,
        likeness=stored.likeness,
        pages=stored.pages,
    )


async def _resume(tx: Tx, notice: NoticeRow, papers: list[DocumentRow]) -> None:
    if notice.status is not NoticeStatus.SUBMITTED:
        return
    there = {paper.kind for paper in papers}
    for claim in await lock_claims_of(tx, notice.id):
        asked = {paper["code"] for paper in claim.papers_asked}
        if claim.status is ClaimStatus.EVIDENCE_REQUIRED and asked <= there:
            await _supply(tx, claim, [paper for paper in papers if paper.kind in asked])


async def _supply(tx: Tx, claim: ClaimRow, papers: list[DocumentRow]) -> None:
    insured = claim.held_from is ClaimStatus.UNDER_REVIEW
    move = Move.RESUME_REVIEW if insured else Move.RESUME_APPROVAL
    claim = await move_claim(
        tx, claim, path(claim.status, move), held_from=None, papers_asked=[], due_on=None
    )
    await set_pending(tx, claim.id, None, None)
    if insured:
        documents = [{"kind": paper.kind, "sha256": paper.sha256} for paper in papers]
        await instruct(
            tx,
            claim,
            "supply_papers",
            {"kind": "supply_papers", "claim_no": claim.claim_no, "documents": documents},
        )
