"""Payouts: money on its way to each payee of a claim."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.db.account_checks import indexes
from app.db.claims import ClaimRow
from app.db.ids import new_id
from app.db.rows import fields_of, sql
from app.db.session import Tx
from app.domain.account_check import AccountCheck
from app.domain.errors import NotFound
from app.domain.lifecycle import PayoutStatus
from app.domain.notice import Payee
from app.domain.payout import PayoutKind, Standing

_COLUMNS = """
    o.id, o.claim_id, c.claim_no, o.area_code, o.insurer_code, o.seq, o.reference, o.payee_sealed,
    o.account_last4, o.share_bp, o.amount_fen, o.status, o.version, o.created_at, o.updated_at,
    coalesce((SELECT n.protected FROM notice AS n WHERE n.id = c.notice_id), false) AS protected,
    o.kind, o.reversed_fen, o.advance_id, o.instalment_id, o.receipt, o.receipt_way, o.receipt_at,
    o.account_check
"""
_FROM = "FROM payout AS o JOIN claim AS c ON c.id = o.claim_id"
_ADD = sql(
    """
    INSERT INTO payout (id, area_code, insurer_code, claim_id, seq, payee_sealed, account_last4,
                        share_bp, amount_fen, status, kind, advance_id, instalment_id,
                        account_check)
    SELECT :id, :area_code, :insurer_code, c.id,
           1 + coalesce((SELECT max(o.seq) FROM payout AS o WHERE o.claim_id = c.id), 0),
           :payee, :last4, :share_bp, :amount_fen, 'pending', :kind,
           CAST(:advance_id AS uuid), CAST(:instalment_id AS uuid),
           (SELECT k.result FROM account_check AS k
            WHERE k.notice_id = c.notice_id AND k.insurer_code = c.insurer_code
              AND k.account_index = ANY(:indexes)
            ORDER BY k.created_at DESC LIMIT 1)
    FROM claim AS c WHERE c.id = :claim_id
    """
)
_OF_CLAIMS = sql(f"SELECT {_COLUMNS} {_FROM} WHERE o.claim_id = ANY(:claims) ORDER BY o.seq")
_READ = sql(f"SELECT {_COLUMNS} {_FROM} WHERE o.id = :id")
_BY_ID = sql(f"SELECT {_COLUMNS} {_FROM} WHERE o.id = ANY(:ids)")
_LOCK = sql(f"SELECT {_COLUMNS} {_FROM} WHERE o.id = :id FOR UPDATE OF o")
_CHANGE = sql(
    """
    UPDATE payout SET status = :status, reference = coalesce(reference, :reference),
        payee_sealed = coalesce(:payee, payee_sealed),
        account_last4 = coalesce(:last4, account_last4),
        reversed_fen = reversed_fen + :reversed_fen,
        account_check = CASE WHEN CAST(:payee AS bytea) IS NULL AND CAST(:checked AS text) IS NULL
                             THEN account_check ELSE :checked END,
        version = version + 1, updated_at = business_now()
    WHERE id = :id AND version = :version RETURNING version
    """
)
_PENDING_OF_FUND = sql(
    f"""
    SELECT {_COLUMNS} {_FROM}
    WHERE c.policy_id = :policy_id AND o.status = 'pending'
      AND (c.status = 'paying' OR o.kind = 'advance') AND o.account_last4 IS NOT NULL
    ORDER BY o.id LIMIT :limit FOR UPDATE OF o
    """
)
_OF_BATCH = sql(f"SELECT {_COLUMNS} {_FROM} WHERE o.batch_id = :batch_id ORDER BY o.reference")
_INTO_BATCH = sql(
    """
    UPDATE payout SET batch_id = :batch_id, reference = :reference, status = 'sent',
        version = version + 1, updated_at = business_now()
    WHERE id = :id AND version = :version
    """
)


@dataclass(frozen=True, slots=True)
class PayoutRow:
    """Money on its way to one payee; `reference` is the insurer's name for it.

    `reversed_fen` of a payment that arrived was undone and is paid by another payout. `receipt` is
    what the recipient says of it, `account_check` whether the account belongs to the name.
    """

    id: UUID
    claim_id: UUID
    claim_no: str
    area_code: int
    insurer_code: str | None
    seq: int
    reference: str | None
    payee: Payee | None
    account_last4: str | None
    share_bp: int
    amount_fen: int
    status: PayoutStatus
    version: int
    created_at: datetime
    updated_at: datetime
    protected: bool
    kind: PayoutKind
    reversed_fen: int
    advance_id: UUID | None
    instalment_id: UUID | None
    receipt: str | None
    receipt_way: str | None
    receipt_at: datetime | None
    account_check: AccountCheck | None

    @property
    def standing(self) -> Standing:
        """What of it counts."""
        return Standing(self.status, self.kind, self.amount_fen, self.reversed_fen)


@dataclass(frozen=True, slots=True)
class Because:
    """Why a payout is opened: its kind, and the advance or the instalment that it pays."""

    kind: PayoutKind = PayoutKind.BENEFIT
    advance_id: UUID | None = None
    instalment_id: UUID | None = None


BENEFIT = Because()


async def add_payouts(
    tx: Tx, claim: ClaimRow, parts: Sequence[tuple[Payee, int]], because: Because = BENEFIT
) -> None:
    """Open one payout per payee of a held claim, with its part in fen, after those there are."""
    for payee, amount_fen in parts:
        payout_id = new_id()
        await tx.sql.execute(
            _ADD,
            {
                "id": payout_id,
                "area_code": claim.area_code,
                "insurer_code": claim.insurer_code,
                "claim_id": claim.id,
                "payee": seal_payee(tx, "payout", payout_id, payee),
                "last4": payee.account[-4:] or None,
                "share_bp": payee.share_bp,
                "amount_fen": amount_fen,
                "kind": because.kind.value,
                "advance_id": because.advance_id,
                "instalment_id": because.instalment_id,
                "indexes": list(indexes(tx.keyring, payee)),
            },
        )


async def payouts_of(tx: Tx, claims: Sequence[UUID]) -> list[PayoutRow]:
    """Give the payouts of some claims."""
    rows = await tx.sql.execute(_OF_CLAIMS, {"claims": list(claims)})
    return [_opened(tx, row) for row in rows]


async def payouts_named(tx: Tx, ids: Sequence[UUID]) -> list[PayoutRow]:
    """Give payouts by their ids, in the order asked for; those not seen are left out."""
    rows = [_opened(tx, row) for row in await tx.sql.execute(_BY_ID, {"ids": list(ids)})]
    found = {payout.id: payout for payout in rows}
    return [found[payout_id] for payout_id in ids if payout_id in found]


async def read_payout(tx: Tx, payout_id: UUID) -> PayoutRow:
    """Give a payout, or NotFound."""
    return await _one(tx, _READ, payout_id)


async def lock_payout(tx: Tx, payout_id: UUID) -> PayoutRow:
    """Give a payout and hold it; its claim is to be held before."""
    return await _one(tx, _LOCK, payout_id)


async def change_payout(
    tx: Tx,
    payout: PayoutRow,
    status: PayoutStatus,
    *,
    reference: str | None = None,
    payee: Payee | None = None,
    reversed_fen: int = 0,
    checked: AccountCheck | None = None,
) -> int:
    """Set status, and once the insurer's reference, and a corrected payee; gives the version.

    `reversed_fen` is added to what was undone of it; `checked` is what is known of the account,
    nothing of a payee that is new.
    """
    version: int = (
        await tx.sql.execute(
            _CHANGE,
            {
                "id": payout.id,
                "version": payout.version,
                "status": status.value,
                "reference": reference,
                "payee": None if payee is None else seal_payee(tx, "payout", payout.id, payee),
                "last4": None if payee is None else payee.account[-4:],
                "reversed_fen": reversed_fen,
                "checked": None if checked is None else checked.value,
            },
        )
    ).scalar_one()
    return version


async def pending_of_fund(tx: Tx, policy_id: UUID, limit: int) -> list[PayoutRow]:
    """Give and hold a fund's payouts that wait for a bank batch and have an account."""
    rows = await tx.sql.execute(_PENDING_OF_FUND, {"policy_id": policy_id, "limit": limit})
    return [_opened(tx, row) for row in rows]


