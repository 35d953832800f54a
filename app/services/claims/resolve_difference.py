"""Resolve a difference between an insurer's amount and ours; the payment goes on meanwhile."""

from app.db import decisions
from app.db.claims import ClaimRow, move_claim
from app.db.session import Tx
from app.domain.differences import RESOLVED_FROM, DifferenceState
from app.domain.errors import IllegalMove
from app.domain.lifecycle import STATUS_ZH
from app.services.claims.held import hold_claim


async def accept_difference(
    tx: Tx, claim_no: str, expected_version: int, reason_zh: str
) -> ClaimRow:
    """Accept what the insurer decided, with the reason; also after a dispute.

    Raises NotFound, VersionStale, and IllegalMove where nothing is open.
    """
    return await _resolve(
        tx, claim_no, expected_version, DifferenceState.ACCEPTED, reason_zh, "accept_difference"
    )


async def dispute_difference(
    tx: Tx, claim_no: str, expected_version: int, reason_zh: str
) -> ClaimRow:
    """Say that the insurer's amount is not right, and why; nothing is held back by it.

    Raises NotFound, VersionStale, and IllegalMove where nothing is open.
    """
    return await _resolve(
        tx, claim_no, expected_version, DifferenceState.DISPUTED, reason_zh, "dispute"
    )


async def _resolve(
    tx: Tx,
    claim_no: str,
    expected_version: int,
    state: DifferenceState,
    reason_zh: str,
    note: str,
) -> ClaimRow:
    _, claim = await hold_claim(tx, claim_no, expected_version)
    found = await decisions.lock_difference(tx, claim)
    if found is None or found[1] not in RESOLVED_FROM[state]:
        raise IllegalMove(STATUS_ZH[claim.status], ())
    await decisions.resolve_difference(tx, claim, found[0], state, reason_zh)
    return await move_claim(tx, claim, (), note=note, detail={"reason_zh": reason_zh})
