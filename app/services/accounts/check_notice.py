"""Ask about the accounts of a notice before an insurer is told of them."""

from collections.abc import Sequence

from app.db.account_checks import Finding, checks_of, keep_findings
from app.db.claims import ClaimRow, move_claim
from app.db.held_claims import hold_with_claims
from app.db.jobs import enqueue
from app.db.notices import read_notice
from app.db.session import Tx
from app.domain.account_check import AccountCheck
from app.domain.lifecycle import ClaimStatus
from app.services.accounts.channel import Asking, channel_of
from app.services.claims.checked_accounts import unchecked
from app.services.claims.send_on import ASSESS


async def begin_check(tx: Tx, insurer_code: str, notice_no: str) -> Asking | None:
    """Say which accounts of a notice to ask an insurer about; None when there are none left.

    Its claims go on then, at once: the ability may have been taken away while they waited for it.
    """
    notice = await read_notice(tx, notice_no)
    checks = await checks_of(tx, notice.id, insurer_code)
    payees = unchecked(tx.keyring, notice.content.payees, checks)
    asking = await channel_of(tx, insurer_code, payees) if payees else None
    if asking is None:
        await enqueue(tx, ASSESS, notice_no)
    return asking


async def record_check(
    tx: Tx, insurer_code: str, notice_no: str, findings: Sequence[Finding]
) -> None:
    """Keep what was said, tell it on the insurer's claims, and let these go on.

    Nothing is lost by a bad answer: a claim goes on whatever was said, only an account that does
    not belong to its name stays out of what the insurer is told.
    """
    held = await hold_with_claims(tx, notice_no)
    if held is None:
        return
    notice, claims = held
    await keep_findings(tx, notice, insurer_code, findings)
    for claim in claims:
        if claim.insurer_code == insurer_code and claim.status is not ClaimStatus.WITHDRAWN:
            await _tell(tx, claim, findings)
    await enqueue(tx, ASSESS, notice_no)


async def _tell(tx: Tx, claim: ClaimRow, findings: Sequence[Finding]) -> None:
    for finding in findings:
        wrong = finding.result is AccountCheck.MISMATCH
        claim = await move_claim(
            tx,
            claim,
            (),
            note="account_name_mismatch" if wrong else "account_checked",
            detail={"account_last4": finding.payee.account[-4:], "result": finding.result},
        )
