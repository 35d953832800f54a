"""Pass a county check whose day has come: nobody may hold a claim back (Insurance Law art. 23)."""

from app.db.session import Tx
from app.domain.lifecycle import ClaimStatus
from app.services.claims.approve_claim import pass_check
from app.services.claims.held import hold_claim


async def pass_overdue_check(tx: Tx, claim_no: str) -> None:
    """Send a claim on when its check was not done by the due day; without effect otherwise."""
    notice, claim = await hold_claim(tx, claim_no)
    waiting = claim.status is ClaimStatus.PENDING_APPROVAL and claim.approval == "county_check"
    if waiting and claim.due_on is not None and await tx.today() > claim.due_on:
        await pass_check(tx, notice.notice_no, claim)
