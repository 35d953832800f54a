"""A notice closes when all its claims have; a bank return opens it again."""

from app.db.claims import claims_of
from app.db.events import NewEvent, write_event
from app.db.notices import NoticeRow, mark_notice
from app.db.session import Tx
from app.domain.lifecycle import ClaimStatus, NoticeStatus

ENDED = frozenset({ClaimStatus.CLOSED, ClaimStatus.WITHDRAWN})


async def close_if_done(tx: Tx, notice: NoticeRow) -> None:
    """Bring a held notice's status in line with its claims: closed, or submitted again."""
    claims = await claims_of(tx, [notice.id])
    if not claims or notice.status is NoticeStatus.WITHDRAWN:
        return
    done = all(claim.status in ENDED for claim in claims)
    wanted = NoticeStatus.CLOSED if done else NoticeStatus.SUBMITTED
    if wanted is notice.status:
        return
    version = await mark_notice(tx, notice.id, wanted)
    verb = "notice.close" if done else "notice.reopen"
    await write_event(
        tx,
        NewEvent(
            "notice",
            notice.notice_no,
            version,
            verb,
            notice.area_code,
            was=notice.status,
            now=wanted,
        ),
    )
