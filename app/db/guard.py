"""What the guard found of the invariants, and the figures it took for machines that watch."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.elements import TextClause

from app.db.readiness import is_passing
from app.db.rows import fields_of, plain, record, sql
from app.db.session import Database, Tx
from app.domain.caller import Caller

Samples = Sequence[tuple[Mapping[str, str], float]]

CUT_OFF = "57014"  # query_canceled, here by the statement's time-out

_BOUND = sql("SELECT set_config('statement_timeout', :milliseconds, true)")
_READ_ONLY = sql("SET TRANSACTION READ ONLY")
_TRIED = sql("SELECT number, tried_at FROM invariant_check")
_KEEP = sql(
    """
    INSERT INTO invariant_check AS i (number, broken, places, fault, took_ms, checked_at, red_since)
    VALUES (:number, :broken, CAST(:places AS jsonb), NULL, :took_ms, clock_timestamp(),
            CASE WHEN :broken > 0 THEN clock_timestamp() END)
    ON CONFLICT (number) DO UPDATE SET broken = excluded.broken, places = excluded.places,
        fault = NULL, took_ms = excluded.took_ms, tried_at = clock_timestamp(),
        checked_at = excluded.checked_at,
        red_since = CASE WHEN excluded.broken > 0 THEN coalesce(i.red_since, excluded.red_since) END
    """
)
_MISS = sql(
    """
    INSERT INTO invariant_check AS i (number, broken, fault, took_ms)
    VALUES (:number, 0, :fault, :took_ms)
    ON CONFLICT (number) DO UPDATE SET fault = excluded.fault, took_ms = excluded.took_ms,
        tried_at = clock_timestamp()
    """
)
_CHECKS = sql(
    """
    SELECT number, broken, fault, took_ms, checked_at, red_since FROM invariant_check
    ORDER BY number
    """
)
_KEEP_GAUGE = sql(
    """
    INSERT INTO gauge (name, samples) VALUES (:name, CAST(:samples AS jsonb))
    ON CONFLICT (name) DO UPDATE SET samples = excluded.samples, measured_at = clock_timestamp()
    """
)
_GAUGES = sql("SELECT name, samples, measured_at FROM gauge ORDER BY name")

# Each gives rows of labels and one `value`. What is open is small whatever the house has done; the
# claims are counted from their totals.
MEASURES: dict[str, TextClause] = {
    "relief_claims_total": sql(
        """
        SELECT c.status, v.scheme_code AS scheme, sum(c.claims)::bigint AS value FROM (
            SELECT policy_id, status, sum(claims) AS claims FROM claim_count
            GROUP BY policy_id, status HAVING sum(claims) <> 0
        ) AS c JOIN policy AS p ON p.id = c.policy_id
        JOIN scheme_version AS v ON v.id = p.scheme_version_id
        GROUP BY c.status, v.scheme_code ORDER BY 1, 2
        """
    ),
    "relief_callback_events_total": sql(
        """
        SELECT insurer_code AS insurer, state AS result, count(*) AS value FROM callback_event
        GROUP BY insurer_code, state ORDER BY 1, 2
        """
    ),
    "relief_claim_overdue": sql(
        """
        SELECT status, count(*) AS value FROM claim
        WHERE due_on < business_today() AND status IN ('pending_approval', 'evidence_required')
        GROUP BY status ORDER BY 1
        """
    ),
    "relief_outbox_lag_seconds": sql(
        """
        SELECT l.key AS lane,
            coalesce(extract(epoch FROM now() - min(j.run_at)), 0)::float AS value
        FROM lane AS l LEFT JOIN job AS j ON j.lane = l.key AND j.run_at <= now()
            AND (j.state = 'ready' OR (j.state = 'running' AND j.lease_until < now()))
        GROUP BY l.key ORDER BY 1
        """
    ),
    "relief_instructions_open": sql(
        """
        SELECT insurer_code AS insurer, state, count(*) AS value FROM instruction
        WHERE state IN ('ready', 'sent', 'unknown', 'parked')
        GROUP BY insurer_code, state ORDER BY 1, 2
        """
    ),
    "relief_reconciliation_difference_yuan": sql(
        """
        SELECT coalesce(insurer_code, 'bank') AS insurer, kind, state,
            sum(abs(coalesce(CAST(theirs ->> 'amount_fen' AS bigint), 0)
                    - coalesce(CAST(ours ->> 'amount_fen' AS bigint), 0)))::float / 100 AS value
        FROM reconciliation_item WHERE state <> 'resolved'
        GROUP BY insurer_code, kind, state ORDER BY 1, 2, 3
        """
    ),
    "relief_payout_holds": sql(
        """
        SELECT number::text AS number, count(*) AS value FROM payout_hold WHERE state = 'open'
        GROUP BY number ORDER BY number
        """
    ),
    "relief_summary_unfolded": sql(
        """
        SELECT 'claim' AS summary, count(*) AS value FROM claim_delta
        UNION ALL SELECT 'ledger', count(*) FROM ledger_delta ORDER BY 1
        """
    ),
    "relief_jobs": sql(
        """
        SELECT lane, CASE WHEN state = 'ready' AND run_at <= now() THEN 'due'
                          WHEN state = 'ready' THEN 'later' ELSE state END AS state,
            count(*) AS value
        FROM job WHERE state IN ('ready', 'running') GROUP BY 1, 2
        UNION ALL
        SELECT lane, 'dead', count(*) FROM job WHERE state = 'dead' GROUP BY lane
        ORDER BY 1, 2
        """
    ),
    "relief_lane_resting": sql(
        """
        SELECT key AS lane, (paused OR coalesce(open_until > now(), false))::int AS value
        FROM lane ORDER BY key
        """
    ),
    "relief_webhook_deliveries_total": sql(
        """
        SELECT state AS result, count(*) AS value FROM webhook_delivery GROUP BY state ORDER BY 1
        """
    ),
    "relief_webhook_oldest_seconds": sql(
        """
        SELECT coalesce(extract(epoch FROM business_now() - min(d.happened_at)), 0)::float AS value
        FROM webhook_endpoint AS e JOIN webhook_delivery AS d ON d.endpoint_id = e.id
        WHERE e.state = 'active' AND d.state = 'waiting'
        """
    ),
}


@dataclass(frozen=True, slots=True)
class CheckRow:
    """The last result of an invariant; `fault` is set when the latest try came to no end.

    `checked_at` (real time, UTC) is of the last try that came to an end, None before the first.
    """

    number: int
    broken: int
    fault: str | None
    took_ms: int
    checked_at: datetime | None
    red_since: datetime | None


@dataclass(frozen=True, slots=True)
class GaugeRow:
    """A figure as it was last taken; `measured_at` is real time, UTC."""

    name: str
    samples: Samples
    measured_at: datetime


class Unanswered(Exception):
    """A question came to no end; `fault` is `timeout` or `failed`."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


