"""Claims: read, hold, list and move; every move writes its event with it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, cast, func, update

from app.db.events import NewEvent, write_events
from app.db.lists import Listing, Position
from app.db.rows import fields_of, own, sql
from app.db.session import Tx
from app.db.tables.cases import claim as claim_table
from app.domain.clocks import milestone_of
from app.domain.errors import NotFound
from app.domain.lifecycle import ClaimStatus, Moved, Outcome

CLAIM_COLUMNS = """
    c.id, c.claim_no, c.notice_id, c.policy_id, c.insurer_code, c.area_code, c.status, c.outcome,
    c.held_from, c.assessed_fen, c.decided_fen, c.paid_fen, c.insurer_case_no, c.papers_asked,
    c.due_on, c.waits_for, c.reopened_count, c.version, c.created_at, c.updated_at,
    p.policy_no, p.kind AS policy_kind, p.approval, p.payer_rank, p.waiting_days, p.check_days,
    p.return_window_days, p.scheme_version_id, v.terms_sha256, s.code AS scheme_code,
    s.name_zh AS scheme_name_zh, c.event_on, c.milestones, c.assigned_to
"""
CLAIM_JOINS = """
    JOIN policy AS p ON p.id = c.policy_id
    JOIN scheme_version AS v ON v.id = p.scheme_version_id
    JOIN scheme AS s ON s.code = v.scheme_code
