"""People and households. Names and numbers are sealed to their row and found by keyed indexes."""

from collections.abc import Sequence
from uuid import UUID

from app.db.ids import new_id
from app.db.person_seals import PersonRow, number_indexes, open_person, seal_person
from app.db.rows import fields_of, sql
from app.db.session import Tx
from app.domain.person import NewPerson

_ADD_HOUSEHOLDS = sql(
    """
    INSERT INTO household (id, area_code)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:areas AS bigint[]))
    """
)
_ADD_PEOPLE = sql(
    """
    INSERT INTO person (id, area_code, household_id, name_sealed, name_index, id_type, id_sealed,
                        id_index, phone_sealed, birth_on, sex, key_sealed)
    SELECT * FROM unnest(
        CAST(:id AS uuid[]), CAST(:area_code AS bigint[]), CAST(:household_id AS uuid[]),
        CAST(:name_sealed AS bytea[]), CAST(:name_index AS bytea[]), CAST(:id_type AS text[]),
        CAST(:id_sealed AS bytea[]), CAST(:id_index AS bytea[]), CAST(:phone_sealed AS bytea[]),
        CAST(:birth_on AS date[]), CAST(:sex AS text[]), CAST(:key_sealed AS bytea[]))
    ON CONFLICT (id_type, id_index) DO NOTHING RETURNING id
    """
)
PERSON_COLUMNS = """
    id, area_code, household_id, name_sealed, name_index, id_type, id_sealed, id_index,
    phone_sealed, birth_on, sex, died_on, version, key_sealed, protected, erased_at
"""
_READ = sql(f"SELECT {PERSON_COLUMNS} FROM person WHERE id = ANY(CAST(:ids AS uuid[]))")
_BY_NUMBER = sql(
    f"""
    SELECT {PERSON_COLUMNS} FROM person
    WHERE id_index = ANY(CAST(:indexes AS bytea[])) AND id_type IN ('resident_id', 'passport')
    """
)
# Nothing is deciphered unless both agree: a wrong name and an unknown number take the same time.
_BY_BOTH = sql(
    f"""
    SELECT {PERSON_COLUMNS} FROM person
    WHERE id_type = :id_type AND id_index = ANY(CAST(:indexes AS bytea[]))
      AND name_index = ANY(CAST(:names AS bytea[]))
    """
)
_BY_NAME = sql(
    f"""
    SELECT {PERSON_COLUMNS} FROM person
    WHERE name_index = ANY(CAST(:names AS bytea[])) AND id_type = 'none'
    """
)
_TAKEN = sql("SELECT * FROM numbers_taken(CAST(:indexes AS bytea[]), :one_by_one)")
_HOUSEHOLDS = sql("SELECT id FROM household WHERE id = ANY(CAST(:ids AS uuid[]))")


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
    if not people:
        return []
    taken = await _taken(tx, people)
    rows = [seal_person(tx.keyring, new_id(), person) for person in people]
    fresh = [row for place, row in enumerate(rows) if place not in taken]
    columns = {name: [row[name] for row in fresh] for name in rows[0]}
    added = set((await tx.sql.execute(_ADD_PEOPLE, columns)).scalars())
    return [row["id"] if row["id"] in added else None for row in rows]


async def _taken(tx: Tx, people: Sequence[NewPerson]) -> set[int]:
    """Give the places of people whose number is registered under an older key; see the migration.

    What is registered under today's key, the unique index refuses.
    """
    older = {
        index: place
        for place, person in enumerate(people)
        if person.id_number is not None
        for index in number_indexes(tx.keyring, person.id_number)[1:]
    }
    rotating = len(tx.keyring.versions) > 1
    rows = await tx.sql.execute(_TAKEN, {"indexes": list(older), "one_by_one": rotating})
    return {older[index] for index in rows.scalars()}


async def read_people(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, PersonRow]:
    """Give those of some people whom the caller may see."""
    rows = await tx.sql.execute(_READ, {"ids": list(ids)})
    return {row.id: open_person(tx.keyring, fields_of(row)) for row in rows}


async def people_by_number(tx: Tx, indexes: Sequence[bytes]) -> list[PersonRow]:
    """Give the people with one of some blind indexes of numbers, of either kind of paper."""
    rows = await tx.sql.execute(_BY_NUMBER, {"indexes": list(indexes)})
    return [open_person(tx.keyring, fields_of(row)) for row in rows]


async def people_by_both(
    tx: Tx, id_type: str, indexes: Sequence[bytes], names: Sequence[bytes]
) -> list[PersonRow]:
    """Give who has one of some blind indexes of a number and one of some of the name."""
    values = {"id_type": id_type, "indexes": list(indexes), "names": list(names)}
    rows = await tx.sql.execute(_BY_BOTH, values)
    return [open_person(tx.keyring, fields_of(row)) for row in rows]


async def people_by_name(tx: Tx, names: Sequence[bytes]) -> list[PersonRow]:
    """Give the people without any number who have one of some blind indexes of names."""
    rows = await tx.sql.execute(_BY_NAME, {"names": list(names)})
    return [open_person(tx.keyring, fields_of(row)) for row in rows]
