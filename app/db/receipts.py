"""Whether a payment reached whom it was for: as told by the recipient, or looked into by sample."""

from datetime import date
from uuid import UUID

from app.db.payouts import PayoutRow
from app.db.rows import sql
from app.db.session import Tx
from app.domain.payout import Receipt, ReceiptWay

_KEEP = sql(
    """
    UPDATE payout SET receipt = :receipt, receipt_way = :way, receipt_note_zh = :note_zh,
        receipt_by = ctx_actor(), receipt_at = business_now(), version = version + 1,
        updated_at = business_now()
    WHERE id = :id AND version = :version RETURNING version
    """
)
# Whoever knows the seed can draw the same sample again; nobody can steer it by an id.
_SAMPLE = sql(
    """
    WITH paid AS (
        SELECT DISTINCT o.id FROM payout AS o JOIN claim AS c ON c.id = o.claim_id
        JOIN policy AS p ON p.id = c.policy_id
        JOIN payout_attempt AS t ON t.payout_id = o.id AND t.status = 'paid'
        WHERE p.policy_no = :policy_no AND o.status = 'paid'
          AND t.paid_on BETWEEN :from_on AND :to_on
    )
    SELECT id, count(*) OVER () AS of FROM paid
    ORDER BY sha256(convert_to(CAST(:seed AS text) || ' ' || id::text, 'UTF8')), id LIMIT :most
    """
)


async def keep_receipt(
    tx: Tx, payout: PayoutRow, receipt: Receipt, way: ReceiptWay, note_zh: str | None
) -> int:
    """Store what is known of a held payout's arrival; gives its version."""
    version: int = (
        await tx.sql.execute(
            _KEEP,
            {
                "id": payout.id,
                "version": payout.version,
                "receipt": receipt.value,
                "way": way.value,
                "note_zh": note_zh,
            },
        )
    ).scalar_one()
    return version


async def sampled(
    tx: Tx, policy_no: str, from_on: date, to_on: date, seed: str, most: int
) -> tuple[list[UUID], int]:
    """Give payouts of a policy that were paid in some days (Asia/Shanghai), in the seed's order.

    Also how many there are to draw from.
    """
    rows = (
        await tx.sql.execute(
            _SAMPLE,
            {
                "policy_no": policy_no,
                "from_on": from_on,
                "to_on": to_on,
                "seed": seed,
                "most": most,
            },
        )
    ).all()
    return [row.id for row in rows], rows[0].of if rows else 0
