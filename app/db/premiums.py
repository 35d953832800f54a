"""What was paid of the premium of a policy, and by whom; only ever added."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.db.ids import new_id
from app.db.policies import PolicyRow
from app.db.rows import record, sql
from app.db.session import Tx

_ADD = sql(
    """
    INSERT INTO premium_payment (id, policy_id, payer, insurer_code, area_lo, area_hi, amount_fen,
                                 paid_on, reference, actor)
    VALUES (:id, :policy_id, :payer, :insurer_code, :area_lo, :area_hi, :amount_fen, :paid_on,
            :reference, ctx_actor())
    ON CONFLICT (policy_id, reference) DO NOTHING RETURNING id
    """
)
_PAID = sql(
    """
    SELECT payer, sum(amount_fen)::bigint AS paid_fen FROM premium_payment
    WHERE policy_id = :policy_id GROUP BY payer
    """
)
_LIST = sql(
    """
    SELECT id, payer, amount_fen, paid_on, reference, actor, created_at FROM premium_payment
    WHERE policy_id = :policy_id ORDER BY id DESC LIMIT 200
    """
)


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """One payment of a payer; a negative amount (fen) is a refund to it."""

    id: UUID
    payer: str
    amount_fen: int
    paid_on: date
    reference: str
    actor: str
    created_at: datetime


async def add_payment(
    tx: Tx, policy: PolicyRow, payer: str, *, amount_fen: int, paid_on: date, reference: str
) -> bool:
    """Store a payment on a held policy; False when its reference is there already."""
    values = {
        "id": new_id(),
        "policy_id": policy.id,
        "payer": payer,
        "insurer_code": policy.insurer_code,
        "area_lo": policy.area_lo,
        "area_hi": policy.area_hi,
        "amount_fen": amount_fen,
        "paid_on": paid_on,
        "reference": reference,
    }
    return (await tx.sql.execute(_ADD, values)).one_or_none() is not None


async def paid_by(tx: Tx, policy_id: UUID) -> dict[str, int]:
    """Give what each payer of a policy has paid so far, in fen."""
    rows = await tx.sql.execute(_PAID, {"policy_id": policy_id})
    return {row.payer: row.paid_fen for row in rows}


async def payments_of(tx: Tx, policy_id: UUID) -> list[PaymentRow]:
    """Give the last payments of a policy, newest first, at most 200."""
    rows = await tx.sql.execute(_LIST, {"policy_id": policy_id})
    return [record(PaymentRow, row) for row in rows]