@asynccontextmanager
async def looking(database: Database, caller: Caller, seconds: float) -> AsyncGenerator[Tx]:
    """Open a transaction that writes nothing, each statement cut off after some seconds.

    Raises Unanswered, and what the driver raises when the database is away.
    """
    try:
        async with database.transaction(caller) as tx:
            await tx.sql.execute(_READ_ONLY)
            await tx.sql.execute(_BOUND, {"milliseconds": str(max(1, int(seconds * 1000)))})
            yield tx
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == CUT_OFF:
            raise Unanswered("timeout") from error
        if is_passing(error):
            raise
        raise Unanswered("failed") from error


async def last_tried(tx: Tx) -> dict[int, datetime]:
    """Give when each invariant was last tried, by number."""
    return {row.number: row.tried_at for row in await tx.sql.execute(_TRIED)}


async def keep_check(
    tx: Tx, number: int, *, broken: int, places: Sequence[str], took_ms: int
) -> None:
    """Keep what was found of an invariant."""
    values = {"number": number, "broken": broken, "took_ms": took_ms}
    await tx.sql.execute(_KEEP, {**values, "places": plain(list(places))})


async def keep_miss(tx: Tx, number: int, fault: str, took_ms: int) -> None:
    """Keep that a try came to no end; what was found before stays."""
    await tx.sql.execute(_MISS, {"number": number, "fault": fault, "took_ms": took_ms})


async def read_checks(tx: Tx) -> list[CheckRow]:
    """Give the last result of every invariant that was tried."""
    return [record(CheckRow, row) for row in await tx.sql.execute(_CHECKS)]


async def measure(tx: Tx, name: str) -> Samples:
    """Take one of the figures in `MEASURES` now."""
    found = []
    for row in await tx.sql.execute(MEASURES[name]):
        labels = fields_of(row)
        value = float(labels.pop("value"))
        found.append(({label: str(word) for label, word in labels.items()}, value))
    return found


async def keep_gauge(tx: Tx, name: str, samples: Samples) -> None:
    """Keep a figure in place of the one before."""
    await tx.sql.execute(_KEEP_GAUGE, {"name": name, "samples": plain([list(s) for s in samples])})


async def read_gauges(tx: Tx) -> list[GaugeRow]:
    """Give every figure as it was last taken."""
    rows = await tx.sql.execute(_GAUGES)
    return [
        GaugeRow(row.name, [(labels, value) for labels, value in row.samples], row.measured_at)
        for row in rows
    ]
