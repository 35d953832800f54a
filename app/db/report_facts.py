"""What reports are made from that no total holds: claims that wait, premium by day, bills."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from app.db.rows import plain, record, sql
from app.db.session import Tx
from app.domain.reports import Period

_TOWNSHIP = "lpad(({0} - {0} % 1000)::text, 12, '0')"
_WITHIN = """
    c.area_code >= :lo AND c.area_code < :hi
    AND (CAST(:insurer AS text) IS NULL OR c.insurer_code = :insurer)
"""
_WAITING = sql(
    f"""
    SELECT {_TOWNSHIP.format("c.area_code")} AS township, p.policy_no, v.scheme_code,
        coalesce(c.insurer_code, '') AS insurer_code, c.status, c.event_on,
        (c.created_at AT TIME ZONE 'Asia/Shanghai')::date AS submitted_on, c.milestones, c.due_on,
        d.outcome, coalesce(d.amount_fen, 0) AS amount_fen, d.decided_on,
        p.day_count, p.papers_stop_clock, p.decide_days, p.pay_days, p.limitation_years
    FROM claim AS c JOIN policy AS p ON p.id = c.policy_id
    JOIN scheme_version AS v ON v.id = p.scheme_version_id
    LEFT JOIN LATERAL (
        SELECT * FROM decision WHERE decision.claim_id = c.id ORDER BY seq DESC LIMIT 1
    ) AS d ON true
    WHERE {_WITHIN} AND c.status IN ('submitted', 'evidence_required', 'under_review',
                                     'pending_approval', 'decided', 'paying')
    LIMIT :most
    """
)
# Each spell's premium by the days of it that lie in the period, each rounded half up to the fen.
_EARNED = sql(
    f"""
    SELECT policy_id, township, sum((2 * premium_fen * inside + days) / (2 * days))::bigint
            AS earned_fen, count(DISTINCT person_id) FILTER (WHERE inside > 0) AS people
    FROM (
        SELECT e.policy_id, e.person_id, {_TOWNSHIP.format("e.area_code")} AS township,
            e.premium_fen, upper(e.covered) - lower(e.covered) AS days,
            greatest(0, least(upper(e.covered), CAST(:to_on AS date) + 1)
                        - greatest(lower(e.covered), CAST(:from_on AS date)))::bigint AS inside
        FROM enrolment AS e
        WHERE NOT e.void AND e.area_code >= :lo AND e.area_code < :hi
          AND (CAST(:insurer AS text) IS NULL OR e.insurer_code = :insurer)
          AND e.covered && daterange(:from_on, :to_on, '[]')
    ) AS s GROUP BY policy_id, township
    """
)
# Premium that stands on no one's name: of unnamed rosters, of households, of a place as a whole.
_POLICIES = sql(
    """
    SELECT p.id, p.policy_no, p.terms_sha256, p.scheme_code, p.period_from, p.last_on,
        p.premium_due_fen - coalesce((
            SELECT sum(e.premium_fen) FROM enrolment AS e
            WHERE e.policy_id = p.id AND NOT e.void), 0)::bigint AS rest_fen,
        p.area_lo >= :lo AND p.area_hi <= :hi AS whole, p.county,
        (SELECT jsonb_agg(jsonb_build_array(h.insurer_code, h.share_bp)
                          ORDER BY h.lead DESC, h.insurer_code)
         FROM policy_share AS h WHERE h.policy_id = p.id) AS shares
    FROM (
        SELECT q.*, v.scheme_code, v.terms_sha256,
            coalesce(q.cancelled_from - 1, q.period_to) AS last_on,
            lpad((q.area_lo - q.area_lo % 1000000)::text, 12, '0') AS county
        FROM policy AS q JOIN scheme_version AS v ON v.id = q.scheme_version_id
    ) AS p
    WHERE p.status <> 'quoted' AND p.period_from <= :to_on AND p.last_on >= :from_on
      AND p.area_lo < :hi AND p.area_hi > :lo
    """
)
_DECIDED = sql(
    f"""
    SELECT p.policy_no, v.scheme_code, c.decided_fen, c.paid_fen,
        CAST(a.result -> 'covers' AS text) AS covers
    FROM claim AS c JOIN policy AS p ON p.id = c.policy_id
    JOIN scheme_version AS v ON v.id = p.scheme_version_id
    LEFT JOIN LATERAL (
        SELECT result FROM assessment WHERE assessment.claim_id = c.id ORDER BY seq DESC LIMIT 1
    ) AS a ON true
    WHERE {_WITHIN} AND c.decided_fen > 0 AND c.event_on BETWEEN :from_on AND :to_on
    LIMIT :most
    """
)
_BILLS = sql(
    f"""
    SELECT {_TOWNSHIP.format("n.area_code")} AS township,
        to_char(CAST(n.content -> 'event' ->> 'on' AS date), 'YYYY-MM') AS month,
        CAST(n.content -> 'bills' AS text) AS bills,
        (SELECT jsonb_agg(jsonb_build_array(
                    coalesce(c.decided_fen, 0), coalesce(c.paid_fen, 0), a.amount_fen,
                    a.result -> 'by_bill'))
         FROM claim AS c LEFT JOIN LATERAL (
             SELECT amount_fen, result FROM assessment WHERE assessment.claim_id = c.id
             ORDER BY seq DESC LIMIT 1
         ) AS a ON true
         WHERE c.notice_id = n.id AND c.status <> 'withdrawn') AS claims
    FROM notice AS n
    WHERE n.area_code >= :lo AND n.area_code < :hi AND n.status IN ('submitted', 'closed')
      AND CAST(n.content -> 'event' ->> 'on' AS date) BETWEEN :from_on AND :to_on
    LIMIT :most
    """
)
_APPROVED = sql(
    f"""
    SELECT {_TOWNSHIP.format("c.area_code")} AS township, p.policy_no, v.scheme_code,
        to_char(a.created_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM') AS month,
        count(*) FILTER (WHERE a.act = 'approve') AS alone,
        coalesce(sum(a.amount_fen) FILTER (WHERE a.act = 'approve'), 0)::bigint AS alone_fen,
        coalesce(max(a.amount_fen) FILTER (WHERE a.act = 'approve'), 0)::bigint AS largest_fen,
        count(*) FILTER (WHERE a.act = 'confirm') AS by_two,
        coalesce(sum(a.amount_fen) FILTER (WHERE a.act = 'confirm'), 0)::bigint AS by_two_fen,
        count(*) FILTER (WHERE a.act = 'approve' AND s.state <> 'undrawn') AS drawn,
        count(*) FILTER (WHERE a.act = 'approve' AND s.rechecked_at IS NOT NULL) AS rechecked,
        count(*) FILTER (WHERE a.act = 'approve' AND s.state = 'objected') AS objected
    FROM approval AS a JOIN claim AS c ON c.id = a.claim_id
    LEFT JOIN delegated_case AS s ON s.claim_id = c.id
    JOIN policy AS p ON p.id = c.policy_id JOIN scheme_version AS v ON v.id = p.scheme_version_id
    WHERE {_WITHIN} AND a.act IN ('approve', 'confirm')
      AND (a.created_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN :from_on AND :to_on
    GROUP BY 1, 2, 3, 4
    """
)
_RUNNING = sql(
    """
    SELECT p.id, p.line_id, p.policy_no, v.scheme_code, v.terms_sha256, p.period_from
    FROM policy AS p JOIN scheme_version AS v ON v.id = p.scheme_version_id
    WHERE p.status = 'active' AND business_today() BETWEEN p.period_from AND p.period_to
      AND p.area_lo < :hi AND p.area_hi > :lo
    ORDER BY p.policy_no
    """
)
# One row for each limit that stands: who has used any of it, much of it, and all of it. A category
# that is not empty narrows a limit of people to those who are entered in it.
_NEAR = sql(
    """
    SELECT w.place, count(*) AS users, count(*) FILTER (WHERE u.used * 100 >= w.bound * :percent)
            AS near, count(*) FILTER (WHERE u.used >= w.bound) AS full_used,
        coalesce(max(u.used), 0)::bigint AS most_used
    FROM ROWS FROM (jsonb_to_recordset(CAST(:wanted AS jsonb)) AS (
        owner_id uuid, policy_id uuid, scope text, code text, period text, category text,
        bound bigint)) WITH ORDINALITY AS w (owner_id, policy_id, scope, code, period, category,
                                             bound, place)
    JOIN usage_counter AS u ON u.owner_id = w.owner_id AND u.scope = w.scope AND u.code = w.code
        AND u.period = w.period AND u.used > 0
    WHERE w.category = '' OR EXISTS (
        SELECT FROM enrolment AS e WHERE e.policy_id = w.policy_id AND e.person_id = u.subject_id
          AND e.category = w.category AND NOT e.void)
    GROUP BY w.place
    """
)


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One claim that waits, its groups, and what its clocks are worked out from."""

    township: str
    policy_no: str
    scheme_code: str
    insurer_code: str
    status: str
    event_on: date
    submitted_on: date
    milestones: Sequence[Sequence[str]]
    due_on: date | None
    outcome: str | None
    amount_fen: int
    decided_on: date | None
    day_count: str
    papers_stop_clock: bool
    decide_days: int
    pay_days: int
    limitation_years: int


@dataclass(frozen=True, slots=True)
class EarnedRow:
    """Premium (fen) earned in a period by the people of a township, and how many they are."""

    policy_id: UUID
    township: str
    earned_fen: int
    people: int


@dataclass(frozen=True, slots=True)
class PremiumPolicy:
    """A policy of a period. `rest_fen` is premium that stands on nobody's name.

    `whole`: all of the policy lies in the caller's area, so that the rest is really the rest.
    `shares` are (insurer, basis points), None for a fund.
    """

    id: UUID
    policy_no: str
    terms_sha256: str
    scheme_code: str
    period_from: date
    last_on: date
    rest_fen: int
    whole: bool
    county: str
    shares: Sequence[tuple[str, int]] | None


@dataclass(frozen=True, slots=True)
class DecidedRow:
    """A claim with an amount (fen); `covers` is the JSON of its latest assessment's covers."""

    policy_no: str
    scheme_code: str
    decided_fen: int
    paid_fen: int
    covers: str | None


@dataclass(frozen=True, slots=True)
class BillsRow:
    """A notice's bills as JSON, and of each claim: decided, paid, assessed (fen) and by bill."""

    township: str
    month: str
    bills: str
    claims: Sequence[tuple[int, int, int | None, Any]] | None


@dataclass(frozen=True, slots=True)
class ApprovedRow:
    """What was approved of a policy in a township and month: alone, and by two persons; fen.

    Of those approved alone, how many were drawn for a second look, have had it, were objected to.
    """

    township: str
    policy_no: str
    scheme_code: str
    month: str
    alone: int
    alone_fen: int
    largest_fen: int
    by_two: int
    by_two_fen: int
    drawn: int
    rechecked: int
    objected: int


@dataclass(frozen=True, slots=True)
class RunningPolicy:
    """A policy in force today; `line_id` owns what counts for life."""

    id: UUID
    line_id: UUID
    policy_no: str
    scheme_code: str
    terms_sha256: str
    period_from: date


@dataclass(frozen=True, slots=True)
class NearRow:
    """How many counters of a limit were used at all, nearly and wholly; the most used of one."""

    place: int
    users: int
    near: int
    full_used: int
    most_used: int


async def waiting_claims(tx: Tx, most: int) -> list[WaitingRow]:
    """Give the claims of the caller that wait for somebody, at most so many."""
    rows = await tx.sql.execute(_WAITING, {**_scope(tx), "most": most})
    return [record(WaitingRow, row) for row in rows]


async def earned_premium(tx: Tx, period: Period) -> list[EarnedRow]:
    """Give the premium earned on each day of a period, by policy and township."""
    rows = await tx.sql.execute(_EARNED, {**_scope(tx), **_days(period)})
    return [record(EarnedRow, row) for row in rows]


async def premium_policies(tx: Tx, period: Period) -> list[PremiumPolicy]:
    """Give the policies that were in force on any day of a period."""
    values = {"lo": tx.caller.area_lo, "hi": tx.caller.area_hi, **_days(period)}
    return [record(PremiumPolicy, row) for row in await tx.sql.execute(_POLICIES, values)]


async def decided_claims(tx: Tx, period: Period, most: int) -> list[DecidedRow]:
    """Give the claims whose event lies in a period and that were decided with an amount."""
    rows = await tx.sql.execute(_DECIDED, {**_scope(tx), **_days(period), "most": most})
    return [record(DecidedRow, row) for row in rows]


async def filed_bills(tx: Tx, period: Period, most: int) -> list[BillsRow]:
    """Give the bills of notices whose event lies in a period, with what claims did about them."""
    values = {"lo": tx.caller.area_lo, "hi": tx.caller.area_hi, **_days(period), "most": most}
    return [record(BillsRow, row) for row in await tx.sql.execute(_BILLS, values)]


async def approvals_of(tx: Tx, period: Period) -> list[ApprovedRow]:
    """Give what was approved in a period, by township, policy and month of the approval."""
    rows = await tx.sql.execute(_APPROVED, {**_scope(tx), **_days(period)})
    return [record(ApprovedRow, row) for row in rows]


async def running_policies(tx: Tx) -> list[RunningPolicy]:
    """Give the policies in force today that reach into the caller's area."""
    values = {"lo": tx.caller.area_lo, "hi": tx.caller.area_hi}
    return [record(RunningPolicy, row) for row in await tx.sql.execute(_RUNNING, values)]


async def near_limits(
    tx: Tx, wanted: Sequence[Mapping[str, object]], percent: int
) -> dict[int, NearRow]:
    """Give how far limits are used, by their place (from 1) in what is wanted."""
    if not wanted:
        return {}
    values = {"wanted": plain(list(wanted)), "percent": percent}
    rows = [record(NearRow, row) for row in await tx.sql.execute(_NEAR, values)]
    return {row.place: row for row in rows}


def _scope(tx: Tx) -> dict[str, object]:
    return {"lo": tx.caller.area_lo, "hi": tx.caller.area_hi, "insurer": tx.caller.insurer}


def _days(period: Period) -> dict[str, object]:
    return {"from_on": period.from_on, "to_on": period.to_on}
