"""The double-entry ledger: sets of lines that sum to zero, only ever added."""

from dataclasses import dataclass
from uuid import UUID

from app.db.claims import ClaimRow
from app.db.ids import new_id
from app.db.rows import plain, record, sql
from app.db.session import Tx
from app.domain.ledger import Booking, lines_for

_SHARES = sql(
    """
    SELECT insurer_code, share_bp FROM policy_share WHERE policy_id = :policy_id
    ORDER BY lead DESC, insurer_code
    """
)
_POST = sql(
    """
    INSERT INTO ledger_entry (set_id, area_code, insurer_code, policy_id, claim_id, booking,
                              account, amount_fen, actor)
    SELECT :set_id, :area_code, l.insurer_code, :policy_id, :claim_id, :booking, l.account,
           l.amount_fen, ctx_actor()
    FROM jsonb_to_recordset(CAST(:lines AS jsonb)) AS l (
        insurer_code text, account text, amount_fen bigint)
    """
)
_SUMS = sql(
    """
    SELECT account, insurer_code, sum(amount_fen)::bigint AS amount_fen FROM ledger_entry
    WHERE policy_id = :policy_id GROUP BY account, insurer_code ORDER BY account, insurer_code
    """
)


@dataclass(frozen=True, slots=True)
class AccountSum:
    """What stands on an account of a policy for one insurer's share, or the fund; fen."""

    account: str
    insurer_code: str | None
    amount_fen: int


async def post(tx: Tx, claim: ClaimRow, booking: Booking, amount_fen: int) -> None:
    """Book an amount (fen) of a held claim, split over the policy's insurers."""
    if amount_fen == 0:
        return
    rows = await tx.sql.execute(_SHARES, {"policy_id": claim.policy_id})
    lines = lines_for(booking, amount_fen, [(row.insurer_code, row.share_bp) for row in rows])
    await tx.sql.execute(
        _POST,
        {
            "set_id": new_id(),
            "area_code": claim.area_code,
            "policy_id": claim.policy_id,
            "claim_id": claim.id,
            "booking": booking.value,
            "lines": plain(
                [
                    {
                        "insurer_code": line.insurer_code,
                        "account": line.account.value,
                        "amount_fen": line.amount_fen,
                    }
                    for line in lines
                ]
            ),
        },
    )


async def account_sums(tx: Tx, policy_id: UUID) -> list[AccountSum]:
    """Give what stands on each account of a policy."""
    rows = await tx.sql.execute(_SUMS, {"policy_id": policy_id})
    return [record(AccountSum, row) for row in rows]
