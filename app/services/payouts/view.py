"""What is shown of a payout: itself, its attempts, and whether a second person is awaited."""

from dataclasses import dataclass
from uuid import UUID

from app.db.account_proposals import open_proposal
from app.db.claims import read_claim
from app.db.holds import held_claims
from app.db.payout_attempts import AttemptRow, attempts_of
from app.db.payouts import PayoutRow, payouts_of
from app.db.payouts import read_payout as find_payout
from app.db.session import Tx
from app.domain.lifecycle import PayoutStatus
from app.domain.masks import Mask, mask_for

ARRIVED = frozenset({PayoutStatus.PAID, PayoutStatus.CANCELLED})


@dataclass(frozen=True, slots=True)
class PayoutView:
    """A payout with its attempts; `awaits_second_person` when a corrected account was proposed.

    `held_zh` is why none is ordered under its policy now, for one that has not arrived;
    `mask` is how the caller sees the payee.
    """

    payout: PayoutRow
    attempts: tuple[AttemptRow, ...]
    awaits_second_person: bool
    held_zh: str | None
    mask: Mask


async def read_payout(tx: Tx, payout_id: UUID) -> PayoutView:
    """Give one payout. Raises NotFound."""
    return (await view_payouts(tx, [await find_payout(tx, payout_id)]))[0]


async def list_payouts(tx: Tx, claim_no: str) -> list[PayoutView]:
    """Give the payouts of a claim. Raises NotFound."""
    claim = await read_claim(tx, claim_no)
    return await view_payouts(tx, await payouts_of(tx, [claim.id]))


async def view_payouts(tx: Tx, payouts: list[PayoutRow]) -> list[PayoutView]:
    """Put together what is shown of payouts."""
    attempts = await attempts_of(tx, [payout.id for payout in payouts])
    held = await held_claims(tx, [payout.claim_id for payout in payouts])
    return [
        PayoutView(
            payout,
            tuple(attempt for attempt in attempts if attempt.payout_id == payout.id),
            await open_proposal(tx, payout.id) is not None,
            None if payout.status in ARRIVED else held.get(payout.claim_id),
            mask_for(tx.caller.role, protected=payout.protected),
        )
        for payout in payouts
    ]
