"""List notices, last changed first."""

from datetime import datetime
from uuid import UUID

from app.db.claims import claims_of
from app.db.notices import NoticesWanted
from app.db.notices import list_notices as find_notices
from app.db.session import Tx
from app.domain.notice_checks import draft_warnings
from app.services.notices.view import NoticeView, mask_of


async def list_notices(
    tx: Tx, wanted: NoticesWanted, before: tuple[datetime, UUID] | None, limit: int
) -> list[NoticeView]:
    """Give up to `limit` notices after a keyset position (last change, id)."""
    notices = await find_notices(tx, wanted, before, limit)
    claims = await claims_of(tx, [notice.id for notice in notices])
    today = await tx.today()
    return [
        NoticeView(
            notice,
            tuple(claim for claim in claims if claim.notice_id == notice.id),
            draft_warnings(notice.content, today),
            mask_of(tx, notice),
        )
        for notice in notices
    ]
