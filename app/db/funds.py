"""A fund's balance: allotted, committed to decided claims, spent; entries are only added."""

from dataclasses import dataclass
from uuid import UUID

from app.db.rows import record, sql
from app.db.session import Tx
from app.domain.errors import FundExhausted

_LOCK = sql("SELECT area_lo, area_hi FROM policy WHERE id = :policy_id FOR UPDATE")
_BALANCE = sql(
    """
    SELECT coalesce(sum(amount_fen) FILTER (WHERE kind = 'allot'), 0)::bigint AS allotted_fen,
           coalesce(sum(amount_fen) FILTER (WHERE kind = 'commit'), 0)::bigint AS committed_fen,
           coalesce(sum(amount_fen) FILTER (WHERE kind = 'spend'), 0)::bigint AS spent_fen
    FROM fund_entry WHERE policy_id = :policy_id
    """
)
_ADD = sql(
    """
    INSERT INTO fund_entry (policy_id, area_lo, area_hi, kind, amount_fen, claim_id, note_zh, actor)
    SELECT id, area_lo, area_hi, :kind, :amount_fen, CAST(:claim_id AS uuid), :note_zh, ctx_actor()
    FROM policy WHERE id = :policy_id
    """
)


@dataclass(frozen=True, slots=True)
class Balance:
    """Sums in fen; what is committed to decided claims is not spent yet."""

    allotted_fen: int
    committed_fen: int
    spent_fen: int

    @property
    def left_fen(self) -> int:
        """What may still be decided on."""
        return self.allotted_fen - self.committed_fen - self.spent_fen


async def read_balance(tx: Tx, policy_id: UUID) -> Balance:
    """Give a fund's balance."""
    return record(Balance, (await tx.sql.execute(_BALANCE, {"policy_id": policy_id})).one())


async def allot(tx: Tx, policy_id: UUID, amount_fen: int, note_zh: str) -> Balance:
    """Add money to a fund; a negative amount takes back what nobody has decided on.

    Raises FundExhausted when less than nothing would be left.
    """
    await tx.sql.execute(_LOCK, {"policy_id": policy_id})
    balance = await read_balance(tx, policy_id)
    if balance.left_fen + amount_fen < 0:
        raise FundExhausted(balance.left_fen)
    await _add(tx, policy_id, "allot", amount_fen, None, note_zh)
    return await read_balance(tx, policy_id)


async def commit(tx: Tx, policy_id: UUID, claim_id: UUID, amount_fen: int) -> None:
    """Commit money of a fund to a decided claim, under a lock. Raises FundExhausted."""
    await tx.sql.execute(_LOCK, {"policy_id": policy_id})
    left = (await read_balance(tx, policy_id)).left_fen
    if amount_fen > left:
        raise FundExhausted(left)
    await _add(tx, policy_id, "commit", amount_fen, claim_id, None)


async def uncommit(tx: Tx, policy_id: UUID, claim_id: UUID, amount_fen: int) -> None:
    """Free money that was committed and will not be paid."""
    await _add(tx, policy_id, "commit", -amount_fen, claim_id, None)


async def take_back(tx: Tx, policy_id: UUID, claim_id: UUID, amount_fen: int) -> None:
    """Take money back that was spent wrongly: the fund may decide on it again."""
    await _add(tx, policy_id, "spend", -amount_fen, claim_id, None)


async def spend(tx: Tx, policy_id: UUID, claim_id: UUID, amount_fen: int) -> None:
    """Turn committed money into spent money; a negative amount is money that came back."""
    await _add(tx, policy_id, "commit", -amount_fen, claim_id, None)
    await _add(tx, policy_id, "spend", amount_fen, claim_id, None)


async def _add(
    tx: Tx, policy_id: UUID, kind: str, amount_fen: int, claim_id: UUID | None, note: str | None
) -> None:
    await tx.sql.execute(
        _ADD,
        {
            "policy_id": policy_id,
            "kind": kind,
            "amount_fen": amount_fen,
            "claim_id": claim_id,
            "note_zh": note,
        },
    )
