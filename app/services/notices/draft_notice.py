"""File a draft: nearly everything may still be open."""

from app.db.events import NewEvent, write_event
from app.db.notices import add_draft, add_draft_as, read_notice
from app.db.restorations import is_lost_notice
from app.db.session import Tx
from app.domain.caller import county_of
from app.domain.errors import Fault, Invalid, OutOfArea
from app.domain.notice import NoticeContent
from app.domain.notice_checks import word_faults
from app.services.areas.in_force import refuse_ended
from app.services.notices.view import NoticeView, view_notice


async def draft_notice(
    tx: Tx,
    content: NoticeContent,
    area_code: int,
    client_ref: str | None = None,
    restored_no: str | None = None,
) -> NoticeView:
    """Keep what the township knows so far and give it a number.

    `restored_no` is the number that it had before the database was restored to an older state; only
    one that an insurer still has a case of and nobody here has a notice of can be given.
    `area_code` is the 12-digit code of the township or village that files. Raises OutOfArea when it
    is not the caller's, Invalid for words that are none of ours; a wrong ID number is a warning.
    """
    if not tx.caller.covers(area_code):
        raise OutOfArea("不能在本辖区以外报案。", "The area is not the caller's.")
    county = county_of(area_code)
    if county in (0, area_code):
        raise Invalid(
            Fault(
                "/area_code",
                "validation.failed",
                "应为乡镇或村的 12 位区划代码。",
                "Must be the code of a township or village.",
            )
        )
    await refuse_ended(tx, area_code)
    faults = word_faults(content)
    if faults:
        raise Invalid(*faults)
    if restored_no is None:
        notice_no = await add_draft(tx, content, area_code, county, client_ref)
    else:
        notice_no = restored_no
        await _file_again(tx, content, area_code, notice_no, client_ref)
    await write_event(tx, NewEvent("notice", notice_no, 1, "notice.draft", area_code, now="draft"))
    return await view_notice(tx, await read_notice(tx, notice_no))


async def _file_again(
    tx: Tx, content: NoticeContent, area_code: int, notice_no: str, client_ref: str | None
) -> None:
    """File a lost notice again under its own number, by which insurers know it."""
    lost = notice_no.startswith(f"{county_of(area_code) // 10**6:06d}-")
    lost = lost and await is_lost_notice(tx, notice_no)
    if not lost or not await add_draft_as(tx, content, area_code, notice_no, client_ref):
        raise Invalid(
            Fault(
                "/restored_no",
                "validation.failed",
                "不是恢复核对中丢失的本县报案号，或已补报。",
                "Not a number that a restoration lost, or it was filed again already.",
                "新报案请留空 / leave it out for a new notice",
            )
        )
