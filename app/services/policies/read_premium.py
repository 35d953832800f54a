"""Tell what of a policy's premium is due and paid, by payer."""

from dataclasses import dataclass

from app.db.policies import PolicyRow, read_policy
from app.db.premiums import PaymentRow, paid_by, payments_of
from app.db.session import Tx
from app.domain.money import split_fen
from app.domain.policy import Payer


@dataclass(frozen=True, slots=True)
class PayerStanding:
    """One payer's part of the premium in fen: due by share, and paid."""

    payer: Payer
    due_fen: int
    paid_fen: int


@dataclass(frozen=True, slots=True)
class PremiumView:
    """A policy's premium: its payers' parts sum to what is due, to the fen."""

    policy: PolicyRow
    payers: tuple[PayerStanding, ...]
    payments: tuple[PaymentRow, ...]


async def read_premium(tx: Tx, policy_no: str) -> PremiumView:
    """Give a policy's premium with its last 200 payments. Raises NotFound."""
    policy = await read_policy(tx, policy_no)
    paid = await paid_by(tx, policy.id)
    shares = [payer.share_bp for payer in policy.payers]
    parts = split_fen(policy.premium_due_fen, shares) if shares else ()
    standing = tuple(
        PayerStanding(payer, due, paid.get(payer.code, 0))
        for payer, due in zip(policy.payers, parts, strict=True)
    )
    return PremiumView(policy, standing, tuple(await payments_of(tx, policy.id)))
