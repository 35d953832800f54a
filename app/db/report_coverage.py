"""Who is registered and who is covered today, by township; nobody is named."""

from dataclasses import dataclass

from app.db.rows import record, sql
from app.db.session import Tx

_COVERED = sql(
    """
    WITH today AS MATERIALIZED (SELECT business_today() AS on_day), covered AS (
        SELECT person_id, max(policies) AS most FROM (
            SELECT e.person_id, v.scheme_code, count(*) AS policies
            FROM enrolment AS e JOIN policy AS p ON p.id = e.policy_id
            JOIN scheme_version AS v ON v.id = p.scheme_version_id
            WHERE NOT e.void AND e.covered @> (SELECT on_day FROM today) AND p.status = 'active'
            GROUP BY e.person_id, v.scheme_code
        ) AS s GROUP BY person_id
    ), late AS (
        SELECT e.person_id FROM enrolment AS e JOIN policy AS p ON p.id = e.policy_id
        WHERE NOT e.void AND p.status = 'active' AND lower(e.covered) > p.period_from
          AND (SELECT on_day FROM today) BETWEEN p.period_from AND p.period_to
        GROUP BY e.person_id
    )
    SELECT lpad((r.area_code - r.area_code % 1000)::text, 12, '0') AS township,
        count(*) FILTER (WHERE r.died_on IS NULL) AS people,
        count(*) FILTER (WHERE r.died_on IS NULL AND c.person_id IS NOT NULL) AS covered,
        count(*) FILTER (WHERE r.died_on IS NULL AND l.person_id IS NOT NULL) AS late,
        count(*) FILTER (WHERE r.died_on IS NOT NULL AND c.person_id IS NOT NULL) AS dead,
        count(*) FILTER (WHERE c.most > 1) AS twice
    FROM person AS r LEFT JOIN covered AS c ON c.person_id = r.id
    LEFT JOIN late AS l ON l.person_id = r.id
    WHERE r.area_code >= :lo AND r.area_code < :hi AND r.erased_at IS NULL
    GROUP BY 1 ORDER BY 1
    """
)


@dataclass(frozen=True, slots=True)
class CoveredRow:
    """People of a township: living, of these covered today, and joined after the first day.

    `dead` are covered though known to have died, `twice` under two policies of one scheme.
    """

    township: str
    people: int
    covered: int
    late: int
    dead: int
    twice: int


async def covered_people(tx: Tx) -> list[CoveredRow]:
    """Count the registered people of the caller's area and those covered today."""
    values = {"lo": tx.caller.area_lo, "hi": tx.caller.area_hi}
    return [record(CoveredRow, row) for row in await tx.sql.execute(_COVERED, values)]
