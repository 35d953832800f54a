"""A policy's claims with the facts they were assessed on, streamed in the order of assessment."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

from app.db.rows import sql
from app.db.session import Tx
from app.domain.limits import LimitKey, Scope
from app.domain.replay import Opening, PastClaim

# The first assessment of a claim gives its place in the order, the latest one the facts.
_CLAIMS = """
    SELECT c.claim_no, CAST(coalesce(p.household_id, p.id) AS text) AS family,
        CAST(p.id AS text) AS person, c.area_code, CAST(a.facts AS text) AS facts,
        CAST(jsonb_path_query_array(
            a.usage_before, 'strict $[*] ? (@[0].scope == "bill" && @[1] > 0)') AS text) AS held
    FROM claim AS c
    JOIN notice AS n ON n.id = c.notice_id
    JOIN person AS p ON p.id = n.person_id
    JOIN assessment AS f ON f.claim_id = c.id AND f.seq = 1
    JOIN LATERAL (
        SELECT l.facts, l.usage_before FROM assessment AS l
        WHERE l.claim_id = c.id ORDER BY l.seq DESC LIMIT 1
    ) AS a ON true
    WHERE c.policy_id = :policy_id AND c.status <> 'withdrawn'
    ORDER BY {} f.created_at, c.claim_no
"""
_BY_FAMILY = sql(_CLAIMS.format("family,"))
_IN_SEQUENCE = sql(_CLAIMS.format(""))
# Of limits for life also what the policies before it in its line have used.
_OPENING = sql(
    """
    WITH mine AS (SELECT id, line_id, period_from FROM policy WHERE id = :policy_id)
    SELECT CAST(u.subject_id AS text) AS subject, u.scope, u.code, u.period,
        sum(u.units)::bigint AS units
    FROM (
        SELECT e.subject_id, e.scope, e.code, e.period, e.units
        FROM usage_entry AS e JOIN mine AS m ON e.owner_id IN (m.id, m.line_id)
        WHERE e.reason = 'opening' AND (e.owner_id = m.id OR e.scope = 'person_life')
        UNION ALL
        SELECT e.subject_id, e.scope, e.code, e.period, e.units
        FROM mine AS m JOIN policy AS p ON p.line_id = m.line_id AND p.period_from < m.period_from
        JOIN claim AS c ON c.policy_id = p.id
        JOIN usage_entry AS e ON e.claim_id = c.id AND e.scope = 'person_life'
    ) AS u
    GROUP BY u.subject_id, u.scope, u.code, u.period HAVING sum(u.units) <> 0
    """
)
_CATEGORIES = sql(
    """
    SELECT a.facts -> 'person' ->> 'category' AS category, count(DISTINCT c.id) AS claims
    FROM claim AS c JOIN assessment AS a ON a.claim_id = c.id
    WHERE c.policy_id = :policy_id AND c.status <> 'withdrawn' GROUP BY 1 ORDER BY 1
    """
)
_LONG = sql("SELECT set_config('statement_timeout', '10min', true)")


@dataclass(frozen=True, slots=True)
class Exposure:
    """One category of a roster: people, their days of cover up to today, and what they were owed.

    Decided where it is decided, else assessed; `squares` is the sum of the squares of people's
    sums. Amounts in fen.
    """

    category: str
    people: int
    days: int
    fen: int
    squares: int


_EXPOSURE = sql(
    """
    WITH insured AS (
        SELECT e.person_id, e.category,
            sum(greatest(0, least(upper(e.covered), business_today() + 1) - lower(e.covered)))
                AS days
        FROM enrolment AS e WHERE e.policy_id = :policy_id AND NOT e.void
        GROUP BY e.person_id, e.category
    ), owed AS (
        SELECT n.person_id, a.facts -> 'person' ->> 'category' AS category,
            sum(coalesce(c.decided_fen, a.amount_fen)) AS fen
        FROM claim AS c JOIN notice AS n ON n.id = c.notice_id
        JOIN LATERAL (
            SELECT l.facts, l.amount_fen FROM assessment AS l
            WHERE l.claim_id = c.id ORDER BY l.seq DESC LIMIT 1
        ) AS a ON true
        WHERE c.policy_id = :policy_id AND c.status <> 'withdrawn' GROUP BY 1, 2
    )
    SELECT i.category, count(*)::bigint AS people, sum(i.days)::bigint AS days,
        coalesce(sum(o.fen), 0)::bigint AS fen, coalesce(sum(o.fen * o.fen), 0) AS squares
    FROM insured AS i LEFT JOIN owed AS o USING (person_id, category)
    WHERE i.days > 0 GROUP BY i.category ORDER BY i.category
    """
)


async def past_claims(tx: Tx, policy_id: UUID, *, by_family: bool) -> AsyncIterator[PastClaim]:
    """Stream the assessed claims of a policy that were not withdrawn.

    By family: those of one household together, each family's in the order of assessment; else all
    in that order. Memory is flat; the transaction stays open until the last one is read.
    """
    await tx.sql.execute(_LONG)
    statement = _BY_FAMILY if by_family else _IN_SEQUENCE
    async with tx.sql.stream(statement, {"policy_id": policy_id}) as rows:
        async for page in rows.partitions(1_000):
            for row in page:
                yield PastClaim(*row)


async def opening_usage(tx: Tx, policy_id: UUID) -> dict[str, list[Opening]]:
    """Give what was used before the policy's first claim, by subject.

    Balances that were brought in, and of limits for life what earlier policies of its line used.
    """
    found: dict[str, list[Opening]] = {}
    for row in await tx.sql.execute(_OPENING, {"policy_id": policy_id}):
        key = LimitKey(Scope(row.scope), row.code, row.period)
        found.setdefault(row.subject, []).append(Opening(row.subject, key, row.units))
    return found


async def categories_of(tx: Tx, policy_id: UUID) -> dict[str, int]:
    """Give the categories that a policy's claims were assessed in, with the number of claims."""
    rows = await tx.sql.execute(_CATEGORIES, {"policy_id": policy_id})
    return {row.category: row.claims for row in rows}


async def exposure_of(tx: Tx, policy_id: UUID) -> list[Exposure]:
    """Give who was insured so far and what they were owed, by category."""
    rows = await tx.sql.execute(_EXPOSURE, {"policy_id": policy_id})
    return [Exposure(row.category, row.people, row.days, row.fen, int(row.squares)) for row in rows]
