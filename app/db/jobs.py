"""Jobs and lanes: work enqueued in the business transaction, done under a lease with a fence.

A lane has a limit of jobs running at once, a pause and a breaker. Its row is locked before jobs
are counted: counting without the lock let 20 run where 4 were allowed.
Leases and run times use the server's real clock, never business time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.db.rows import plain, record, sql
from app.db.session import Tx, context_of

_ENQUEUE = sql(
    """
    INSERT INTO job (kind, lane, subject, payload, run_at)
    VALUES (:kind, :lane, :subject, CAST(:payload AS jsonb), now() + :delay)
    ON CONFLICT (kind, subject) WHERE state = 'ready'
    DO UPDATE SET run_at = least(job.run_at, excluded.run_at)
    """
)
_LANE = sql("INSERT INTO lane (key, max_running) VALUES (:key, :limit) ON CONFLICT DO NOTHING")
# After a restoration insurers are asked, and told nothing, until both sides were compared.
_MAY_BE_TAKEN = """(j.kind IN ('ask', 'check_accounts', 'check_payout', 'pull_statement')
                OR NOT EXISTS (SELECT FROM restoration AS r WHERE r.open))"""
_CLAIM = sql(
    f"""
    WITH free AS (
        SELECT l.key, l.max_running FROM lane AS l
        WHERE NOT l.paused AND (l.open_until IS NULL OR l.open_until <= now())
          AND l.key <> ALL(CAST(:full AS text[]))
          AND EXISTS (
            SELECT FROM job AS j WHERE j.lane = l.key AND (l.key = 'desk' OR {_MAY_BE_TAKEN}) AND (
                (j.state = 'ready' AND j.run_at <= now())
                OR (j.state = 'running' AND j.lease_until < now())))
          AND l.max_running > (
            SELECT count(*) FROM job AS r
            WHERE r.lane = l.key AND r.state = 'running' AND r.lease_until >= now())
        ORDER BY l.last_claim_at NULLS FIRST LIMIT 1 FOR UPDATE OF l SKIP LOCKED
    )
    SELECT key FROM free
    """
)
_TAKE = sql(
    f"""
    WITH room AS (
        SELECT l.key, l.max_running - (
            SELECT count(*) FROM job AS r
            WHERE r.lane = l.key AND r.state = 'running' AND r.lease_until >= now()
        ) AS places FROM lane AS l WHERE l.key = :lane
    ), due AS (
        SELECT j.id FROM job AS j, room
        WHERE j.lane = room.key AND room.places > 0
          AND (room.key = 'desk' OR {_MAY_BE_TAKEN}) AND (
            (j.state = 'ready' AND j.run_at <= now())
            OR (j.state = 'running' AND j.lease_until < now()))
        ORDER BY j.run_at, j.id
        LIMIT least((SELECT places FROM room), :batch) FOR UPDATE OF j SKIP LOCKED
    ), marked AS (
        UPDATE lane SET last_claim_at = clock_timestamp() WHERE key = :lane
    )
    UPDATE job AS j SET state = 'running', attempts = j.attempts + 1, fence = j.fence + 1,
        worker = :worker, lease_until = now() + :lease
    FROM due WHERE j.id = due.id
    RETURNING j.id, j.kind, j.lane, j.subject, j.payload, j.attempts, j.max_attempts, j.fence
    """
)
_DONE = sql(
    """
    UPDATE job SET state = 'done', done_at = now(), lease_until = NULL
    WHERE id = :id AND fence = :fence AND state = 'running'
    """
)
# The first statement of a desk job: nobody else can take the job while its act goes on.
_FINISH_FIRST = sql(
    """
    WITH done AS (
        UPDATE job SET state = 'done', done_at = now(), lease_until = NULL
        WHERE id = :id AND fence = :fence AND state = 'running' RETURNING 1
    )
    SELECT set_context(:lo, :hi, :insurer, :role, :actor, :request_id),
        EXISTS (SELECT FROM done) AS done
    """
)
_AGAIN = sql(
    """
    WITH rival AS (
        SELECT 1 FROM job AS mine JOIN job AS other USING (kind, subject)
        WHERE mine.id = :id AND other.id <> mine.id AND other.state = 'ready'
    )
    UPDATE job SET
        state = CASE WHEN EXISTS (SELECT FROM rival) THEN 'done'
                     WHEN attempts >= max_attempts THEN 'dead' ELSE 'ready' END,
        run_at = now() + :delay, lease_until = NULL, last_error = :error
    WHERE id = :id AND fence = :fence AND state = 'running'
    """
)
_BREAK = sql(
    """
    UPDATE lane SET failures = failures + 1,
        open_until = CASE WHEN failures + 1 >= :threshold THEN now() + :rest ELSE open_until END
    WHERE key = :lane
    """
)
_MEND = sql(
    "UPDATE lane SET failures = 0, open_until = NULL "
    "WHERE key = :lane AND (failures > 0 OR open_until IS NOT NULL)"
)
_LANES = sql(
    """
    SELECT l.key, l.max_running, l.paused, l.failures,
        CASE WHEN l.open_until > now() THEN l.open_until END AS rests_until,
        count(j.id) FILTER (WHERE j.state = 'running' AND j.lease_until >= now()) AS running,
        count(j.id) FILTER (WHERE j.state = 'ready' AND j.run_at <= now()) AS due,
        count(j.id) FILTER (WHERE j.state = 'ready' AND j.run_at > now()) AS later,
        min(j.run_at) FILTER (WHERE j.state = 'ready' AND j.run_at <= now()) AS due_since,
        count(j.id) FILTER (WHERE j.state = 'dead') AS given_up
    FROM lane AS l LEFT JOIN job AS j ON j.lane = l.key AND j.state IN ('ready', 'running', 'dead')
    WHERE l.key = coalesce(CAST(:key AS text), l.key)
    GROUP BY l.key ORDER BY l.key
    """
)
_HOLD_LANE = sql("SELECT key FROM lane WHERE key = :key FOR UPDATE")
_SWITCH = sql(
    """
    UPDATE lane SET paused = :paused,
        failures = CASE WHEN :paused THEN failures ELSE 0 END,
        open_until = CASE WHEN :paused THEN open_until END
    WHERE key = :key
    """
)
# As new jobs: one for each subject, none beside one that waits already.
_REVIVE = sql(
    """
    WITH given_up AS (
        UPDATE job SET state = 'done', done_at = now() WHERE lane = :key AND state = 'dead'
        RETURNING id, kind, lane, subject, payload
    )
    INSERT INTO job (kind, lane, subject, payload)
    SELECT DISTINCT ON (kind, subject) kind, lane, subject, payload
    FROM given_up ORDER BY kind, subject, id DESC
    ON CONFLICT (kind, subject) WHERE state = 'ready'
    DO UPDATE SET run_at = least(job.run_at, excluded.run_at)
    """
)
BREAKER_FAILURES = 5
BREAKER_REST = timedelta(seconds=20)
DESK = "desk"


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work under lease; results are written only while `fence` is still ours."""

    id: int
    kind: str
    lane: str
    subject: str
    payload: Mapping[str, str]
    attempts: int
    max_attempts: int
    fence: int