async def put_into_batch(tx: Tx, payout: PayoutRow, batch_id: UUID, reference: str) -> None:
    """Put a held payout into a batch under a name of its own; it counts as sent."""
    await tx.sql.execute(
        _INTO_BATCH,
        {
            "id": payout.id,
            "version": payout.version,
            "batch_id": batch_id,
            "reference": reference,
        },
    )


async def payouts_of_batch(tx: Tx, batch_id: UUID) -> list[PayoutRow]:
    """Give the payouts that are in a batch now, in the order of their names."""
    return [_opened(tx, row) for row in await tx.sql.execute(_OF_BATCH, {"batch_id": batch_id})]


def seal_payee(tx: Tx, table: str, row_id: UUID, payee: Payee) -> bytes:
    """Encipher a payee for one row of a table, and for no other."""
    return tx.keyring.seal(json.dumps(asdict(payee)).encode(), f"{table}.payee_sealed.{row_id}")


async def _one(tx: Tx, statement: Any, payout_id: UUID) -> PayoutRow:
    row = (await tx.sql.execute(statement, {"id": payout_id})).one_or_none()
    if row is None:
        raise NotFound("没有找到这笔赔款。", "There is no such payout.")
    return _opened(tx, row)


def _opened(tx: Tx, row: Any) -> PayoutRow:
    fields = fields_of(row)
    sealed = fields.pop("payee_sealed")
    place = f"payout.payee_sealed.{row.id}"
    fields["payee"] = (
        None if sealed is None else Payee(**json.loads(tx.keyring.open_sealed(sealed, place)))
    )
    fields["status"] = PayoutStatus(row.status)
    fields["kind"] = PayoutKind(row.kind)
    fields["account_check"] = row.account_check and AccountCheck(row.account_check)
    return PayoutRow(**fields)
