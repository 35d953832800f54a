"""The double-entry ledger: sets of lines that sum to zero, only ever added."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.db.claims import ClaimRow
from app.db.ids import new_id
from app.db.rows import plain, record, sql
from app.db.session import Tx
from app.domain.ledger import (
    NO_BALANCES,
    Account,
    Booking,
    Line,
    advance_to_count_fen,
    lines_for,
    split_account,
)

_SHARES = sql(
    """
    SELECT insurer_code, share_bp FROM policy_share WHERE policy_id = :policy_id
    ORDER BY lead DESC, insurer_code
    """
)
_POST = sql(
    """
    INSERT INTO ledger_entry (set_id, area_code, insurer_code, policy_id, claim_id, payer, booking,
                              account, amount_fen, actor)
    SELECT :set_id, :area_code, l.insurer_code, :policy_id, CAST(:claim_id AS uuid),
           CAST(:payer AS text), :booking, l.account, l.amount_fen, ctx_actor()
    FROM jsonb_to_recordset(CAST(:lines AS jsonb)) AS l (
        insurer_code text, account text, amount_fen bigint)
    """
)
_OF_CLAIM = sql(
    """
    SELECT account, insurer_code, sum(amount_fen)::bigint AS amount_fen FROM ledger_entry
    WHERE claim_id = :claim_id GROUP BY account, insurer_code
    """
)
_PREMIUM = sql(
    """
    SELECT payer, account, insurer_code, sum(amount_fen)::bigint AS amount_fen FROM ledger_entry
    WHERE policy_id = :policy_id AND claim_id IS NULL GROUP BY payer, account, insurer_code
    """
)
_SUMS = sql(
    """
    SELECT account, insurer_code, sum(amount_fen)::bigint AS amount_fen FROM ledger_entry
    WHERE policy_id = :policy_id GROUP BY account, insurer_code ORDER BY account, insurer_code
    """
)
# Days of Asia/Shanghai, both inclusive; `moved` is what was booked in them, `stands` up to the end.
_STATEMENT = sql(
    """
    WITH booked AS (
        SELECT account, insurer_code, payer, amount_fen,
               (created_at AT TIME ZONE 'Asia/Shanghai')::date AS on_day
        FROM ledger_entry WHERE policy_id = :policy_id
    )
    SELECT account, insurer_code, payer,
           coalesce(sum(amount_fen) FILTER (WHERE amount_fen > 0
               AND on_day >= coalesce(CAST(:from_on AS date), on_day)), 0)::bigint AS debit_fen,
           coalesce(-sum(amount_fen) FILTER (WHERE amount_fen < 0
               AND on_day >= coalesce(CAST(:from_on AS date), on_day)), 0)::bigint AS credit_fen,
           sum(amount_fen)::bigint AS stands_fen
    FROM booked WHERE on_day <= coalesce(CAST(:to_on AS date), on_day)
    GROUP BY account, insurer_code, payer ORDER BY account, insurer_code, payer
    """
)


@dataclass(frozen=True, slots=True)
class AccountSum:
    """What stands on an account of a policy for one insurer's share, or the fund; fen."""

    account: str
    insurer_code: str | None
    amount_fen: int


@dataclass(frozen=True, slots=True)
class AccountLine:
    """An account of one insurer's share (or the fund) and, for premium, of one payer; fen.

    `debit_fen` and `credit_fen` are what was booked in the period, `stands_fen` what stands at its
    end, credits negative.
    """

    account: str
    insurer_code: str | None
    payer: str | None
    debit_fen: int
    credit_fen: int
    stands_fen: int


@dataclass(frozen=True, slots=True)
class PremiumPart:
    """What of a policy's premium one payer bears and has paid so far, in fen."""

    payer: str
    due_fen: int
    paid_fen: int


