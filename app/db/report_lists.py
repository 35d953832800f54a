"""Claims one by one for a file: a page at a time, nobody named."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.db.rows import record, sql
from app.db.session import Tx
from app.domain.lifecycle import ClaimStatus
from app.domain.reports import Period

_PAGE = sql(
    """
    SELECT c.id, c.claim_no, n.notice_no, c.insurer_case_no, p.policy_no, s.name_zh AS scheme_zh,
        i.name_zh AS insurer_zh, lpad((c.area_code - c.area_code % 1000)::text, 12, '0')
            AS township, t.name_zh AS township_zh, c.status, c.outcome, c.event_on,
        (c.created_at AT TIME ZONE 'Asia/Shanghai')::date AS filed_on, c.assessed_fen,
        c.decided_fen, c.paid_fen, c.due_on
    FROM claim AS c
    LEFT JOIN LATERAL (SELECT substr(c.claim_no, 1, length(c.claim_no)
                                     - position('-' IN reverse(c.claim_no))) AS notice_no) AS n
        ON true
    LEFT JOIN policy AS p ON p.id = c.policy_id
    LEFT JOIN scheme_version AS v ON v.id = p.scheme_version_id
    LEFT JOIN scheme AS s ON s.code = v.scheme_code
    LEFT JOIN insurer AS i ON i.code = c.insurer_code
    LEFT JOIN area AS t ON t.code = c.area_code - c.area_code % 1000
    WHERE c.area_code >= :lo AND c.area_code < :hi
      AND (CAST(:insurer AS text) IS NULL OR c.insurer_code = :insurer)
      AND (CAST(:status AS text) IS NULL OR c.status = :status)
      AND (CAST(:from_on AS date) IS NULL OR c.event_on BETWEEN :from_on AND :to_on)
      AND (CAST(:after AS uuid) IS NULL OR c.id > :after)
    ORDER BY c.id LIMIT :limit
    """
)


@dataclass(frozen=True, slots=True)
class ListedClaim:
    """A claim as a line of a file; amounts in fen, days of Asia/Shanghai."""

    id: UUID
    claim_no: str
    notice_no: str
    insurer_case_no: str | None
    policy_no: str | None
    scheme_zh: str | None
    insurer_zh: str | None
    township: str
    township_zh: str | None
    status: str
    outcome: str | None
    event_on: date
    filed_on: date
    assessed_fen: int | None
    decided_fen: int | None
    paid_fen: int
    due_on: date | None


async def claims_after(
    tx: Tx, status: ClaimStatus | None, period: Period | None, after: UUID | None, limit: int
) -> list[ListedClaim]:
    """Give a page of the caller's claims after a row id; `period` is of the event, None for all."""
    values = {
        "lo": tx.caller.area_lo,
        "hi": tx.caller.area_hi,
        "insurer": tx.caller.insurer,
        "status": None if status is None else status.value,
        "from_on": None if period is None else period.from_on,
        "to_on": None if period is None else period.to_on,
        "after": after,
        "limit": limit,
    }
    return [record(ListedClaim, row) for row in await tx.sql.execute(_PAGE, values)]
