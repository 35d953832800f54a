"""Money that was paid wrongly and is owed back: what is demanded, what came, what was let go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.db.ids import new_id
from app.db.payouts import PayoutRow
from app.db.rows import fields_of, record, sql
from app.db.session import Tx
from app.domain.errors import NotFound
from app.domain.payout import RecoveryState

_COLUMNS = """
    r.id, r.payout_id, c.claim_no, r.amount_fen, r.received_fen, r.state, r.reason_zh,
    r.demanded_by, r.waived_by, r.waived_reason_zh, r.version, r.created_at, r.updated_at
"""
_FROM = (
    "FROM recovery AS r JOIN payout AS o ON o.id = r.payout_id JOIN claim AS c ON c.id = o.claim_id"
)
_ADD = sql(
    """
    INSERT INTO recovery (id, area_code, insurer_code, payout_id, amount_fen, state, reason_zh,
                          demanded_by)
    VALUES (:id, :area_code, :insurer_code, :payout_id, :amount_fen, 'demanded', :reason_zh,
            ctx_actor())
    """
)
_READ = sql(f"SELECT {_COLUMNS} {_FROM} WHERE r.id = :id")
_LOCK = sql(f"SELECT {_COLUMNS} {_FROM} WHERE r.id = :id FOR UPDATE OF r")
_OF = sql(f"SELECT {_COLUMNS} {_FROM} WHERE r.payout_id = ANY(:payouts) ORDER BY r.id")
_RECEIVE = sql(
    """
    INSERT INTO recovery_receipt (id, area_code, insurer_code, recovery_id, amount_fen, received_on,
                                  reference, actor)
    SELECT :id, r.area_code, r.insurer_code, r.id, :amount_fen, :received_on, :reference,
           ctx_actor()
    FROM recovery AS r WHERE r.id = :recovery_id
    ON CONFLICT (recovery_id, reference) DO NOTHING RETURNING id
    """
)
_BOOK = sql(
    """
    UPDATE recovery SET received_fen = received_fen + :amount_fen,
        state = CASE WHEN received_fen + :amount_fen = amount_fen THEN 'received' ELSE state END,
        version = version + 1, updated_at = business_now()
    WHERE id = :id
    """
)
_WAIVE = sql(
    """
    UPDATE recovery SET state = 'waived', waived_by = ctx_actor(), waived_reason_zh = :reason_zh,
        version = version + 1, updated_at = business_now()
    WHERE id = :id
    """
)
_RECEIPTS = sql(
    """
    SELECT recovery_id, amount_fen, received_on, reference, actor, created_at FROM recovery_receipt
    WHERE recovery_id = ANY(:recoveries) ORDER BY id
    """
)


@dataclass(frozen=True, slots=True)
class RecoveryRow:
    """One demand; fen. What is open of it is `left_fen`."""

    id: UUID
    payout_id: UUID
    claim_no: str
    amount_fen: int
    received_fen: int
    state: RecoveryState
    reason_zh: str
    demanded_by: str
    waived_by: str | None
    waived_reason_zh: str | None
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def left_fen(self) -> int:
        """What is demanded and has not come."""
        return self.amount_fen - self.received_fen if self.state is RecoveryState.DEMANDED else 0

    @property
    def kept_fen(self) -> int:
        """What of the payment it keeps from being undone otherwise: a waiver frees the rest."""
        waived = self.state is RecoveryState.WAIVED
        return self.received_fen if waived else self.amount_fen


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """Money that came back."""

    recovery_id: UUID
    amount_fen: int
    received_on: date
    reference: str
    actor: str
    created_at: datetime


async def add_recovery(tx: Tx, payout: PayoutRow, amount_fen: int, reason_zh: str) -> UUID:
    """Store a demand on a held payout; the caller is who demands. Gives its id."""
    recovery_id = new_id()
    await tx.sql.execute(
        _ADD,
        {
            "id": recovery_id,
            "area_code": payout.area_code,
            "insurer_code": payout.insurer_code,
            "payout_id": payout.id,
            "amount_fen": amount_fen,
            "reason_zh": reason_zh,
        },
    )
    return recovery_id


async def read_recovery(tx: Tx, recovery_id: UUID) -> RecoveryRow:
    """Give a demand, or NotFound."""
    return await _one(tx, _READ, recovery_id)


async def lock_recovery(tx: Tx, recovery_id: UUID) -> RecoveryRow:
    """Give a demand and hold it; its claim and payout are held before. Raises NotFound."""
    return await _one(tx, _LOCK, recovery_id)


async def recoveries_of(tx: Tx, payouts: Sequence[UUID]) -> list[RecoveryRow]:
    """Give the demands on some payouts, oldest first."""
    rows = await tx.sql.execute(_OF, {"payouts": list(payouts)})
    return [_opened(row) for row in rows]


async def receive(
    tx: Tx, recovery: RecoveryRow, amount_fen: int, received_on: date, reference: str
) -> bool:
    """Store money that came for a held demand; False when its voucher was booked before."""
    row = await tx.sql.execute(
        _RECEIVE,
        {
            "id": new_id(),
            "recovery_id": recovery.id,
            "amount_fen": amount_fen,
            "received_on": received_on,
            "reference": reference,
        },
    )
    if row.one_or_none() is None:
        return False
    await tx.sql.execute(_BOOK, {"id": recovery.id, "amount_fen": amount_fen})
    return True


async def waive(tx: Tx, recovery: RecoveryRow, reason_zh: str) -> None:
    """Let the rest of a held demand go; the table refuses whoever demanded it."""
    await tx.sql.execute(_WAIVE, {"id": recovery.id, "reason_zh": reason_zh})


async def receipts_of(tx: Tx, recoveries: Sequence[UUID]) -> list[ReceiptRow]:
    """Give what came for some demands."""
    rows = await tx.sql.execute(_RECEIPTS, {"recoveries": list(recoveries)})
    return [record(ReceiptRow, row) for row in rows]


async def _one(tx: Tx, statement: Any, recovery_id: UUID) -> RecoveryRow:
    row = (await tx.sql.execute(statement, {"id": recovery_id})).one_or_none()
    if row is None:
        raise NotFound("没有找到这笔追回款。", "There is no such recovery.")
    return _opened(row)


def _opened(row: Any) -> RecoveryRow:
    fields = fields_of(row)
    fields["state"] = RecoveryState(row.state)
    return RecoveryRow(**fields)
