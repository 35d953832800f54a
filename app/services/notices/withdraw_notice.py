"""Withdraw a notice: its claims end, limits and settlements are free again, insurers are told."""

from app.db.claims import ClaimRow, lock_claims_of, move_claim
from app.db.events import NewEvent, write_event
from app.db.instructions import referred
from app.db.notices import lock_notice, mark_notice, read_notice, release_settlements
from app.db.session import Tx
from app.domain.errors import IllegalMove
from app.domain.lifecycle import (
    NOTICE_ZH,
    STATUS_ZH,
    ClaimStatus,
    Move,
    NoticeStatus,
    admits,
    path,
)
from app.services.claims.decided_usage import release_usage
from app.services.claims.open_payouts import cancel_unsent_advances
from app.services.claims.send_on import instruct
from app.services.notices.view import NoticeView, view_notice


async def withdraw_notice(tx: Tx, notice_no: str, reason_zh: str) -> NoticeView:
    """Withdraw a submitted notice with all its claims, as long as none of them is decided.

    Raises NotFound, IllegalMove.
    """
    notice = await lock_notice(tx, notice_no)
    if notice.status is not NoticeStatus.SUBMITTED:
        raise IllegalMove(NOTICE_ZH[notice.status], ())
    claims = [
        claim
        for claim in await lock_claims_of(tx, notice.id)
        if claim.status is not ClaimStatus.WITHDRAWN
    ]
    for claim in claims:
        if not admits(claim.status, Move.WITHDRAW):
            raise IllegalMove(STATUS_ZH[claim.status], ())
    told = await referred(tx, [claim.id for claim in claims])
    for claim in claims:
        await _withdraw(tx, claim, reason_zh, tell=claim.id in told)
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


async def _withdraw(tx: Tx, claim: ClaimRow, reason_zh: str, *, tell: bool) -> None:
    await release_usage(tx, claim)
    await cancel_unsent_advances(tx, claim)
    claim = await move_claim(
        tx,
        claim,
        path(claim.status, Move.WITHDRAW),
        held_from=None,
        papers_asked=[],
        due_on=None,
        waits_for=None,
    )
    if tell:
        await instruct(
            tx,
            claim,
            "withdraw_claim",
            {"kind": "withdraw_claim", "claim_no": claim.claim_no, "reason_zh": reason_zh},
        )
