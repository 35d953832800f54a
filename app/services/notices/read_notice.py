"""Read one notice."""

from app.db.notices import read_notice as find_notice
from app.db.session import Tx
from app.services.notices.view import NoticeView, view_notice


async def read_notice(tx: Tx, notice_no: str) -> NoticeView:
    """Give a notice with its claims and warnings. Raises NotFound."""
    return await view_notice(tx, await find_notice(tx, notice_no))
