"""Claims as they are shown: with their latest decision and their payouts, one row for each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.db.claims import ClaimRow
from app.db.holds import HELD_ZH
from app.db.rows import sql
from app.db.session import Database, Tx
from app.domain.caller import Caller
from app.domain.lifecycle import ClaimStatus, Outcome, PayoutStatus

_BESIDE = f"""
    (SELECT jsonb_build_array(k.pend_code, k.pend_zh) FROM claim AS k
     WHERE k.id = s.id AND k.pend_code IS NOT NULL) AS pending,
    {HELD_ZH.format(policy="s.policy_id")} AS held_zh,
    CASE WHEN s.status NOT IN ('paid', 'closed', 'withdrawn') THEN (
        SELECT jsonb_build_array(i.state, coalesce(l.paused, false),
                                 coalesce(l.open_until > now(), false))
        FROM instruction AS i LEFT JOIN lane AS l ON l.key = 'insurer:' || i.insurer_code
        WHERE i.claim_id = s.id AND i.state IN ('ready', 'sent', 'unknown', 'parked')
          AND i.kind IN ('refer_claim', 'supply_papers', 'correct_account')
        ORDER BY i.created_at LIMIT 1
    ) END AS asking,
    CASE WHEN s.status = 'paying' THEN EXISTS (
        SELECT FROM payout AS o JOIN account_proposal AS a ON a.payout_id = o.id
        WHERE o.claim_id = s.id AND a.confirmed_at IS NULL
    ) ELSE false END AS account_proposed,
    CASE WHEN s.status = 'paying' THEN EXISTS (
        SELECT FROM payout AS o
        WHERE o.claim_id = s.id AND o.status = 'pending' AND o.account_check = 'mismatch'
    ) ELSE false END AS account_wrong,
    CASE WHEN s.status = 'paying' THEN (
        SELECT min(n.due_on) FROM instalment AS n WHERE n.claim_id = s.id AND n.state = 'planned'
    ) END AS next_due_on
"""
_POLL = f"SELECT s.*, {_BESIDE} FROM poll_claim($1, $2, $3, $4, $5, $6, $7) AS s"
_SHOWN = sql(f"SELECT s.*, {_BESIDE} FROM claim_shown AS s WHERE s.id = ANY(:claims)")


_COLUMNS = [column.name for column in fields(ClaimRow)]
_WORDS = (
    (_COLUMNS.index("status"), ClaimStatus),
    (_COLUMNS.index("outcome"), Outcome),
    (_COLUMNS.index("held_from"), ClaimStatus),
)


@dataclass(frozen=True, slots=True)
class DecisionBrief:
    """The latest decision of a claim, and the version of the policy whose roster it was made on.

    `difference` is None where the amount was ours within the policy's tolerance; else open,
    accepted or disputed, with what we had assessed (fen).
    """

    outcome: str
    amount_fen: int
    clause: str | None
    reason_zh: str | None
    decided_on: date
    decided_by: str
    policy_version: int
    difference: str | None
    assessed_fen: int | None
    difference_reason_zh: str | None
    resolved_by: str | None
    resolved_at: datetime | None


_CLAIM_ENDS = len(_COLUMNS)
_DECISION_ENDS = _CLAIM_ENDS + len(fields(DecisionBrief))


@dataclass(frozen=True, slots=True)
class PayoutBrief:
    """A payout in short, without its payee."""

    id: UUID
    status: PayoutStatus
    amount_fen: int
    account_last4: str | None
    version: int


@dataclass(frozen=True, slots=True)
class ShownClaim:
    """A claim with what is told beside it; `paid_on` and `paid_to` are of the last paid attempt.

    The premium of its policy lacks `premium_gap_fen`; `days_off` holds what is known of years, for
    a policy that counts working days. `pending` is (code, the insurer's words) of why the insurer
    has not decided; `held_zh` is why no payout is ordered under its policy now. `asking` is (state,
    its lane is paused, its lane rests) of an instruction without its last answer; whether a
    corrected account waits for its second person is told to officers only. `account_wrong`: a
    payout's account is somebody else's, and nothing can be paid to it. `next_due_on` is the day of
    the next instalment.
    """

    claim: ClaimRow
    decision: DecisionBrief | None
    payouts: tuple[PayoutBrief, ...]
    paid_on: date | None
    paid_to: str | None
    policy_status: str
    premium_gap_fen: int
    premium_due_on: date
    day_count: str
    papers_stop_clock: bool
    decide_days: int
    pay_days: int
    limitation_years: int
    days_off: Mapping[str, Any] | None
    today: date
    pending: Sequence[str | None] | None
    held_zh: str | None
    asking: tuple[str, bool, bool] | None
    account_proposed: bool
    account_wrong: bool
    next_due_on: date | None


async def poll_claim(
    database: Database, caller: Caller, request_id: str | None, claim_no: str
) -> ShownClaim | None:
    """Give one claim, None when the caller sees none; one round trip and no transaction."""
    row = await database.ask(caller, request_id, _POLL, claim_no)
    return None if row is None else _opened(row.values())


async def shown_claims(tx: Tx, claims: Sequence[UUID]) -> list[ShownClaim]:
    """Give some claims in the order asked for, in one statement."""
    rows = (await tx.sql.execute(_SHOWN, {"claims": list(claims)})).all()
    found = {row.id: _opened(row) for row in rows}
    return [found[claim_id] for claim_id in claims]


def _opened(columns: Iterable[Any]) -> ShownClaim:
    """Make a claim of a row of the view: the claim, its decision, its payouts, what is beside."""
    values = list(columns)
    claim, verdict = values[:_CLAIM_ENDS], values[_CLAIM_ENDS:_DECISION_ENDS]
    payouts, *beside = values[_DECISION_ENDS:]
    for place, kind in _WORDS:
        if claim[place] is not None:
            claim[place] = kind(claim[place])
    decision = None if verdict[0] is None else DecisionBrief(*verdict)
    return ShownClaim(ClaimRow(*claim), decision, _payouts(payouts or ()), *beside)


def _payouts(found: Iterable[Mapping[str, Any]]) -> tuple[PayoutBrief, ...]:
    return tuple(
        PayoutBrief(
            UUID(one["id"]),
            PayoutStatus(one["status"]),
            one["amount_fen"],
            one["account_last4"],
            one["version"],
        )
        for one in found
    )
