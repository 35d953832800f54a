"""Corrected accounts that one person proposed and a second one confirms."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db.ids import new_id
from app.db.payouts import PayoutRow, seal_payee
from app.db.rows import record, sql
from app.db.session import Tx
from app.domain.notice import Payee

_PROPOSE = sql(
    """
    INSERT INTO account_proposal (id, area_code, payout_id, payee_sealed, account_index,
                                  account_last4, proposed_by)
    VALUES (:id, :area_code, :payout_id, :payee, :account_index, :last4, ctx_actor())
    """
)
_OPEN_PROPOSAL = sql(
    """
    SELECT id, payout_id, account_index, account_last4, proposed_by, created_at
    FROM account_proposal WHERE payout_id = :payout_id AND confirmed_at IS NULL FOR UPDATE
    """
)
_CONFIRM = sql(
    """
    UPDATE account_proposal SET confirmed_by = ctx_actor(), confirmed_at = business_now()
    WHERE id = :id
    """
)


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """A corrected account that one person proposed and no second one has confirmed."""

    id: UUID
    payout_id: UUID
    account_index: bytes
    account_last4: str
    proposed_by: str
    created_at: datetime


async def propose_account(tx: Tx, payout: PayoutRow, payee: Payee, account_index: bytes) -> None:
    """Keep a proposed account until a second person confirms it."""
    proposal_id = new_id()
    await tx.sql.execute(
        _PROPOSE,
        {
            "id": proposal_id,
            "area_code": payout.area_code,
            "payout_id": payout.id,
            "payee": seal_payee(tx, "account_proposal", proposal_id, payee),
            "account_index": account_index,
            "last4": payee.account[-4:],
        },
    )


async def open_proposal(tx: Tx, payout_id: UUID) -> ProposalRow | None:
    """Give and hold the proposal that waits for its second person."""
    row = (await tx.sql.execute(_OPEN_PROPOSAL, {"payout_id": payout_id})).one_or_none()
    return None if row is None else record(ProposalRow, row)


async def confirm_proposal(tx: Tx, proposal_id: UUID) -> None:
    """Mark a proposal confirmed by the caller; the table refuses the proposer."""
    await tx.sql.execute(_CONFIRM, {"id": proposal_id})
