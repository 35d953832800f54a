"""Payments that were undone: one row for each attempt at most, only ever added."""

from app.db.ids import new_id
from app.db.payout_attempts import AttemptRow
from app.db.payouts import PayoutRow
from app.db.rows import sql
from app.db.session import Tx

_ADD = sql(
    """
    INSERT INTO payout_reversal (id, area_code, insurer_code, payout_id, attempt_seq, amount_fen,
                                 reason_zh, actor)
    VALUES (:id, :area_code, :insurer_code, :payout_id, :attempt_seq, :amount_fen, :reason_zh,
            ctx_actor())
    """
)


async def add_reversal(
    tx: Tx, payout: PayoutRow, attempt: AttemptRow, amount_fen: int, reason_zh: str
) -> None:
    """Store that the payment of an attempt was undone, by how much; the table refuses a second."""
    await tx.sql.execute(
        _ADD,
        {
            "id": new_id(),
            "area_code": payout.area_code,
            "insurer_code": payout.insurer_code,
            "payout_id": payout.id,
            "attempt_seq": attempt.seq,
            "amount_fen": amount_fen,
            "reason_zh": reason_zh,
        },
    )
