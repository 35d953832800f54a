"""Change or revoke a delegation; what was approved under it stands."""

from datetime import date
from uuid import UUID

from app.db.delegations import DelegationRow, read_delegation
from app.db.delegations import change_delegation as write_change
from app.db.events import NewEvent, write_event
from app.db.policies import touch_policy
from app.db.session import Tx
from app.domain.errors import Invalid, VersionStale
from app.services.delegations.grant_delegation import NewDelegation, delegation_faults


async def change_delegation(
    tx: Tx,
    delegation_id: UUID,
    expected_version: int,
    *,
    max_amount_fen: int,
    valid_to: date,
    sample_bp: int,
    revoked: bool,
) -> DelegationRow:
    """Change amount, last day and sample, or revoke. Raises NotFound, VersionStale, Invalid."""
    known = await read_delegation(tx, delegation_id)
    faults = delegation_faults(
        NewDelegation(
            known.policy_no, known.area_lo, max_amount_fen, known.valid_from, valid_to, sample_bp
        )
    )
    if faults:
        raise Invalid(*faults)
    if known.version != expected_version or not await write_change(
        tx,
        known,
        revoked=revoked,
        max_amount_fen=max_amount_fen,
        valid_to=valid_to,
        sample_bp=sample_bp,
    ):
        raise VersionStale(str(known.version))
    version = await touch_policy(tx, known.policy_id)
    verb = "policy.revoke_delegation" if revoked else "policy.change_delegation"
    await write_event(
        tx,
        NewEvent(
            "policy",
            known.policy_no,
            version,
            verb,
            known.area_lo,
            detail={"max_amount_fen": max_amount_fen},
        ),
    )
    return await read_delegation(tx, delegation_id)
