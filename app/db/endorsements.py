"""Endorsements and their lines: only ever added."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID

from app.db.ids import new_id
from app.db.policies import PolicyRow
from app.db.rows import plain, record, sql
from app.db.session import Tx
from app.domain.errors import NotFound

_ADD = sql(
    """
    INSERT INTO endorsement (id, policy_id, endorsement_no, insurer_code, area_lo, area_hi,
                             effective_on, reason_zh, premium_difference_fen, policy_version, actor)
    VALUES (:id, :policy_id, :endorsement_no, :insurer_code, :area_lo, :area_hi, :effective_on,
            :reason_zh, :premium_difference_fen, :policy_version, ctx_actor())
    ON CONFLICT (policy_id, endorsement_no) DO NOTHING RETURNING id
    """
)
_ADD_LINES = sql(
    """
    INSERT INTO endorsement_line (endorsement_id, insurer_code, area_code, enrolment_id, person_id,
                                  act, category, reason, covered_from, covered_to,
                                  premium_difference_fen)
    SELECT :endorsement_id, :insurer_code, l.area_code, l.enrolment_id, l.person_id, l.act,
           l.category, l.reason, l.covered_from, l.covered_to, l.premium_difference_fen
    FROM ROWS FROM (jsonb_to_recordset(CAST(:lines AS jsonb)) AS (
        area_code bigint, enrolment_id uuid, person_id uuid, act text, category text, reason text,
        covered_from date, covered_to date, premium_difference_fen bigint)) WITH ORDINALITY AS l
    ORDER BY l.ordinality
    """
)
_COUNT = sql("SELECT count(*) FROM endorsement WHERE policy_id = :policy_id")
_SELECT = """
    SELECT e.id, p.policy_no, e.endorsement_no, e.effective_on, e.reason_zh,
        e.premium_difference_fen, e.policy_version, e.actor, e.created_at,
        (SELECT count(*) FROM endorsement_line AS l
         WHERE l.endorsement_id = e.id AND l.act = 'add') AS added,
        (SELECT count(*) FROM endorsement_line AS l
         WHERE l.endorsement_id = e.id AND l.act = 'remove') AS removed
    FROM endorsement AS e JOIN policy AS p ON p.id = e.policy_id
    WHERE e.policy_id = :policy_id
"""
_READ = sql(f"{_SELECT} AND e.endorsement_no = :endorsement_no")
_LIST = sql(
    f"{_SELECT} AND (CAST(:before AS uuid) IS NULL OR e.id < :before) ORDER BY e.id DESC "
    "LIMIT :limit"
)
_LINES = sql(
    """
    SELECT area_code, enrolment_id, person_id, act, category, reason, covered_from, covered_to,
           premium_difference_fen
    FROM endorsement_line WHERE endorsement_id = :endorsement_id ORDER BY id
    """
)


@dataclass(frozen=True, slots=True)
class EndorsementLine:
    """One person of an endorsement: the spell as it is afterwards, and the premium's difference.

    `covered_to` None: the spell never began. Differences are fen, negative for a refund.
    """

    area_code: int
    enrolment_id: UUID
    person_id: UUID
    act: str
    category: str
    reason: str | None
    covered_from: date
    covered_to: date | None
    premium_difference_fen: int


@dataclass(frozen=True, slots=True)
class EndorsementRow:
    """One endorsement; `policy_version` is the policy's version with it."""

    id: UUID
    policy_no: str
    endorsement_no: str
    effective_on: date
    reason_zh: str
    premium_difference_fen: int
    policy_version: int
    actor: str
    created_at: datetime
    added: int
    removed: int


async def add_endorsement(
    tx: Tx,
    policy: PolicyRow,
    endorsement_no: str,
    *,
    effective_on: date,
    reason_zh: str,
    policy_version: int,
    lines: Sequence[EndorsementLine],
) -> bool:
    """Store an endorsement of a held policy with its lines; False when its number is taken."""
    endorsement_id = new_id()
    values = {
        "id": endorsement_id,
        "policy_id": policy.id,
        "endorsement_no": endorsement_no,
        "insurer_code": policy.insurer_code,
        "area_lo": policy.area_lo,
        "area_hi": policy.area_hi,
        "effective_on": effective_on,
        "reason_zh": reason_zh,
        "premium_difference_fen": sum(line.premium_difference_fen for line in lines),
        "policy_version": policy_version,
    }
    if (await tx.sql.execute(_ADD, values)).one_or_none() is None:
        return False
    await tx.sql.execute(
        _ADD_LINES,
        {
            "endorsement_id": endorsement_id,
            "insurer_code": policy.insurer_code,
            "lines": plain([_told(line) for line in lines]),
        },
    )
    return True


async def next_number(tx: Tx, policy: PolicyRow) -> str:
    """Give the next number of a held policy's endorsements: its own, `-E` and a serial."""
    count: int = (await tx.sql.execute(_COUNT, {"policy_id": policy.id})).scalar_one()
    return f"{policy.policy_no}-E{count + 1:03d}"


async def read_endorsement(tx: Tx, policy_id: UUID, endorsement_no: str) -> EndorsementRow:
    """Give an endorsement of a policy, or NotFound."""
    values = {"policy_id": policy_id, "endorsement_no": endorsement_no}
    row = (await tx.sql.execute(_READ, values)).one_or_none()
    if row is None:
        raise NotFound("没有这张批单。", "There is no such endorsement.")
    return record(EndorsementRow, row)


async def list_endorsements(
    tx: Tx, policy_id: UUID, before: UUID | None, limit: int
) -> list[EndorsementRow]:
    """Give the endorsements of a policy, newest first, before a row id."""
    rows = await tx.sql.execute(_LIST, {"policy_id": policy_id, "before": before, "limit": limit})
    return [record(EndorsementRow, row) for row in rows]


async def lines_of(tx: Tx, endorsement_id: UUID) -> list[EndorsementLine]:
    """Give the lines of an endorsement that the caller may see, in their order."""
    rows = await tx.sql.execute(_LINES, {"endorsement_id": endorsement_id})
    return [record(EndorsementLine, row) for row in rows]


def _told(line: EndorsementLine) -> dict[str, object]:
    return {
        name: value if value is None or isinstance(value, int | str) else str(value)
        for name, value in asdict(line).items()
    }
