"""File a draft: nearly everything may still be open."""

from app.db.areas import area_over
from app.db.events import NewEvent, write_event
from app.db.notices import add_draft, read_notice
from app.db.session import Tx
from app.domain.caller import county_of, parent_of
from app.domain.errors import Fault, Invalid, OutOfArea
from app.domain.notice import NoticeContent
from app.domain.notice_checks import word_faults
from app.services.notices.view import NoticeView, view_notice


async def draft_notice(
    tx: Tx, content: NoticeContent, area_code: int, client_ref: str | None = None
) -> NoticeView:
    """Keep what the township knows so far and give it a number.

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
    await _refuse_merged(tx, area_code)
    faults = word_faults(content)
    if faults:
        raise Invalid(*faults)
    notice_no = await add_draft(tx, content, area_code, county, client_ref)
    await write_event(tx, NewEvent("notice", notice_no, 1, "notice.draft", area_code, now="draft"))
    return await view_notice(tx, await read_notice(tx, notice_no))


async def _refuse_merged(tx: Tx, area_code: int) -> None:
    """Refuse an area that was merged into another, or lies in one that was."""
    within = [code for code in (area_code, parent_of(area_code)) if code is not None]
    over = await area_over(tx, within, await tx.today())
    if over is not None:
        successor = "" if over.successor_code is None else f"{over.successor_code:012d}"
        raise Invalid(
            Fault(
                "/area_code",
                "validation.failed",
                f"该区划已于 {over.valid_to} 撤并",
                f"this area ended on {over.valid_to}",
                f"请改用 {successor}" if successor else "",
            )
        )
