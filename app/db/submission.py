"""What submitting a notice writes, as one statement: it is the desk's busiest act."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.db.notices import NoticeRow, rival_notice
from app.db.rows import plain, sql
from app.db.session import Tx
from app.domain.errors import DuplicateNotice, VersionStale

_SUBMIT = sql(
    """
    WITH filed AS (
        UPDATE notice SET status = 'submitted', person_id = :person_id,
            coverage = CAST(:coverage AS jsonb), version = version + 1,
            submitted_at = business_now(), updated_at = business_now()
        WHERE id = :id AND status = 'draft' AND version = :version
        RETURNING id, notice_no, area_code, version
    ), settled AS (
        INSERT INTO notice_settlement (notice_id, settlement_index, area_code, live)
        SELECT filed.id, s.index, filed.area_code, true
        FROM filed, unnest(CAST(:indexes AS bytea[])) AS s (index)
        ON CONFLICT DO NOTHING
        RETURNING 1
    ), opened AS (
        INSERT INTO claim (id, claim_no, notice_id, policy_id, insurer_code, area_code, status,
                           event_on)
        SELECT c.id, c.claim_no, filed.id, c.policy_id, c.insurer_code, filed.area_code,
               'submitted', :event_on
        FROM filed, jsonb_to_recordset(CAST(:claims AS jsonb)) AS c (
            id uuid, claim_no text, policy_id uuid, insurer_code text)
        RETURNING claim_no, insurer_code, area_code
    ), told AS (
        INSERT INTO event (area_code, insurer_code, resource, number, version, type, was, now,
                           actor, request_id)
        SELECT t.area_code, t.insurer_code, t.resource, t.number, t.version, t.type, t.was,
               'submitted', ctx_actor(), ctx_request()
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
        ON CONFLICT (kind, subject) WHERE state = 'ready' DO NOTHING
    )
    SELECT (SELECT version FROM filed) AS version, (SELECT count(*) FROM settled) AS settled
    """
)


@dataclass(frozen=True, slots=True)
class NewClaim:
    """A claim to open: one per responding policy."""

    id: UUID
    claim_no: str
    policy_id: UUID
    insurer_code: str | None


async def submit(
    tx: Tx,
    notice: NoticeRow,
    person_id: UUID | None,
    *,
    coverage: Sequence[Mapping[str, object]],
    settlements: Sequence[bytes],
    claims: Sequence[NewClaim],
) -> int:
    """Write a submitted notice with its claims, events and job; gives the notice's new version.

    `settlements` are blind indexes of the settlements and invoices that must be live only once.
    Raises DuplicateNotice when another live notice holds one of them, VersionStale on a lost race.
    """
    row = (
        await tx.sql.execute(
            _SUBMIT,
            {
                "id": notice.id,
                "version": notice.version,
                "person_id": person_id,
                "coverage": plain(list(coverage)),
                "event_on": notice.content.event.on,
                "indexes": list(settlements),
                "claims": plain(
                    [
                        {
                            "id": str(claim.id),
                            "claim_no": claim.claim_no,
                            "policy_id": str(claim.policy_id),
                            "insurer_code": claim.insurer_code,
                        }
                        for claim in claims
                    ]
                ),
            },
        )
    ).one()
    if row.version is None:
        raise VersionStale(str(notice.version))
    if row.settled != len(settlements):
        raise DuplicateNotice(await rival_notice(tx, notice.id, settlements))
    version: int = row.version
    return version
