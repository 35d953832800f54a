"""What submitting a notice writes, as one statement: it is the desk's busiest act."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from app.db.enrolments import Spell
from app.db.notices import COLUMNS, NoticeRow, no_such_notice, notice_row, rival_notice
from app.db.relatives import relative_digests
from app.db.rows import plain
from app.db.session import Tx
from app.domain.errors import DuplicateNotice, VersionStale
from app.domain.lifecycle import ClaimStatus, NoticeStatus, Outcome

# The draft, held until the transaction ends, and what else must be known of it: one round trip.
_HOLD = f"""
    SELECT {COLUMNS}, business_today() AS today, ARRAY(
        SELECT d.kind FROM document AS d WHERE d.notice_id = n.id AND d.removed_at IS NULL
    ) AS papers
    FROM notice AS n WHERE n.notice_no = $1 FOR UPDATE OF n
"""
_SUBMIT = """
    WITH near AS (
        SELECT CASE WHEN EXISTS (
            SELECT FROM near_relative WHERE digest = ANY($8::bytea[]) AND withdrawn_at IS NULL
        ) THEN '{"near_relative": true}'::jsonb ELSE '{}'::jsonb END AS detail
    ), filed AS (
        UPDATE notice SET status = 'submitted', person_id = $3,
            coverage = $4, version = version + 1,
            protected = coalesce((SELECT p.protected FROM person AS p WHERE p.id = $3), false),
            submitted_at = business_now(), updated_at = business_now()
        WHERE id = $1 AND status = 'draft' AND version = $2
        RETURNING id, notice_no, area_code, version, updated_at, submitted_at, protected
    ), settled AS (
        INSERT INTO notice_settlement (notice_id, settlement_index, area_code, live)
        SELECT filed.id, s.index, filed.area_code, true
        FROM filed, unnest($5::bytea[]) AS s (index)
        ON CONFLICT DO NOTHING
        RETURNING 1
    ), opened AS (
        INSERT INTO claim (id, claim_no, notice_id, policy_id, insurer_code, area_code, status,
                           event_on)
        SELECT c.id, c.claim_no, filed.id, c.policy_id, c.insurer_code, filed.area_code,
               'submitted', $7::date
        FROM filed, jsonb_to_recordset($6::jsonb) AS c (
            id uuid, claim_no text, policy_id uuid, insurer_code text)
        RETURNING claim_no, insurer_code, area_code
    ), told AS (
        INSERT INTO event (area_code, insurer_code, resource, number, version, type, was, now,
                           actor, request_id, detail)
        SELECT t.area_code, t.insurer_code, t.resource, t.number, t.version, t.type, t.was,
               'submitted', ctx_actor(), ctx_request(), (SELECT detail FROM near)
        FROM (
            SELECT 0 AS place, area_code, NULL AS insurer_code, 'notice' AS resource,
                   notice_no AS number, version, 'notice.submit' AS type, 'draft' AS was
            FROM filed
            UNION ALL
            SELECT 1, area_code, insurer_code, 'claim', claim_no, 1, 'claim.open', NULL
            FROM opened
        ) AS t ORDER BY t.place, t.number
    ), queued AS (
        INSERT INTO job (kind, lane, subject)
        SELECT 'assess', 'desk', notice_no FROM filed
        WHERE EXISTS (SELECT FROM opened)
        ON CONFLICT (kind, subject) WHERE state = 'ready'
        DO UPDATE SET run_at = least(job.run_at, excluded.run_at)
    )
    SELECT (SELECT version FROM filed) AS version, (SELECT count(*) FROM settled) AS settled,
        (SELECT updated_at FROM filed) AS updated_at,
        (SELECT submitted_at FROM filed) AS submitted_at,
        (SELECT protected FROM filed) AS protected
"""


@dataclass(frozen=True, slots=True)
class Held:
    """A notice under lock, the kinds of papers that it has, and the business day."""

    notice: NoticeRow
    papers: frozenset[str]
    today: date


@dataclass(frozen=True, slots=True)
class NewClaim:
    """A claim to open, one per responding policy; with what is shown of it beside its notice."""

    id: UUID
    claim_no: str
    spell: Spell

    @property
    def policy_no(self) -> str:
        """The policy under which it is claimed."""
        return self.spell.policy_no

    @property
    def scheme_code(self) -> str:
        """The scheme of the policy."""
        return self.spell.scheme_code

    @property
    def scheme_name_zh(self) -> str:
        """The scheme's name."""
        return self.spell.scheme_name_zh

    @property
    def insurer_code(self) -> str | None:
        """Who decides; None for a fund."""
        return self.spell.insurer_code

    @property
    def status(self) -> ClaimStatus:
        """Where every claim begins."""
        return ClaimStatus.SUBMITTED

    @property
    def outcome(self) -> Outcome | None:
        """Nothing is decided yet."""
        return None

    @property
    def version(self) -> int:
        """The first."""
        return 1


async def hold_for_submission(tx: Tx, notice_no: str) -> Held:
    """Give a notice and hold it until the transaction ends. Raises NotFound."""
    row = await tx.row(_HOLD, notice_no)
    if row is None:
        raise no_such_notice()
    fields = dict(row)
    today, papers = fields.pop("today"), frozenset(fields.pop("papers"))
    return Held(notice_row(tx, fields), papers, today)


async def submit(
    tx: Tx,
    notice: NoticeRow,
    person_id: UUID | None,
    *,
    coverage: Sequence[Mapping[str, object]],
    settlements: Sequence[bytes],
    claims: Sequence[NewClaim],
) -> NoticeRow:
    """Write a submitted notice with its claims, events and job; gives the notice as it is then.

    The events say when the one who submits declared the person as a near relative.
    `settlements` are blind indexes of the settlements and invoices that must be live only once.
    Raises DuplicateNotice when another live notice holds one of them, VersionStale on a lost race.
    """
    row = await tx.row(
        _SUBMIT,
        notice.id,
        notice.version,
        person_id,
        plain(list(coverage)),
        list(settlements),
        plain([_columns(claim) for claim in claims]),
        notice.content.event.on,
        [] if person_id is None else relative_digests(tx, person_id),
    )
    assert row is not None, "the statement ends with one row"
    if row["version"] is None:
        raise VersionStale(str(notice.version))
    if row["settled"] != len(settlements):
        raise DuplicateNotice(await rival_notice(tx, notice.id, settlements))
    return replace(
        notice,
        status=NoticeStatus.SUBMITTED,
        person_id=person_id,
        coverage=list(coverage),
        version=row["version"],
        updated_at=row["updated_at"],
        submitted_at=row["submitted_at"],
        protected=row["protected"],
    )


def _columns(claim: NewClaim) -> dict[str, str | None]:
    return {
        "id": str(claim.id),
        "claim_no": claim.claim_no,
        "policy_id": str(claim.spell.policy_id),
        "insurer_code": claim.insurer_code,
    }
