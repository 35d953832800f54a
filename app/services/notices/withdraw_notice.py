"""Withdraw a notice: its claims end, limits and settlements are free again, insurers are told."""

from app.db.claims import lock_claims_of
from app.db.events import NewEvent, write_event
from app.db.notices import lock_notice, mark_notice, read_notice, release_settlements
from app.db.session import Tx
from app.domain.lifecycle import ClaimStatus, NoticeStatus, not_admitted
from app.services.claims.withdraw_claim import end_claims
from app.services.notices.view import NoticeView, view_notice


async def withdraw_notice(tx: Tx, notice_no: str, reason_zh: str) -> NoticeView:
    """Withdraw a submitted notice with all its claims, as long as none of them is decided.

    Raises NotFound, IllegalMove.
    """
    notice = await lock_notice(tx, notice_no)
    if notice.status is not NoticeStatus.SUBMITTED:
        raise not_admitted(notice.status)
    claims = [
        claim
        for claim in await lock_claims_of(tx, notice.id)
        if claim.status is not ClaimStatus.WITHDRAWN
    ]
    await end_claims(tx, claims, reason_zh)
    await release_settlements(tx, notice.id)
    version = await mark_notice(tx, notice.id, NoticeStatus.WITHDRAWN)
    await write_event(
        tx,
        NewEvent(
            "notice",
            notice_no,
            version,
            "notice.withdraw",
            notice.area_code,
            was="submitted",
            now="withdrawn",
            detail={"reason_zh": reason_zh},
        ),
    )
    return await view_notice(tx, await read_notice(tx, notice_no))