@dataclass(frozen=True, slots=True)
class LaneRow:
    """A lane and its queue. `rests_until` is set while its breaker is open; instants are UTC.

    `given_up` jobs have used up their attempts and run again when a person resumes the lane.
    """

    key: str
    max_running: int
    paused: bool
    failures: int
    rests_until: datetime | None
    running: int
    due: int
    later: int
    due_since: datetime | None
    given_up: int


def insurer_lane(insurer_code: str) -> str:
    """Name the lane of an insurer."""
    return f"insurer:{insurer_code}"


async def open_lane(tx: Tx, key: str, limit: int) -> None:
    """Make sure that a lane exists, with a limit of jobs running at once."""
    await tx.sql.execute(_LANE, {"key": key, "limit": limit})


async def list_lanes(tx: Tx) -> list[LaneRow]:
    """Give every lane, by key."""
    return [record(LaneRow, row) for row in await tx.sql.execute(_LANES, {"key": None})]


async def hold_lane(tx: Tx, key: str) -> LaneRow | None:
    """Hold a lane until the end of the transaction and give it; None when unknown."""
    if (await tx.sql.execute(_HOLD_LANE, {"key": key})).one_or_none() is None:
        return None
    return await read_lane(tx, key)


async def read_lane(tx: Tx, key: str) -> LaneRow:
    """Give a lane that exists."""
    return record(LaneRow, (await tx.sql.execute(_LANES, {"key": key})).one())


