"""Withdraw claims that are not decided: limits are free again, and insurers that have them told."""

from collections.abc import Sequence

from app.db.claims import ClaimRow, claims_of, move_claim
from app.db.instructions import referred
from app.db.jobs import enqueue
from app.db.notices import release_settlements
from app.db.session import Tx
from app.domain.errors import IllegalMove
from app.domain.lifecycle import STATUS_ZH, ClaimStatus, Move, admits, path
from app.services.claims.close_notice import close_if_done
from app.services.claims.decided_usage import release_usage
from app.services.claims.held import hold_claim
from app.services.claims.open_payouts import cancel_unsent_advances
from app.services.claims.send_on import ASSESS, instruct


async def withdraw_claim(tx: Tx, claim_no: str, expected_version: int, reason_zh: str) -> ClaimRow:
    """Withdraw one claim of a notice; the others are assessed again on what it leaves them.

    The notice closes when this was its last open claim; when all of them were withdrawn, its
    settlements may be filed again. Raises NotFound, VersionStale, and IllegalMove for a claim that
    is decided, or was before it was reopened.
    """
    notice, claim = await hold_claim(tx, claim_no, expected_version)
    (withdrawn,) = await end_claims(tx, [claim], reason_zh)
    claims = await claims_of(tx, [notice.id])
    if all(one.status is ClaimStatus.WITHDRAWN for one in claims):
        await release_settlements(tx, notice.id)
    else:
        await enqueue(tx, ASSESS, notice.notice_no)
    await close_if_done(tx, notice)
    return withdrawn


async def end_claims(tx: Tx, claims: Sequence[ClaimRow], reason_zh: str) -> list[ClaimRow]:
    """Withdraw held claims of one held notice, all or none. Raises IllegalMove.

    Their counters are held together, in the one order: claim by claim, two withdrawals of the same
    people could wait for each other.
    """
    for claim in claims:
        if claim.decided_fen is not None or not admits(claim.status, Move.WITHDRAW):
            raise IllegalMove(STATUS_ZH[claim.status], ())
    told = await referred(tx, [claim.id for claim in claims])
    await release_usage(tx, claims)
    return [await _end(tx, claim, reason_zh, tell=claim.id in told) for claim in claims]


async def _end(tx: Tx, claim: ClaimRow, reason_zh: str, *, tell: bool) -> ClaimRow:
    await cancel_unsent_advances(tx, claim)
    claim = await move_claim(
        tx,
        claim,
        path(claim.status, Move.WITHDRAW),
        detail={"reason_zh": reason_zh},
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
    return claim
