"""List the papers of a notice, and take one out of a draft."""

from uuid import UUID

from app.db.documents import DocumentRow, documents_of, remove_document
from app.db.notices import lock_notice, read_notice
from app.db.session import Tx
from app.domain.errors import IllegalMove
from app.domain.lifecycle import NOTICE_ZH, NoticeStatus


async def list_documents(tx: Tx, notice_no: str) -> list[DocumentRow]:
    """Give the papers of a notice, oldest first. Raises NotFound."""
    return await documents_of(tx, (await read_notice(tx, notice_no)).id)


async def detach_document(tx: Tx, notice_no: str, document_id: UUID) -> None:
    """Take a paper out of a draft. Raises NotFound, IllegalMove once it was submitted."""
    notice = await lock_notice(tx, notice_no)
    if notice.status is not NoticeStatus.DRAFT:
        raise IllegalMove(NOTICE_ZH[notice.status], ())
    await remove_document(tx, notice.id, document_id)
