"""The papers of a notice or of a claim: list them, open one, take one out of a draft."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.db.accesses import NewAccess, note_access
from app.db.claims import read_claim
from app.db.documents import (
    DocumentRow,
    SeenBefore,
    documents_of,
    person_of_notice,
    remove_document,
    seen_before,
)
from app.db.events import NewEvent, write_event
from app.db.notices import lock_notice, mark_notice, read_notice
from app.db.session import Tx
from app.domain.errors import NotFound
from app.domain.lifecycle import NoticeStatus, not_admitted

NOWHERE_ELSE = SeenBefore()


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper, and where else the same thing is shown."""

    document: DocumentRow
    seen: SeenBefore = NOWHERE_ELSE


async def must_exist(tx: Tx, notice_no: str) -> None:
    """Refuse papers for a notice that the caller does not see. Raises NotFound."""
    await read_notice(tx, notice_no)


async def list_documents(tx: Tx, notice_no: str) -> list[Paper]:
    """Give the papers of a notice, oldest first. Raises NotFound."""
    notice_id = (await read_notice(tx, notice_no)).id
    found = await documents_of(tx, notice_id)
    seen = await seen_before(tx, notice_id, found)
    return [Paper(document, seen.get(document.id, NOWHERE_ELSE)) for document in found]


async def open_document(tx: Tx, notice_no: str, document_id: UUID) -> DocumentRow:
    """Give a paper of a notice to be read, and record that it was. Raises NotFound."""
    notice = await read_notice(tx, notice_no)
    return await _open(tx, notice_no, await documents_of(tx, notice.id), document_id)


async def list_claim_documents(tx: Tx, claim_no: str) -> list[Paper]:
    """Give the papers that a claim rests on, oldest first. Raises NotFound.

    For the insurer too, which sees no notice: an insured claim's papers are those of its notice.
    """
    claim = await read_claim(tx, claim_no)
    return [Paper(document) for document in await documents_of(tx, claim.notice_id)]


async def open_claim_document(tx: Tx, claim_no: str, document_id: UUID) -> DocumentRow:
    """Give a paper of a claim to be read, and record that it was. Raises NotFound."""
    claim = await read_claim(tx, claim_no)
    return await _open(tx, claim_no, await documents_of(tx, claim.notice_id), document_id)


async def detach_document(tx: Tx, notice_no: str, document_id: UUID) -> None:
    """Take a paper out of a draft. Raises NotFound, IllegalMove once it was submitted."""
    notice = await lock_notice(tx, notice_no)
    if notice.status is not NoticeStatus.DRAFT:
        raise not_admitted(notice.status)
    kind, sha256 = await remove_document(tx, notice.id, document_id)
    version = await mark_notice(tx, notice.id, notice.status)
    detail = {"kind": kind, "sha256": sha256}
    event = NewEvent("notice", notice_no, version, "notice.detach", notice.area_code, detail=detail)
    await write_event(tx, event)


async def _open(
    tx: Tx, number: str, papers: Sequence[DocumentRow], document_id: UUID
) -> DocumentRow:
    paper = next((one for one in papers if one.id == document_id), None)
    if paper is None:
        raise NotFound("没有找到这份材料。", "There is no such document.")
    person_id = await person_of_notice(tx, paper.notice_id)
    opened = f"{number}/{paper.kind}/{paper.id}"
    await note_access(tx, NewAccess(paper.area_code, person_id, "document", opened, "download"))
    return paper
