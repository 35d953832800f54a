"""Reopen a claim that is closed: its insurer, or the fund's two persons, look at it again."""

from app.db.claims import ClaimRow, move_claim, read_claim, set_pending
from app.db.jobs import enqueue
from app.db.notices import NoticeRow
from app.db.session import Tx
from app.domain.errors import Forbidden
from app.domain.lifecycle import Move, path
from app.services.claims.assess_notice import assess_notice
from app.services.claims.close_notice import close_if_done
from app.services.claims.held import hold_claim

APPLY = "apply"


async def reopen_claim(tx: Tx, claim_no: str, expected_version: int, reason_zh: str) -> ClaimRow:
    """Bring a closed claim under review again, for a reason that stands in its timeline.

    Raises NotFound, VersionStale, IllegalMove, and Forbidden for a fund's claim that was paid.
    """
    notice, claim = await hold_claim(tx, claim_no, expected_version)
    return await reopen(tx, notice, claim, reason_zh)


async def reopen(tx: Tx, notice: NoticeRow, claim: ClaimRow, reason_zh: str) -> ClaimRow:
    """Reopen a held claim: usage is reserved again, and what its insurer said since is applied.

    The decision and what was paid stay; a new decision tells the whole amount, and what is more is
    paid as a top-up. The insurers' interface has no word for an appeal: the bureau tells the
    insurer, whose next `claim.decided` is then taken.
    """
    moves = path(claim.status, Move.REOPEN)
    if claim.insurer_code is None and claim.decided_fen:
        raise Forbidden(
            "基金已支付的赔案不能重新审核。", "A fund's claim that was paid is not reopened."
        )
    await move_claim(
        tx,
        claim,
        moves,
        detail={"reason_zh": reason_zh},
        reopened_count=claim.reopened_count + 1,
        outcome=None,
    )
    await set_pending(tx, claim.id, None, None)
    await close_if_done(tx, notice)
    await assess_notice(tx, notice.notice_no)
    if claim.insurer_code is not None:
        await enqueue(tx, APPLY, f"{claim.insurer_code}/{claim.claim_no}")
    return await read_claim(tx, claim.claim_no)
