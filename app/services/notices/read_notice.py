"""Read one notice."""

from app.db.accesses import NewAccess, note_access
from app.db.notices import read_notice as find_notice
from app.db.session import Tx
from app.services.notices.view import NoticeView, view_notice


async def read_notice(tx: Tx, notice_no: str) -> NoticeView:
    """Give a notice with its claims and warnings. Raises NotFound."""
    return await view_notice(tx, await find_notice(tx, notice_no))


async def note_reading(tx: Tx, seen: NoticeView) -> None:
    """Record that a notice was opened: its bills and stays are medical, its payees have accounts.

    A notice that names nobody yet is nobody's record.
    """
    notice = seen.notice
    if notice.person_id is not None:
        opened = NewAccess(notice.area_code, notice.person_id, "notice", notice.notice_no, "view")
        await note_access(tx, opened)