"""
CLAIM_TABLES = f"FROM claim AS c {CLAIM_JOINS}"
_READ = sql(f"SELECT {CLAIM_COLUMNS} {CLAIM_TABLES} WHERE c.claim_no = :claim_no")
_LOCK = sql(f"SELECT {CLAIM_COLUMNS} {CLAIM_TABLES} WHERE c.claim_no = :claim_no FOR UPDATE OF c")
_LOCK_NOTICE = sql(
    f"""
    SELECT {CLAIM_COLUMNS} {CLAIM_TABLES} WHERE c.notice_id = :notice_id
    ORDER BY p.payer_rank, c.claim_no FOR UPDATE OF c
    """
)
_OF_NOTICES = sql(
    f"SELECT {CLAIM_COLUMNS} {CLAIM_TABLES} WHERE c.notice_id = ANY(:notices) ORDER BY c.claim_no"
)
_OVER = frozenset({ClaimStatus.CLOSED, ClaimStatus.WITHDRAWN})
_LISTING = Listing(
    f"SELECT {CLAIM_COLUMNS} {CLAIM_TABLES}",
    "c",
    {
        "status": "c.status = :status",
        "waits": "c.status = :waits AND c.status NOT IN ('closed', 'withdrawn')",
        "outcome": "c.outcome = :outcome",
        "notice_no": """
        c.claim_no > CAST(:notice_no AS text) || '-'
            AND c.claim_no < CAST(:notice_no AS text) || '.'
    """,
        # Any of its numbers: ours, the notice's, the insurer's, the platform's.
        "number": """
        c.id IN (
            SELECT k.id FROM claim AS k WHERE k.claim_no = :number
            UNION ALL
            SELECT m.id FROM claim AS m WHERE m.claim_no > CAST(:number AS text) || '-'
                AND m.claim_no < CAST(:number AS text) || '.'
            UNION ALL SELECT j.id FROM claim AS j WHERE j.insurer_case_no = :number
            UNION ALL
            SELECT i.claim_id FROM instruction AS i WHERE i.platform_case_no = :number)
    """,
        "policy_no": "c.policy_id = (SELECT q.id FROM policy AS q WHERE q.policy_no = :policy_no)",
        "insurer": "c.insurer_code = :insurer",
        "person": "c.notice_id IN (SELECT n.id FROM notice AS n WHERE n.person_id = :person)",
        "due_by": "c.due_on <= :due_by",
        "since": "c.updated_at >= :since",
        "difference": """
        EXISTS (
            SELECT FROM decision_difference AS f
            WHERE f.claim_id = c.id AND f.state = :difference AND f.decision_seq = (
                SELECT max(d.seq) FROM decision AS d WHERE d.claim_id = c.id))
    """,
    },
)
_SINCE = sql(
    """
    SELECT c.claim_no, n.person_id, c.status, c.event_on
    FROM claim AS c JOIN notice AS n ON n.id = c.notice_id
    WHERE c.policy_id = :policy_id AND c.event_on >= :from_on AND c.status <> 'withdrawn'
      AND (CAST(:people AS uuid[]) IS NULL OR n.person_id = ANY(CAST(:people AS uuid[])))
    ORDER BY c.claim_no
    """
)
_SET_PENDING = sql("UPDATE claim SET pend_code = :code, pend_zh = :said_zh WHERE id = :id")


@dataclass(frozen=True, slots=True)
class ClaimSince:
    """A claim for an event on or after some day."""

    claim_no: str
    person_id: UUID
    status: ClaimStatus
    event_on: date


@dataclass(frozen=True, slots=True)
class ClaimsWanted:
    """Which claims to list; None: any.

    `number` is any of a claim's numbers: ours, its notice's, the insurer's, the platform's. `area`
    narrows the caller's, `due_by` is the last day something is owed by, `difference` the state of
    one with the latest decision.
    """

    status: ClaimStatus | None = None
    outcome: Outcome | None = None
    number: str | None = None
    notice_no: str | None = None
    policy_no: str | None = None
    insurer: str | None = None
    person: UUID | None = None
    area: int | None = None
    due_by: date | None = None
    since: datetime | None = None
    difference: str | None = None


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One claim with what its policy says; amounts in fen, days in Asia/Shanghai.

    `milestones` are (name, day) pairs in their order: what the clocks of the law start and stop by.
    """

    id: UUID
    claim_no: str
    notice_id: UUID
    policy_id: UUID
    insurer_code: str | None
    area_code: int
    status: ClaimStatus
    outcome: Outcome | None
    held_from: ClaimStatus | None
    assessed_fen: int | None
    decided_fen: int | None
    paid_fen: int
    insurer_case_no: str | None
    papers_asked: Sequence[Mapping[str, str]]
    due_on: date | None
    waits_for: str | None
    reopened_count: int
    version: int
    created_at: datetime
    updated_at: datetime
    policy_no: str
    policy_kind: str
    approval: str
    payer_rank: int
    waiting_days: int
    check_days: int
    return_window_days: int
    scheme_version_id: UUID
    terms_sha256: str
    scheme_code: str
    scheme_name_zh: str
    event_on: date
    milestones: Sequence[Sequence[str]]
    assigned_to: str | None

    @property
    def notice_no(self) -> str:
        """The number of the notice: the claim's without its last part."""
        return self.claim_no.rpartition("-")[0]


async def read_claim(tx: Tx, claim_no: str) -> ClaimRow:
    """Give a claim, or NotFound when there is none that the caller may see."""
    return await _one(tx, _READ, claim_no)


async def lock_claim(tx: Tx, claim_no: str) -> ClaimRow:
    """Give a claim and hold it until the transaction ends."""
    return await _one(tx, _LOCK, claim_no)


async def lock_claims_of(tx: Tx, notice_id: UUID) -> list[ClaimRow]:
    """Give and hold the claims of a notice, in the order in which their policies pay."""
    rows = await tx.sql.execute(_LOCK_NOTICE, {"notice_id": notice_id})
    return [_opened(row) for row in rows]


async def claims_of(tx: Tx, notices: Sequence[UUID]) -> list[ClaimRow]:
    """Give the claims of some notices."""
    rows = await tx.sql.execute(_OF_NOTICES, {"notices": list(notices)})
    return [_opened(row) for row in rows]


async def claims_since(
    tx: Tx, policy_id: UUID, from_on: date, people: Sequence[UUID] | None = None
) -> list[ClaimSince]:
    """Give the claims under a policy for events on or after a day; of some people, or of all."""
    values = {
        "policy_id": policy_id,
        "from_on": from_on,
        "people": None if people is None else list(people),
    }
    return [
        ClaimSince(row.claim_no, row.person_id, ClaimStatus(row.status), row.event_on)
        for row in await tx.sql.execute(_SINCE, values)
    ]


