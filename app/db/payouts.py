"""Payouts, their attempts, and proposals to correct an account."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.db.account_checks import indexes
from app.db.claims import ClaimRow
from app.db.ids import new_id
from app.db.rows import fields_of, record, sql
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


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """A corrected account that one person proposed and no second one has confirmed."""

    id: UUID
    payout_id: UUID
    account_index: bytes
    account_last4: str
    proposed_by: str
    created_at: datetime


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
                "payee": _seal(tx, "payout", payout_id, payee),
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
                "payee": None if payee is None else _seal(tx, "payout", payout.id, payee),
                "last4": None if payee is None else payee.account[-4:],
                "reversed_fen": reversed_fen,
                "checked": None if checked is None else checked.value,
            },
        )
    ).scalar_one()
    return version


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


async def propose_account(tx: Tx, payout: PayoutRow, payee: Payee, account_index: bytes) -> None:
    """Keep a proposed account until a second person confirms it."""
    proposal_id = new_id()
    await tx.sql.execute(
        _PROPOSE,
        {
            "id": proposal_id,
            "area_code": payout.area_code,
            "payout_id": payout.id,
            "payee": _seal(tx, "account_proposal", proposal_id, payee),
            "account_index": account_index,
            "last4": payee.account[-4:],
        },
    )


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


async def open_proposal(tx: Tx, payout_id: UUID) -> ProposalRow | None:
    """Give and hold the proposal that waits for its second person."""
    row = (await tx.sql.execute(_OPEN_PROPOSAL, {"payout_id": payout_id})).one_or_none()
    return None if row is None else record(ProposalRow, row)


async def confirm_proposal(tx: Tx, proposal_id: UUID) -> None:
    """Mark a proposal confirmed by the caller; the table refuses the proposer."""
    await tx.sql.execute(_CONFIRM, {"id": proposal_id})


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


def _seal(tx: Tx, table: str, row_id: UUID, payee: Payee) -> bytes:
    return tx.keyring.seal(json.dumps(asdict(payee)).encode(), f"{table}.payee_sealed.{row_id}")
