"""Pass a county's check of facts: the claim goes on to its insurer, nothing is decided here."""

from app.db.claims import ClaimRow, move_claim
from app.db.decisions import add_approval
from app.db.jobs import enqueue
from app.db.session import Tx
from app.domain.errors import Forbidden
from app.domain.lifecycle import Move, path
from app.services.claims.held import hold_claim
from app.services.claims.send_on import ASSESS


async def approve_claim(tx: Tx, claim_no: str, expected_version: int) -> ClaimRow:
    """Pass the check of an insured claim's facts.

    Raises NotFound, VersionStale, IllegalMove; Forbidden for a fund, whose claims are decided by
    two persons (:decide, then :confirm).
    """
    notice, claim = await hold_claim(tx, claim_no, expected_version)
    if claim.approval == "ladder":
        raise Forbidden(
            "基金赔案须由两人办理：一人提出结论，另一人确认。",
            "A fund's claim is decided by two persons: use :decide, then :confirm.",
        )
    return await pass_check(tx, notice.notice_no, claim)


async def pass_check(tx: Tx, notice_no: str, claim: ClaimRow) -> ClaimRow:
    """Write a passed check of a held claim and have the claim sent on."""
    moves = path(claim.status, Move.PASS_CHECK)
    await add_approval(tx, claim, "pass")
    claim = await move_claim(tx, claim, moves, due_on=None)
    await enqueue(tx, ASSESS, notice_no)
    return claim
