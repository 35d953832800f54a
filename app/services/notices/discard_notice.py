"""Throw a draft away: it stays on file as withdrawn, for nothing acknowledged is ever lost."""

from app.db.events import NewEvent, write_event
from app.db.notices import lock_notice, mark_notice
from app.db.session import Tx
from app.domain.lifecycle import NoticeStatus, not_admitted


async def discard_notice(tx: Tx, notice_no: str) -> None:
    """Discard a draft. Raises NotFound, and IllegalMove when it was submitted."""
    notice = await lock_notice(tx, notice_no)
    if notice.status is not NoticeStatus.DRAFT:
        raise not_admitted(notice.status)
    version = await mark_notice(tx, notice.id, NoticeStatus.WITHDRAWN)
    await write_event(
        tx,
        NewEvent(
            "notice",
            notice_no,
            version,
            "notice.discard",
            notice.area_code,
            was="draft",
            now="withdrawn",
        ),
    )
