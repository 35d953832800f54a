"""Find the people of a roster, and register those who are new."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from app.db.people import people_by_name, people_by_number
from app.db.person_seals import PersonRow, name_indexes, number_indexes
from app.db.session import Tx
from app.domain.errors import Fault, Invalid
from app.domain.person import NewPerson
from app.services.people.registering import checked, register

Identity = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """Who somebody of a roster turned out to be; `registered` tells that they are new."""

    id: UUID
    area_code: int
    registered: bool


async def find_or_register(
    tx: Tx, people: Sequence[NewPerson], pointers: Sequence[str], today: date
) -> list[Settled]:
    """Give a registered person for each, in order; nobody is registered twice.

    A number finds its person, whose name must agree; without a number, name, birthday and area do.
    Newcomers join the household of those who share their `household_key`.
    Raises Invalid with a fault for every wrong place.
    """
    filled = await checked(tx, people, pointers, today)
    identities = [_identity(tx, person) for person in filled]
    known = await _known(tx, filled)
    _same_names(tx, filled, [known.get(identity) for identity in identities], pointers)
    fresh: dict[Identity, int] = {}
    for place, identity in enumerate(identities):
        if identity not in known:
            fresh.setdefault(identity, place)
    homes = _homes(filled, [known.get(identity) for identity in identities])
    newcomers = [_at_home(filled[place], homes) for place in fresh.values()]
    ids = await register(tx, newcomers, [pointers[place] for place in fresh.values()])
    added = dict(zip(fresh, ids, strict=True))
    return [
        Settled(known[identity].id, known[identity].area_code, registered=False)
        if identity in known
        else Settled(added[identity], filled[fresh[identity]].area_code, registered=True)
        for identity in identities
    ]


def _identity(tx: Tx, person: NewPerson) -> Identity:
    if person.id_number is not None:
        return person.id_type, number_indexes(tx.keyring, person.id_number)[0]
    name = name_indexes(tx.keyring, person.name)[0]
    return person.id_type, name, person.birth_on, person.area_code


async def _known(tx: Tx, people: Sequence[NewPerson]) -> dict[Identity, PersonRow]:
    """Find people under every key their number or name may be indexed with; by today's index."""
    numbers: dict[bytes, bytes] = {}
    names: dict[bytes, bytes] = {}
    for person in people:
        if person.id_number is not None:
            today, *older = number_indexes(tx.keyring, person.id_number)
            numbers |= dict.fromkeys((today, *older), today)
        else:
            today, *older = name_indexes(tx.keyring, person.name)
            names |= dict.fromkeys((today, *older), today)
    found = await people_by_number(tx, list(numbers)) if numbers else []
    found += await people_by_name(tx, list(names)) if names else []
    return {_identity_of(row, numbers if row.id_index else names): row for row in found}


def _identity_of(row: PersonRow, today: Mapping[bytes, bytes]) -> Identity:
    if row.id_index is not None:
        return row.id_type, today[row.id_index]
    return row.id_type, today[row.name_index], row.birth_on, row.area_code


def _same_names(
    tx: Tx,
    people: Sequence[NewPerson],
    known: Sequence[PersonRow | None],
    pointers: Sequence[str],
) -> None:
    faults = [
        Fault(
            f"{pointer}/name",
            "validation.failed",
            "该证件号登记的是另一个姓名",
            "the number is registered under another name",
            "请核对姓名和证件号",
        )
        for person, row, pointer in zip(people, known, pointers, strict=True)
        if row is not None and row.name_index not in name_indexes(tx.keyring, person.name)
    ]
    if faults:
        raise Invalid(*faults)


def _homes(people: Iterable[NewPerson], known: Iterable[PersonRow | None]) -> dict[str, UUID]:
    """The households that keys stand for already, by their registered members."""
    return {
        person.household_key: row.household_id
        for person, row in zip(people, known, strict=True)
        if person.household_key and row is not None and row.household_id is not None
    }


def _at_home(person: NewPerson, homes: dict[str, UUID]) -> NewPerson:
    home = homes.get(person.household_key or "")
    return person if home is None or person.household_id else replace(person, household_id=home)
