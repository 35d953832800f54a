"""People and households. Names and numbers are sealed to their row and found by keyed indexes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from app.crypto import Keyring, normalise_id, normalise_phone
from app.db.ids import new_id
from app.db.rows import fields_of, sql
from app.db.session import Tx
from app.domain.person import IdType, NewPerson

_ADD_HOUSEHOLDS = sql(
    """
    INSERT INTO household (id, area_code)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:areas AS bigint[]))
    """
)
_ADD_PEOPLE = sql(
    """
    INSERT INTO person (id, area_code, household_id, name_sealed, name_index, id_type, id_sealed,
                        id_index, phone_sealed, birth_on, sex)
    SELECT * FROM unnest(
        CAST(:id AS uuid[]), CAST(:area_code AS bigint[]), CAST(:household_id AS uuid[]),
        CAST(:name_sealed AS bytea[]), CAST(:name_index AS bytea[]), CAST(:id_type AS text[]),
        CAST(:id_sealed AS bytea[]), CAST(:id_index AS bytea[]), CAST(:phone_sealed AS bytea[]),
        CAST(:birth_on AS date[]), CAST(:sex AS text[]))
    ON CONFLICT (id_type, id_index) DO NOTHING RETURNING id
    """
)
PERSON_COLUMNS = """
    id, area_code, household_id, name_sealed, name_index, id_type, id_sealed, id_index,
    phone_sealed, birth_on, sex, died_on, version
"""
_READ = sql(f"SELECT {PERSON_COLUMNS} FROM person WHERE id = ANY(CAST(:ids AS uuid[]))")
_BY_NUMBER = sql(
    f"""
    SELECT {PERSON_COLUMNS} FROM person
    WHERE id_index = ANY(CAST(:indexes AS bytea[])) AND id_type IN ('resident_id', 'passport')
    """
)
_BY_NAME = sql(
    f"""
    SELECT {PERSON_COLUMNS} FROM person
    WHERE name_index = ANY(CAST(:names AS bytea[])) AND id_type = 'none'
    """
)
_HOUSEHOLDS = sql("SELECT id FROM household WHERE id = ANY(CAST(:ids AS uuid[]))")


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A registered person, opened; `birth_on` and `died_on` are days in Asia/Shanghai."""

    id: UUID
    area_code: int
    household_id: UUID | None
    name: str
    name_index: bytes
    id_type: IdType
    id_number: str | None
    id_index: bytes | None
    phone: str | None
    birth_on: date
    sex: str | None
    died_on: date | None
    version: int

    def __repr__(self) -> str:
        """Show the row id only: a trace or a log may print it."""
        return f"PersonRow({self.id})"


def number_index(keyring: Keyring, id_number: str) -> bytes:
    """Give the blind index of an identity number as typed."""
    return keyring.blind_index("person.id_number", normalise_id(id_number))


def name_index(keyring: Keyring, name: str) -> bytes:
    """Give the blind index of a name as typed; spaces do not count."""
    return keyring.blind_index("person.name", "".join(name.split()))


async def add_households(tx: Tx, areas: Sequence[int]) -> list[UUID]:
    """Make one household for each area code; give their ids in the same order."""
    ids = [new_id() for _ in areas]
    await tx.sql.execute(_ADD_HOUSEHOLDS, {"ids": ids, "areas": list(areas)})
    return ids


async def known_households(tx: Tx, ids: Sequence[UUID]) -> set[UUID]:
    """Give those of some households that exist within the caller's area."""
    rows = await tx.sql.execute(_HOUSEHOLDS, {"ids": list(ids)})
    return set(rows.scalars())


async def add_people(tx: Tx, people: Sequence[NewPerson]) -> list[UUID | None]:
    """Seal and store people with their birthdays, in one statement; give their row ids.

    None stands where the number is registered already, here or in an area the caller cannot see.
    """
    rows = [_sealed(tx.keyring, new_id(), person) for person in people]
    columns = {name: [row[name] for row in rows] for name in rows[0]} if rows else {}
    added = set((await tx.sql.execute(_ADD_PEOPLE, columns)).scalars()) if rows else set()
    return [row["id"] if row["id"] in added else None for row in rows]


async def read_people(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, PersonRow]:
    """Give those of some people whom the caller may see."""
    rows = await tx.sql.execute(_READ, {"ids": list(ids)})
    return {row.id: _opened(tx.keyring, row) for row in rows}


async def people_by_number(tx: Tx, indexes: Sequence[bytes]) -> list[PersonRow]:
    """Give the people with one of some blind indexes of numbers, of either kind of paper."""
    rows = await tx.sql.execute(_BY_NUMBER, {"indexes": list(indexes)})
    return [_opened(tx.keyring, row) for row in rows]


async def people_by_name(tx: Tx, names: Sequence[bytes]) -> list[PersonRow]:
    """Give the people without any number who have one of some blind indexes of names."""
    rows = await tx.sql.execute(_BY_NAME, {"names": list(names)})
    return [_opened(tx.keyring, row) for row in rows]


def _sealed(keyring: Keyring, row_id: UUID, person: NewPerson) -> dict[str, Any]:
    number = None if person.id_number is None else normalise_id(person.id_number)
    phone = None if person.phone is None else normalise_phone(person.phone)
    return {
        "id": row_id,
        "area_code": person.area_code,
        "household_id": person.household_id,
        "name_sealed": _seal(keyring, "name_sealed", row_id, person.name),
        "name_index": name_index(keyring, person.name),
        "id_type": person.id_type.value,
        "id_sealed": _seal(keyring, "id_sealed", row_id, number),
        "id_index": None if number is None else number_index(keyring, number),
        "phone_sealed": _seal(keyring, "phone_sealed", row_id, phone),
        "birth_on": person.birth_on,
        "sex": None if person.sex is None else person.sex.value,
    }


def _opened(keyring: Keyring, row: Row[Any]) -> PersonRow:
    return open_person(keyring, fields_of(row))


def open_person(keyring: Keyring, fields: dict[str, Any]) -> PersonRow:
    """Make a person of `PERSON_COLUMNS` by name, unsealed."""
    for name, sealed in (
        ("name", "name_sealed"),
        ("id_number", "id_sealed"),
        ("phone", "phone_sealed"),
    ):
        blob, place = fields.pop(sealed), _place(sealed, fields["id"])
        fields[name] = None if blob is None else keyring.open_sealed(blob, place).decode()
    fields["id_type"] = IdType(fields["id_type"])
    return PersonRow(**fields)


def _seal(keyring: Keyring, column: str, row_id: UUID, text: str | None) -> bytes | None:
    return None if text is None else keyring.seal(text.encode(), _place(column, row_id))


def _place(column: str, row_id: UUID) -> str:
    return f"person.{column}.{row_id}"