async def switch_lane(tx: Tx, key: str, *, paused: bool) -> None:
    """Pause a held lane, or let it run again with its breaker closed and do what was given up."""
    await tx.sql.execute(_SWITCH, {"key": key, "paused": paused})
    if not paused:
        await tx.sql.execute(_REVIVE, {"key": key})


async def enqueue(
    tx: Tx,
    kind: str,
    subject: str,
    *,
    lane: str = DESK,
    payload: Mapping[str, str] | None = None,
    delay: timedelta = timedelta(),
) -> None:
    """Enqueue in the caller's transaction; a job already waiting for the subject is not doubled."""
    await tx.sql.execute(
        _ENQUEUE,
        {
            "kind": kind,
            "subject": subject,
            "lane": lane,
            "payload": plain(dict(payload or {})),
            "delay": delay,
        },
    )


async def claim(
    tx: Tx,
    worker: str,
    lease: timedelta,
    batch: int = 8,
    *,
    share: int | None = None,
    held: Mapping[str, int] | None = None,
) -> Sequence[Job]:
    """Take up to `batch` due jobs of one lane; lanes take turns. An expired lease is taken over.

    `share` bounds how many jobs of one insurer's lane the worker does at once, `held` tells how
    many it has in hand: whoever hangs then leaves room for the others. The desk has no such bound.
    """
    left = {} if share is None else {key: share - n for key, n in (held or {}).items()}
    full = [key for key, places in left.items() if places <= 0 and key != DESK]
    lane = (await tx.sql.execute(_CLAIM, {"full": full})).scalar_one_or_none()
    if lane is None:
        return ()
    bounded = share is not None and lane != DESK
    most = min(batch, left.get(lane, share or batch)) if bounded else batch
    rows = await tx.sql.execute(
        _TAKE, {"lane": lane, "worker": worker, "lease": lease, "batch": most}
    )
    return [record(Job, row) for row in rows]


async def finish(tx: Tx, job: Job) -> bool:
    """Mark a job done; False when the lease was lost meanwhile, and nothing may be written."""
    return (await tx.sql.execute(_DONE, {"id": job.id, "fence": job.fence})).rowcount == 1


async def finish_first(tx: Tx, job: Job) -> bool:
    """Set the context of a bare transaction and mark its job done, before the act that does it.

    It is done exactly when its effect is there: both commit together. False when the lease was lost
    meanwhile, and nothing may be written.
    """
    values = {**context_of(tx.caller, tx.request_id), "id": job.id, "fence": job.fence}
    done: bool = (await tx.sql.execute(_FINISH_FIRST, values)).one().done
    return done


async def run_again(tx: Tx, job: Job, delay: timedelta, error: str) -> None:
    """Give a job back, to run after `delay`; dead when its attempts are used up."""
    await tx.sql.execute(
        _AGAIN, {"id": job.id, "fence": job.fence, "delay": delay, "error": error[:500]}
    )


async def note_failure(tx: Tx, lane: str) -> None:
    """Count a failure of the peer behind a lane; after five in a row the lane rests."""
    await tx.sql.execute(
        _BREAK, {"lane": lane, "threshold": BREAKER_FAILURES, "rest": BREAKER_REST}
    )


async def note_success(tx: Tx, lane: str) -> None:
    """Close the breaker of a lane."""
    await tx.sql.execute(_MEND, {"lane": lane})
