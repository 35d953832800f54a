"""Keep the ledger of premiums in step with a policy: what its payers owe, and what they paid."""

from uuid import UUID

from app.db.ledger import PremiumPart, post_premium
from app.db.rows import sql
from app.db.session import Tx
from app.domain.money import split_fen

_FACTS = sql(
    """
    SELECT p.premium_due_fen, p.area_lo, y.code, y.share_bp, coalesce((
        SELECT sum(m.amount_fen) FROM premium_payment AS m
        WHERE m.policy_id = p.id AND m.payer = y.code), 0)::bigint AS paid_fen
    FROM policy AS p JOIN policy_payer AS y ON y.policy_id = p.id
    WHERE p.id = :policy_id ORDER BY y.place
    """
)


async def follow_premium(tx: Tx, policy_id: UUID) -> None:
    """Book what of a held policy's premium the ledger does not show yet; parts by the payers'
    shares, largest remainder."""
    rows = list(await tx.sql.execute(_FACTS, {"policy_id": policy_id}))
    if not rows:
        return
    due = split_fen(rows[0].premium_due_fen, [row.share_bp for row in rows])
    parts = [
        PremiumPart(row.code, due_fen, row.paid_fen) for row, due_fen in zip(rows, due, strict=True)
    ]
    await post_premium(tx, policy_id, rows[0].area_lo, parts)
