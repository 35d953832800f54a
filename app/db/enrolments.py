"""Enrolments: who is insured under which policy, from when to when, in which category.

A spell is kept as a half-open date range; in and out of this room both ends are covered days.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID

from asyncpg import Record

from app.db.ids import new_id
from app.db.rows import record, sql
from app.db.session import Tx
from app.domain.days_off import YearOff

_SPELLS = """
    SELECT * FROM insured_person WHERE id = $1 ORDER BY payer_rank, policy_no, covered_from
"""
_UNNAMED = """
    SELECT EXISTS (
        SELECT FROM policy AS u JOIN scheme_version AS w ON w.id = u.scheme_version_id
        WHERE w.unnamed AND u.status = 'active' AND u.period_from <= $2 AND u.period_to >= $2
          AND u.area_lo <= $1 AND u.area_hi > $1
    ) AS found
"""
_SPELLS_BY_NUMBER = _SPELLS.replace("id = $1", "id_type = $1 AND id_index = ANY($2::bytea[])")
_ADD = sql(
    """
    INSERT INTO enrolment (id, area_code, policy_id, person_id, insurer_code, category, covered,
                           certificate_no, premium_fen)
    SELECT n.id, n.area_code, CAST(:policy_id AS uuid), n.person_id, :insurer_code, n.category,
           daterange(n.covered_from, n.covered_to, '[]'), n.certificate_no, n.premium_fen
    FROM unnest(
        CAST(:id AS uuid[]), CAST(:area_code AS bigint[]), CAST(:person_id AS uuid[]),
        CAST(:category AS text[]), CAST(:covered_from AS date[]), CAST(:covered_to AS date[]),
        CAST(:certificate_no AS text[]), CAST(:premium_fen AS bigint[])
    ) AS n (id, area_code, person_id, category, covered_from, covered_to, certificate_no,
            premium_fen)
    ON CONFLICT DO NOTHING RETURNING id
    """
)
_ROSTER = sql(
    """
    SELECT e.id, e.person_id, e.area_code, e.category, lower(e.covered) AS covered_from,
           upper(e.covered) - 1 AS covered_to, e.certificate_no, e.premium_fen
    FROM enrolment AS e
    WHERE e.policy_id = :policy_id AND NOT e.void
      AND (CAST(:after AS uuid) IS NULL OR e.id > :after)
    ORDER BY e.id LIMIT :limit
    """
)
_COUNT = sql("SELECT count(*) FROM enrolment WHERE policy_id = :policy_id")
_LATER = sql(
    """
    SELECT e.id, e.person_id, e.area_code, e.category, lower(e.covered) AS covered_from,
           upper(e.covered) - 1 AS covered_to, e.certificate_no, e.premium_fen
    FROM enrolment AS e
    WHERE e.policy_id = :policy_id AND NOT e.void AND upper(e.covered) > :from_on
      AND (CAST(:people AS uuid[]) IS NULL OR e.person_id = ANY(CAST(:people AS uuid[])))
    ORDER BY e.id
    """
)
_END = sql(
    """
    UPDATE enrolment AS e SET void = n.last IS NULL, premium_fen = n.premium_fen,
        covered = CASE WHEN n.last IS NULL THEN e.covered
                       ELSE daterange(lower(e.covered), n.last, '[]') END
    FROM unnest(CAST(:ids AS uuid[]), CAST(:lasts AS date[]), CAST(:premiums AS bigint[]))
        AS n (id, last, premium_fen)
    WHERE e.id = n.id
    """
)
_CARRIED = sql(
    """
    SELECT e.person_id, e.area_code, e.category, e.certificate_no, p.died_on
    FROM enrolment AS e LEFT JOIN person AS p ON p.id = e.person_id
    WHERE e.policy_id = :policy_id AND NOT e.void AND upper(e.covered) > :last
    ORDER BY e.id
    """
)
_PERSON_FIELDS = (
    "id",
    "name_index",
    "id_index",
    "area_code",
    "household_id",
    "birth_on",
    "sex",
    "died_on",
    "protected",
    "seen_on",
)


@dataclass(frozen=True, slots=True)
class Spell:
    """One enrolment with what its policy says; `covered_*` and `policy_*` days are inclusive.

    `line_id` is the first policy of the line of renewals that the policy belongs to. `category` is
    empty under an unnamed policy: it is told with the notice. `years_off` are the days off of all
    known years, None where the terms count no working days.
    """

    policy_id: UUID
    line_id: UUID
    policy_no: str
    scheme_version_id: UUID
    terms_sha256: str
    scheme_code: str
    scheme_name_zh: str
    kind: str
    insurer_code: str | None
    approval: str
    payer_rank: int
    waiting_days: int
    check_days: int
    exclusive_group: str | None
    category: str
    covered_from: date
    covered_to: date
    policy_from: date
    policy_to: date
    policy_status: str
    policy_version: int
    premium_due_fen: int = 0
    years_off: tuple[YearOff, ...] | None = None


_SPELL_FIELDS = tuple(item.name for item in fields(Spell) if item.name != "years_off")


@dataclass(frozen=True, slots=True)
class Matched:
    """A registered person (no name, no number) with all their spells, payers in order.

    `protected` asks for the closest mask. `seen_on` is the business day (Asia/Shanghai) on which
    they were read.
    """

    id: UUID
    name_index: bytes
    id_index: bytes | None
    area_code: int
    household_id: UUID | None
    birth_on: date
    sex: str | None
    died_on: date | None
    protected: bool
    seen_on: date
    spells: tuple[Spell, ...]


@dataclass(frozen=True, slots=True)
class NewEnrolment:
    """A spell to add; both days are covered. The premium is in fen."""

    area_code: int
    person_id: UUID
    category: str
    covered_from: date
    covered_to: date
    certificate_no: str | None
    premium_fen: int


@dataclass(frozen=True, slots=True)
class EnrolmentRow:
    """One spell on a roster; both days are covered."""

    id: UUID
    person_id: UUID
    area_code: int
    category: str
    covered_from: date
    covered_to: date
    certificate_no: str | None
    premium_fen: int


@dataclass(frozen=True, slots=True)
class EndedSpell:
    """How a spell ends: on its `last` covered day, or never begun; and what of it stays due."""

    id: UUID
    last: date | None
    premium_fen: int


@dataclass(frozen=True, slots=True)
class LastSpell:
    """Somebody who is on a roster on the policy's last day."""

    person_id: UUID
    area_code: int
    category: str
    certificate_no: str | None
    died_on: date | None