async def post(tx: Tx, claim: ClaimRow, booking: Booking, amount_fen: int) -> None:
    """Book an amount (fen) of a held claim, split over the policy's insurers."""
    if amount_fen == 0:
        return
    shares = await _shares(tx, claim.policy_id)
    stands = NO_BALANCES
    if len(shares) > 1:
        stands = (await _of_claim(tx, claim)).get(split_account(booking), NO_BALANCES)
    lines = lines_for(booking, amount_fen, shares, stands)
    await _write(tx, claim.policy_id, claim.area_code, booking, lines, claim_id=claim.id)


async def count_advance(tx: Tx, claim: ClaimRow) -> None:
    """Let a held claim's decision cover what was advanced on it, as far as it reaches."""
    stands = await _of_claim(tx, claim)
    advanced = sum(stands.get(Account.ADVANCE, NO_BALANCES).values())
    payable = sum(stands.get(Account.PAYABLE, NO_BALANCES).values())
    await post(tx, claim, Booking.ADVANCE_COUNTED, advance_to_count_fen(advanced, payable))


async def post_premium(
    tx: Tx, policy_id: UUID, area_code: int, parts: Sequence[PremiumPart]
) -> None:
    """Bring the ledger of a held policy in line with what its payers owe and have paid.

    What the ledger lacks is booked, so a premium that was due before there was a ledger of premiums
    is booked with the next change, if the migration has not done it.
    """
    shares = await _shares(tx, policy_id)
    stands: dict[tuple[str, str], dict[str | None, int]] = {}
    for row in await tx.sql.execute(_PREMIUM, {"policy_id": policy_id}):
        stands.setdefault((row.payer, row.account), {})[row.insurer_code] = row.amount_fen
    for part in parts:
        for booking, target in (
            (Booking.PREMIUM_DUE, part.due_fen),
            (Booking.PREMIUM_PAID, part.paid_fen),
        ):
            account = split_account(booking)
            held = stands.get((part.payer, account), {})
            sign = -1 if account is Account.PREMIUM else 1
            lines = lines_for(booking, target - sign * sum(held.values()), shares, held)
            await _write(tx, policy_id, area_code, booking, lines, payer=part.payer)


async def account_sums(tx: Tx, policy_id: UUID) -> list[AccountSum]:
    """Give what stands on each account of a policy."""
    rows = await tx.sql.execute(_SUMS, {"policy_id": policy_id})
    return [record(AccountSum, row) for row in rows]


async def account_lines(
    tx: Tx, policy_id: UUID, from_on: date | None, to_on: date | None
) -> list[AccountLine]:
    """Give a policy's accounts over a period of days (Asia/Shanghai, inclusive; None: open)."""
    values = {"policy_id": policy_id, "from_on": from_on, "to_on": to_on}
    return [record(AccountLine, row) for row in await tx.sql.execute(_STATEMENT, values)]


async def _shares(tx: Tx, policy_id: UUID) -> list[tuple[str, int]]:
    rows = await tx.sql.execute(_SHARES, {"policy_id": policy_id})
    return [(row.insurer_code, row.share_bp) for row in rows]


async def _of_claim(tx: Tx, claim: ClaimRow) -> Mapping[str, Mapping[str | None, int]]:
    """Give what stands on each account of a claim, by insurer."""
    found: dict[str, dict[str | None, int]] = {}
    for row in await tx.sql.execute(_OF_CLAIM, {"claim_id": claim.id}):
        found.setdefault(row.account, {})[row.insurer_code] = row.amount_fen
    return found


async def _write(
    tx: Tx,
    policy_id: UUID,
    area_code: int,
    booking: Booking,
    lines: Sequence[Line],
    *,
    claim_id: UUID | None = None,
    payer: str | None = None,
) -> None:
    if not lines:
        return
    values = {
        "set_id": new_id(),
        "area_code": area_code,
        "policy_id": policy_id,
        "claim_id": claim_id,
        "payer": payer,
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
    }
    await tx.sql.execute(_POST, values)