async def list_claims(
    tx: Tx, wanted: ClaimsWanted, before: Position | None, limit: int
) -> list[ClaimRow]:
    """Give claims, last changed first, after a keyset position."""
    given = asdict(wanted)
    area = given.pop("area")
    if wanted.status is not None and wanted.status not in _OVER:
        given["waits"] = given.pop("status")  # so that the index of what is not over serves
    statement, values = _LISTING.ask(tx.caller, given, area, before, limit)
    return [_opened(row) for row in await tx.sql.execute(statement, values)]


async def move_claim(
    tx: Tx,
    claim: ClaimRow,
    moves: Sequence[Moved],
    *,
    detail: Mapping[str, object] | None = None,
    note: str | None = None,
    **changes: object,
) -> ClaimRow:
    """Write a held claim's moves and changed columns, with one event and version step per move.

    Without moves but with a `note`, one event of that name is written and the status stays.
    Gives the claim as it is afterwards.
    """
    told = told_of(claim, moves, note, detail or {})
    status = moves[-1].now if moves else claim.status
    values = {**changes, "status": status.value, "version": claim.version + len(told)}
    passed = [name for name in map(milestone_of, moves) if name is not None]
    if passed:
        values["milestones"] = claim_table.c.milestones.op("||")(_marked(passed))
    written = (
        await tx.sql.execute(
            update(claim_table)
            .where(claim_table.c.id == claim.id, claim_table.c.version == claim.version)
            .where(own("claim"))
            .values(**values, updated_at=func.business_now())
            .returning(claim_table.c.updated_at, claim_table.c.milestones)
        )
    ).one()
    await write_events(tx, told)
    return replace(
        claim,
        **{**changes, "status": status, "version": claim.version + len(told)},  # type: ignore[arg-type]
        updated_at=written.updated_at,
        milestones=written.milestones,
    )


async def set_pending(tx: Tx, claim_id: UUID, code: str | None, said_zh: str | None) -> None:
    """Write on a held claim why its insurer has not decided; None when that is over."""
    await tx.sql.execute(_SET_PENDING, {"id": claim_id, "code": code, "said_zh": said_zh})


def told_of(
    claim: ClaimRow, moves: Sequence[Moved], note: str | None, detail: Mapping[str, object]
) -> list[NewEvent]:
    """Give the events of a claim's moves and then of a note; each is a version step."""
    told = [(moved.move.value, moved.was.value, moved.now.value) for moved in moves]
    if note is not None:
        told.append((note, "", ""))
    return [
        NewEvent(
            "claim",
            claim.claim_no,
            claim.version + step,
            f"claim.{type_}",
            claim.area_code,
            was or None,
            now or None,
            claim.insurer_code,
            detail,
        )
        for step, (type_, was, now) in enumerate(told, start=1)
    ]


def _marked(names: Sequence[str]) -> Any:
    """Put the business day beside each milestone, as the database reads it."""
    pairs = [func.jsonb_build_array(cast(name, Text), func.business_today()) for name in names]
    return func.jsonb_build_array(*pairs)


async def _one(tx: Tx, statement: Any, claim_no: str) -> ClaimRow:
    row = (await tx.sql.execute(statement, {"claim_no": claim_no})).one_or_none()
    if row is None:
        raise NotFound("没有找到这个赔案。", "There is no such claim.")
    return _opened(row)


def _opened(row: Any) -> ClaimRow:
    return claim_row(fields_of(row))


def claim_row(fields: dict[str, Any]) -> ClaimRow:
    """Make a claim of `CLAIM_COLUMNS` by name."""
    for name, kind in (("status", ClaimStatus), ("outcome", Outcome), ("held_from", ClaimStatus)):
        word = fields[name]
        fields[name] = None if word is None else kind(word)
    return ClaimRow(**fields)
