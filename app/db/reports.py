"""What reports are made from: an insurer's claims of a period, a policy's year."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from app.db.rows import record, sql
from app.db.session import Tx

# Claims that an insurer leads and decided in the period, or had not decided by its end.
_SCORED = sql(
    """
    SELECT c.status, c.event_on, (c.created_at AT TIME ZONE 'Asia/Shanghai')::date AS submitted_on,
        c.milestones, c.due_on, d.outcome, coalesce(d.amount_fen, 0) AS amount_fen, d.decided_on,
        (SELECT max(t.paid_on) FROM payout AS o JOIN payout_attempt AS t ON t.payout_id = o.id
         WHERE o.claim_id = c.id AND t.status = 'paid') AS paid_on,
        EXISTS (SELECT FROM appeal AS a WHERE a.claim_id = c.id AND a.kind = 'appeal') AS appealed,
        coalesce(e.refused, false) AS refused_before, coalesce(e.least < d.amount_fen, false)
            AS raised,
        f.state AS difference, coalesce(f.decided_fen - f.assessed_fen, 0) AS difference_fen,
        p.day_count, p.papers_stop_clock, p.decide_days, p.pay_days, p.limitation_years
    FROM claim AS c JOIN policy AS p ON p.id = c.policy_id
    LEFT JOIN LATERAL (
        SELECT * FROM decision WHERE decision.claim_id = c.id ORDER BY seq DESC LIMIT 1
    ) AS d ON true
    LEFT JOIN LATERAL (
        SELECT bool_or(b.outcome = 'declined') AS refused, min(b.amount_fen) AS least
        FROM decision AS b WHERE b.claim_id = c.id AND b.seq < d.seq
    ) AS e ON true
    LEFT JOIN decision_difference AS f ON f.claim_id = c.id AND f.decision_seq = d.seq
    WHERE c.insurer_code = :insurer AND c.status <> 'withdrawn'
      AND c.area_code >= :lo AND c.area_code < :hi
      AND (d.decided_on BETWEEN :from_on AND :to_on
           OR (d.seq IS NULL AND (c.created_at AT TIME ZONE 'Asia/Shanghai')::date <= :to_on
               AND c.status IN ('under_review', 'evidence_required')))
    LIMIT :limit
    """
)
_BOOKED = sql(
    """
    SELECT coalesce(sum(amount_fen) FILTER (WHERE account = 'incurred'), 0)::bigint
               AS incurred_fen,
           coalesce(-sum(amount_fen) FILTER (WHERE account = 'paid'), 0)::bigint AS paid_fen,
           count(DISTINCT claim_id) FILTER (WHERE account IN ('incurred', 'paid')) AS claims
    FROM ledger_entry
    WHERE insurer_code = :insurer AND area_code >= :lo AND area_code < :hi
      AND (created_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN :from_on AND :to_on
    """
)
_YEARS_OFF = sql("SELECT year, days_off, working_days FROM calendar_year")
_YEAR = sql(
    """
    SELECT coalesce(sum(amount_fen) FILTER (WHERE account = 'incurred'), 0)::bigint
               AS incurred_fen,
           coalesce(-sum(amount_fen) FILTER (WHERE account = 'paid'), 0)::bigint AS paid_fen,
           coalesce(-sum(amount_fen) FILTER (WHERE account = 'premium'), 0)::bigint AS premium_fen,
           coalesce(sum(amount_fen) FILTER (WHERE account = 'premium_paid'), 0)::bigint
               AS premium_paid_fen,
           coalesce(sum(amount_fen) FILTER (WHERE account = 'recovered'), 0)::bigint
               AS recovered_fen,
           count(DISTINCT claim_id) FILTER (WHERE account = 'incurred') AS claims
    FROM ledger_entry WHERE policy_id = :policy_id
    """
)
_OPEN = sql(
    """
    SELECT count(*) AS open_claims, coalesce(sum(assessed_fen), 0)::bigint AS expected_fen
    FROM claim WHERE policy_id = :policy_id
      AND status IN ('submitted', 'evidence_required', 'under_review', 'pending_approval')
    """
)
_SHARES = sql(
    """
    SELECT insurer_code,
           coalesce(sum(amount_fen) FILTER (WHERE account = 'incurred'), 0)::bigint
               AS incurred_fen,
           coalesce(-sum(amount_fen) FILTER (WHERE account = 'paid'), 0)::bigint AS paid_fen
    FROM ledger_entry
    WHERE policy_id = :policy_id AND insurer_code IS NOT NULL AND claim_id IS NOT NULL
    GROUP BY insurer_code ORDER BY insurer_code
    """
)


@dataclass(frozen=True, slots=True)
class ScoredRow:
    """One claim that is scored, with what its policy says of its clocks."""

    status: str
    event_on: date
    submitted_on: date
    milestones: Sequence[Sequence[str]]
    due_on: date | None
    outcome: str | None
    amount_fen: int
    decided_on: date | None
    paid_on: date | None
    appealed: bool
    refused_before: bool
    raised: bool
    difference: str | None
    difference_fen: int
    day_count: str
    papers_stop_clock: bool
    decide_days: int
    pay_days: int
    limitation_years: int


@dataclass(frozen=True, slots=True)
class BookedRow:
    """What was booked of an insurer's own share in a period; fen, and from how many claims."""

    incurred_fen: int
    paid_fen: int
    claims: int


@dataclass(frozen=True, slots=True)
class YearRow:
    """What stands in the ledger of a policy, in fen, and from how many claims."""

    incurred_fen: int
    paid_fen: int
    premium_fen: int
    premium_paid_fen: int
    recovered_fen: int
    claims: int


@dataclass(frozen=True, slots=True)
class ShareRow:
    """What one insurer's share of a policy has incurred and paid, in fen."""

    insurer_code: str
    incurred_fen: int
    paid_fen: int


async def scored_claims(
    tx: Tx, insurer: str, from_on: date, to_on: date, limit: int
) -> list[ScoredRow]:
    """Give the claims of the caller's area that an insurer is scored by, at most so many."""
    values = {**_within(tx, insurer, from_on, to_on), "limit": limit}
    return [record(ScoredRow, row) for row in await tx.sql.execute(_SCORED, values)]


async def booked_of(tx: Tx, insurer: str, from_on: date, to_on: date) -> BookedRow:
    """Give what was booked of an insurer's own share in a period of days."""
    values = _within(tx, insurer, from_on, to_on)
    return record(BookedRow, (await tx.sql.execute(_BOOKED, values)).one())


async def days_off_told(tx: Tx) -> Mapping[str, Any]:
    """Give what is known of days off, by year: (days off, working days)."""
    rows = await tx.sql.execute(_YEARS_OFF)
    return {str(row.year): (row.days_off, row.working_days) for row in rows}


async def year_of(tx: Tx, policy_id: UUID) -> tuple[YearRow, int, int]:
    """Give a policy's ledger, how many of its claims are open, and what was assessed of those."""
    year = record(YearRow, (await tx.sql.execute(_YEAR, {"policy_id": policy_id})).one())
    still = (await tx.sql.execute(_OPEN, {"policy_id": policy_id})).one()
    return year, still.open_claims, still.expected_fen


async def shares_of(tx: Tx, policy_id: UUID) -> list[ShareRow]:
    """Give what each insurer's share of a policy has incurred and paid."""
    rows = await tx.sql.execute(_SHARES, {"policy_id": policy_id})
    return [record(ShareRow, row) for row in rows]


def _within(tx: Tx, insurer: str, from_on: date, to_on: date) -> dict[str, object]:
    return {
        "insurer": insurer,
        "lo": tx.caller.area_lo,
        "hi": tx.caller.area_hi,
        "from_on": from_on,
        "to_on": to_on,
    }
