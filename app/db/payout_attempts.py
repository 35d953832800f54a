"""The tries to pay a payout, each with the number under which it was settled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.db.ids import new_id
from app.db.payouts import PayoutRow
from app.db.rows import record, sql
from app.db.session import Tx

_ATTEMPTS = sql(
    """
    SELECT payout_id, seq, settlement_no, amount_fen, account_last4, status, failure_code,
           reason_zh, paid_on, created_at, updated_at
    FROM payout_attempt WHERE payout_id = ANY(:payouts) ORDER BY payout_id, seq
    """
)
_ADD_ATTEMPT = sql(
    """
    INSERT INTO payout_attempt (id, area_code, insurer_code, payout_id, seq, settlement_no,
                                amount_fen, account_last4, status, failure_code, reason_zh, paid_on)
    VALUES (:id, :area_code, :insurer_code, :payout_id, :seq, :settlement_no, :amount_fen, :last4,
            :status, :failure_code, :reason_zh, :paid_on)
    """
)
_CHANGE_ATTEMPT = sql(
    """
    UPDATE payout_attempt SET status = :status,
        settlement_no = coalesce(:settlement_no, settlement_no), failure_code = :failure_code,
        account_last4 = coalesce(CAST(:account_last4 AS text), account_last4),
        reason_zh = :reason_zh, paid_on = coalesce(:paid_on, paid_on), updated_at = business_now()
    WHERE payout_id = :payout_id AND seq = :seq
    """
)
_SETTLED = sql(
    """
    SELECT EXISTS (SELECT FROM payout_attempt
                   WHERE insurer_code IS NOT DISTINCT FROM :insurer_code
                     AND settlement_no = :settlement_no)
    """
)


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One try to pay; `status` is sent, paid, failed or returned."""

    payout_id: UUID
    seq: int
    settlement_no: str | None
    amount_fen: int
    account_last4: str | None
    status: str
    failure_code: str | None
    reason_zh: str | None
    paid_on: date | None
    created_at: datetime
    updated_at: datetime


async def attempts_of(tx: Tx, payouts: Sequence[UUID]) -> list[AttemptRow]:
    """Give the attempts of some payouts, oldest first."""
    rows = await tx.sql.execute(_ATTEMPTS, {"payouts": list(payouts)})
    return [record(AttemptRow, row) for row in rows]


async def add_attempt(tx: Tx, payout: PayoutRow, seq: int, **values: object) -> None:
    """Write a new attempt: settlement_no, amount_fen, last4, status, failure_code and so on."""
    empty = dict.fromkeys(("settlement_no", "last4", "failure_code", "reason_zh", "paid_on"))
    await tx.sql.execute(
        _ADD_ATTEMPT,
        {
            **empty,
            "id": new_id(),
            "area_code": payout.area_code,
            "insurer_code": payout.insurer_code,
            "payout_id": payout.id,
            "seq": seq,
            **values,
        },
    )


async def change_attempt(tx: Tx, attempt: AttemptRow, **values: object) -> None:
    """Change the state of an attempt; values as in its row, the account as its last four digits."""
    empty = dict.fromkeys(("settlement_no", "failure_code", "reason_zh", "paid_on"))
    empty["account_last4"] = None
    await tx.sql.execute(
        _CHANGE_ATTEMPT, {**empty, "payout_id": attempt.payout_id, "seq": attempt.seq, **values}
    )


async def is_settled(tx: Tx, insurer_code: str | None, settlement_no: str) -> bool:
    """Tell whether a settlement number of an insurer, or of the fund's bank, is booked already."""
    row = await tx.sql.execute(
        _SETTLED, {"insurer_code": insurer_code, "settlement_no": settlement_no}
    )
    found: bool = row.scalar_one()
    return found
