"""Find the people of a roster, and register those who are new."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from app.db.people import PersonRow, name_index, number_index, people_by_name, people_by_number
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
    known = await _known(tx, filled, identities)
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
        return person.id_type, number_index(tx.keyring, person.id_number)
    return person.id_type, name_index(tx.keyring, person.name), person.birth_on, person.area_code


async def _known(
    tx: Tx, people: Sequence[NewPerson], identities: Sequence[Identity]
) -> dict[Identity, PersonRow]:
    pairs = list(zip(people, identities, strict=True))
    numbers = [_bytes(key[1]) for person, key in pairs if person.id_number is not None]
    names = [_bytes(key[1]) for person, key in pairs if person.id_number is None]
    found = await people_by_number(tx, numbers) if numbers else []
    found += await people_by_name(tx, names) if names else []
    return {_identity_of(row): row for row in found}


def _identity_of(row: PersonRow) -> Identity:
    if row.id_index is not None:
        return row.id_type, row.id_index
    return row.id_type, row.name_index, row.birth_on, row.area_code


def _bytes(index: object) -> bytes:
    assert isinstance(index, bytes)
    return index


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
        if row is not None and row.name_index != name_index(tx.keyring, person.name)
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
