"""Change a draft as often as needed."""

from dataclasses import replace

from app.db.events import NewEvent, write_event
from app.db.notices import change_draft, lock_notice
from app.db.session import Tx
from app.domain.errors import Invalid, VersionStale
from app.domain.lifecycle import NoticeStatus, not_admitted
from app.domain.notice import NoticeContent
from app.domain.notice_checks import word_faults
from app.services.notices.view import NoticeView, view_notice


async def change_notice(
    tx: Tx, notice_no: str, content: NoticeContent, expected_version: int
) -> NoticeView:
    """Replace a draft's content if it is still at the expected version.

    Raises NotFound, IllegalMove when it is no draft any more, VersionStale, Invalid.
    """
    notice = await lock_notice(tx, notice_no)
    if notice.status is not NoticeStatus.DRAFT:
        raise not_admitted(notice.status)
    faults = word_faults(content)
    if faults:
        raise Invalid(*faults)
    if notice.version != expected_version:
        raise VersionStale(str(notice.version))
    version = await change_draft(tx, notice, content)
    assert version is not None  # the row is locked
    await write_event(
        tx,
        NewEvent("notice", notice_no, version, "notice.change", notice.area_code, now="draft"),
    )
    return await view_notice(tx, replace(notice, content=content, version=version))
