"""What is written of claims that were assessed: one statement for all claims of a notice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from uuid import UUID

from app.db.claims import ClaimRow, told_of
from app.db.events import NewEvent
from app.db.ids import new_id
from app.db.instructions import seal_body
from app.db.jobs import DESK
from app.db.rows import plain, sql
from app.db.session import Tx
from app.db.usage import BOOKED, Booking, booked
from app.domain.clocks import milestone_of
from app.domain.lifecycle import Moved

_WRITE = sql(
    f"""
    WITH {BOOKED}, entered AS (
        INSERT INTO usage_entry (owner_id, scope, subject_id, code, period, area_code, claim_id,
                                 units, reason)
        SELECT owner_id, scope, subject_id, code, period, area_code, claim_id, units, reason
        FROM booked
    ), moved AS (
        UPDATE claim AS c SET status = m.status, version = m.version,
            assessed_fen = m.assessed_fen, waits_for = m.waits_for, due_on = m.due_on,
            milestones = c.milestones || m.milestones, updated_at = business_now()
        FROM jsonb_to_recordset(CAST(:claims AS jsonb)) AS m (
            id uuid, was integer, version integer, status text, assessed_fen bigint,
            waits_for text, due_on date, milestones jsonb)
        WHERE c.id = m.id AND c.version = m.was
        RETURNING c.id, c.area_code, c.insurer_code
    ), kept AS (
        INSERT INTO assessment (id, area_code, insurer_code, claim_id, seq, scheme_version_id,
                                terms_sha256, facts, usage_before, result, amount_fen,
                                policy_version)
        SELECT n.id, n.area_code, n.insurer_code, n.claim_id,
               1 + coalesce((SELECT max(a.seq) FROM assessment AS a
                             WHERE a.claim_id = n.claim_id), 0),
               n.scheme_version_id, n.terms_sha256, n.facts::jsonb, n.usage::jsonb,
               n.result::jsonb, n.amount_fen, n.policy_version
        FROM unnest(
            CAST(:a_id AS uuid[]), CAST(:a_area_code AS bigint[]), CAST(:a_insurer_code AS text[]),
            CAST(:a_claim_id AS uuid[]), CAST(:a_scheme_version_id AS uuid[]),
            CAST(:a_terms_sha256 AS text[]), CAST(:a_facts AS text[]), CAST(:a_usage AS text[]),
            CAST(:a_result AS text[]), CAST(:a_amount_fen AS bigint[]),
            CAST(:a_policy_version AS integer[])
        ) AS n (id, area_code, insurer_code, claim_id, scheme_version_id, terms_sha256, facts,
                usage, result, amount_fen, policy_version)
    ), asked AS (
        INSERT INTO instruction (id, area_code, insurer_code, claim_id, kind, body_sealed, state)
        SELECT n.id, n.area_code, n.insurer_code, n.claim_id, 'refer_claim', n.body, 'ready'
        FROM unnest(
            CAST(:i_id AS uuid[]), CAST(:i_area_code AS bigint[]), CAST(:i_insurer_code AS text[]),
            CAST(:i_claim_id AS uuid[]), CAST(:i_body AS bytea[])
        ) AS n (id, area_code, insurer_code, claim_id, body)
    ), told AS (
        INSERT INTO event (area_code, insurer_code, resource, number, version, type, was, now,
                           actor, request_id, detail)
        SELECT e.area_code, e.insurer_code, e.resource, e.number, e.version, e.type, e.was, e.now,
               ctx_actor(), ctx_request(), e.detail
        FROM ROWS FROM (jsonb_to_recordset(CAST(:events AS jsonb)) AS (
            area_code bigint, insurer_code text, resource text, number text, version integer,
            type text, was text, now text, detail jsonb)) WITH ORDINALITY AS e (
            area_code, insurer_code, resource, number, version, type, was, now, detail, place)
        ORDER BY e.place
    ), queued AS (
        INSERT INTO job (kind, lane, subject, run_at)
        SELECT j.kind, j.lane, j.subject, now() + make_interval(secs => j.seconds)
        FROM jsonb_to_recordset(CAST(:jobs AS jsonb)) AS j (
            kind text, lane text, subject text, seconds double precision)
        ON CONFLICT (kind, subject) WHERE state = 'ready'
        DO UPDATE SET run_at = least(job.run_at, excluded.run_at)
    )
    SELECT count(*) FROM moved
    """
)


@dataclass(frozen=True, slots=True)
class NewAssessment:
    """An assessment to store: facts and result as canonical JSON texts, usage as JSON values.

    The amount is in fen; `policy_version` is that of the policy when its roster was read.
    """

    facts: str
    usage: object
    result: str
    amount_fen: int
    policy_version: int


@dataclass(slots=True)
class Writing:
    """What is written of one held claim; it grows while the claim is assessed and sent on.

    `claim` is the claim as it will be afterwards, but for `updated_at`.
    """

    claim: ClaimRow
    was_version: int
    events: list[NewEvent] = field(default_factory=list)
    milestones: list[list[str]] = field(default_factory=list)
    bookings: list[Booking] = field(default_factory=list)
    assessment: NewAssessment | None = None
    referral: tuple[UUID, Mapping[str, object]] | None = None
    jobs: dict[tuple[str, str], tuple[str, timedelta]] = field(default_factory=dict)

    @classmethod
    def of(cls, claim: ClaimRow) -> "Writing":
        """Begin with nothing to write."""
        return cls(claim, claim.version)

    def move(
        self,
        moves: Sequence[Moved],
        today: date,
        *,
        note: str | None = None,
        detail: Mapping[str, object] | None = None,
        **changes: object,
    ) -> None:
        """Add moves or a note as `claims.move_claim` writes them.

        Columns that may change: assessed_fen, waits_for, due_on.
        """
        told = told_of(self.claim, moves, note, detail or {})
        self.events += told
        self.milestones += [
            [name, today.isoformat()] for name in map(milestone_of, moves) if name is not None
        ]
        status = moves[-1].now if moves else self.claim.status
        version = self.claim.version + len(told)
        self.claim = replace(self.claim, status=status, version=version, **changes)  # type: ignore[arg-type]

    def refer(self, content: Mapping[str, object]) -> UUID:
        """Add the referral to the claim's insurer; gives the instruction's id."""
        instruction_id = new_id()
        self.referral = (instruction_id, content)
        return instruction_id

    def enqueue(
        self, kind: str, subject: str, *, lane: str = DESK, delay: timedelta = timedelta()
    ) -> None:
        """Add a job."""
        self.jobs[kind, subject] = (lane, delay)


async def write(tx: Tx, writings: Sequence[Writing]) -> None:
    """Write what came of the claims of one held notice; nothing to write is no statement."""
    changed = [one for one in writings if one.events or one.referral or one.bookings or one.jobs]
    if not changed:
        return
    moved = [one for one in changed if one.events]
    values: dict[str, object] = {
        **booked([booking for one in changed for booking in one.bookings]),
        "claims": plain([_claim_columns(one) for one in moved]),
        "events": plain([event.fields() for one in changed for event in one.events]),
        "jobs": plain(_jobs(changed)),
        **_columns("a", [_assessment_columns(one) for one in changed if one.assessment]),
        **_columns("i", [_referral_columns(tx, one) for one in changed if one.referral]),
    }
    written = (await tx.sql.execute(_WRITE, values)).scalar_one()
    assert written == len(moved), "the claims are held"


_ASSESSED = (
    "id",
    "area_code",
    "insurer_code",
    "claim_id",
    "scheme_version_id",
    "terms_sha256",
    "facts",
    "usage",
    "result",
    "amount_fen",
    "policy_version",
)
_REFERRED = ("id", "area_code", "insurer_code", "claim_id", "body")
_NAMES = {"a": _ASSESSED, "i": _REFERRED}


def _columns(prefix: str, rows: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """Turn rows into one array per column, named for the statement."""
    return {f"{prefix}_{name}": [row[name] for row in rows] for name in _NAMES[prefix]}


def _claim_columns(one: Writing) -> dict[str, object]:
    claim = one.claim
    return {
        "id": str(claim.id),
        "was": one.was_version,
        "version": claim.version,
        "status": claim.status.value,
        "assessed_fen": claim.assessed_fen,
        "waits_for": claim.waits_for,
        "due_on": None if claim.due_on is None else claim.due_on.isoformat(),
        "milestones": one.milestones,
    }


def _of_claim(claim: ClaimRow) -> dict[str, object]:
    return {
        "area_code": claim.area_code,
        "insurer_code": claim.insurer_code,
        "claim_id": claim.id,
    }


def _assessment_columns(one: Writing) -> dict[str, object]:
    made = one.assessment
    assert made is not None
    return {
        "id": new_id(),
        **_of_claim(one.claim),
        "scheme_version_id": one.claim.scheme_version_id,
        "terms_sha256": one.claim.terms_sha256,
        "facts": made.facts,
        "usage": plain(made.usage),
        "result": made.result,
        "amount_fen": made.amount_fen,
        "policy_version": made.policy_version,
    }


def _referral_columns(tx: Tx, one: Writing) -> dict[str, object]:
    assert one.referral is not None
    instruction_id, content = one.referral
    body = seal_body(tx.keyring, instruction_id, content)
    return {"id": instruction_id, **_of_claim(one.claim), "body": body}


def _jobs(writings: Sequence[Writing]) -> list[dict[str, object]]:
    """Give one job for each subject, the soonest: one statement cannot touch a row twice."""
    soonest: dict[tuple[str, str], tuple[str, timedelta]] = {}
    for one in writings:
        for name, (lane, delay) in one.jobs.items():
            known = soonest.get(name)
            if known is None or delay < known[1]:
                soonest[name] = (lane, delay)
    return [
        {"kind": kind, "subject": subject, "lane": lane, "seconds": delay.total_seconds()}
        for (kind, subject), (lane, delay) in soonest.items()
    ]