async def add_enrolments(
    tx: Tx, policy_id: UUID, insurer_code: str | None, spells: Sequence[NewEnrolment]
) -> list[UUID | None]:
    """Store spells in one statement; None stands where one overlaps another of the same person."""
    ids = [new_id() for _ in spells]
    columns = {name: [getattr(spell, name) for spell in spells] for name in NewEnrolment.__slots__}
    values = {"id": ids, "policy_id": policy_id, "insurer_code": insurer_code, **columns}
    added = set((await tx.sql.execute(_ADD, values)).scalars())
    return [row_id if row_id in added else None for row_id in ids]


async def count_enrolments(tx: Tx, policy_id: UUID) -> int:
    """Give how many spells are on a policy's roster."""
    return int((await tx.sql.execute(_COUNT, {"policy_id": policy_id})).scalar_one())


async def spells_from(
    tx: Tx, policy_id: UUID, from_on: date, people: Sequence[UUID] | None = None
) -> list[EnrolmentRow]:
    """Give the spells of a policy that cover a day or any later one; of some people, or of all."""
    values = {
        "policy_id": policy_id,
        "from_on": from_on,
        "people": None if people is None else list(people),
    }
    return [record(EnrolmentRow, row) for row in await tx.sql.execute(_LATER, values)]


async def end_spells(tx: Tx, spells: Sequence[EndedSpell]) -> None:
    """End spells of a held policy; one that never began is void and stays on file."""
    values = {
        "ids": [spell.id for spell in spells],
        "lasts": [spell.last for spell in spells],
        "premiums": [spell.premium_fen for spell in spells],
    }
    await tx.sql.execute(_END, values)


async def last_spells(tx: Tx, policy_id: UUID, last: date) -> list[LastSpell]:
    """Give who is on a policy's roster on its last day, oldest row first."""
    rows = await tx.sql.execute(_CARRIED, {"policy_id": policy_id, "last": last})
    return [record(LastSpell, row) for row in rows]


async def list_enrolments(
    tx: Tx, policy_id: UUID, after: UUID | None, limit: int
) -> list[EnrolmentRow]:
    """Give the spells of a policy that the caller may see, oldest row first, after a row id."""
    rows = await tx.sql.execute(_ROSTER, {"policy_id": policy_id, "after": after, "limit": limit})
    return [record(EnrolmentRow, row) for row in rows]


async def unnamed_covers(tx: Tx, area_code: int, on: date) -> bool:
    """Tell whether an unnamed policy covers an area on a day (Asia/Shanghai)."""
    row = await tx.row(_UNNAMED, area_code, on)
    return row is not None and bool(row["found"])


async def spells_of(
    tx: Tx,
    number: Sequence[bytes] | None,
    person_id: UUID | None,
    id_type: str = "resident_id",
) -> Matched | None:
    """Find a person by row id, or else by the blind indexes of their number; one statement.

    None when nobody in the caller's area matches, or when neither is given.
    """
    if person_id is not None:
        rows = await tx.rows(_SPELLS, person_id)
    elif number is not None:
        rows = await tx.rows(_SPELLS_BY_NUMBER, id_type, list(number))
    else:
        return None
    return _matched(rows)


async def spells_asked(
    tx: Tx,
    number: Sequence[bytes] | None,
    person_id: UUID | None,
    id_type: str = "resident_id",
) -> Matched | None:
    """Find a person as `spells_of` does, outside of any transaction; see `Database.asking`."""
    if person_id is None and number is None:
        return None
    return _matched(await tx.asked("insured_asked", person_id, id_type, list(number or ())))


def _spell(row: Record) -> Spell:
    told: dict[str, Any] = {name: row[name] for name in _SPELL_FIELDS}
    return Spell(**told, years_off=_years_off(row["years_off"]))


def _years_off(told: str | None) -> tuple[YearOff, ...] | None:
    if told is None:
        return None
    return tuple(YearOff(year, _days(off), _days(worked)) for year, off, worked in json.loads(told))


def _days(told: Sequence[str]) -> tuple[date, ...]:
    return tuple(date.fromisoformat(day) for day in told)


def _matched(rows: Sequence[Record]) -> Matched | None:
    if not rows:
        return None
    person = {name: rows[0][name] for name in _PERSON_FIELDS}
    held = [row for row in rows if row["policy_id"] is not None]
    spells = tuple(_spell(row) for row in held)
    return Matched(**person, spells=spells)
