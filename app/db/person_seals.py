"""How a person's row is sealed: under a key of their own, which the master key wraps.

Rows of before had no key of their own: they are sealed under the master key and open all the same.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.crypto import DataKey, Keyring, is_under_data_key, normalise_id, normalise_phone
from app.db.purposes import PERSON_NAME, PERSON_NUMBER
from app.domain.person import IdType, NewPerson

SEALED_FIELDS = (("name", "name_sealed"), ("id_number", "id_sealed"), ("phone", "phone_sealed"))


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A registered person, opened; `birth_on` and `died_on` are days in Asia/Shanghai.

    `protected` asks for the closest mask. Of somebody erased the name is empty, the numbers None.
    """

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
    protected: bool
    erased_at: datetime | None

    def __repr__(self) -> str:
        """Show the row id only: a trace or a log may print it."""
        return f"PersonRow({self.id})"


def number_indexes(keyring: Keyring, id_number: str) -> tuple[bytes, ...]:
    """Give the blind indexes of an identity number as typed; the first is filed, all are found."""
    return keyring.blind_indexes(PERSON_NUMBER, normalise_id(id_number))


def name_indexes(keyring: Keyring, name: str) -> tuple[bytes, ...]:
    """Give the blind indexes of a name as typed; spaces do not count."""
    return keyring.blind_indexes(PERSON_NAME, "".join(name.split()))


def seal_person(keyring: Keyring, row_id: UUID, person: NewPerson) -> dict[str, Any]:
    """Give the columns of a new person, sealed under a new key of their own."""
    number = None if person.id_number is None else normalise_id(person.id_number)
    phone = None if person.phone is None else normalise_phone(person.phone)
    key_sealed, key = keyring.new_data_key(place("key_sealed", row_id))
    return {
        "id": row_id,
        "area_code": person.area_code,
        "household_id": person.household_id,
        "name_sealed": _seal(key, "name_sealed", row_id, person.name),
        "name_index": name_indexes(keyring, person.name)[0],
        "id_type": person.id_type.value,
        "id_sealed": _seal(key, "id_sealed", row_id, number),
        "id_index": None if number is None else number_indexes(keyring, number)[0],
        "phone_sealed": _seal(key, "phone_sealed", row_id, phone),
        "birth_on": person.birth_on,
        "sex": None if person.sex is None else person.sex.value,
        "key_sealed": key_sealed,
    }


def open_person(keyring: Keyring, fields: dict[str, Any]) -> PersonRow:
    """Make a person of the columns of `PERSON_COLUMNS` by name, unsealed."""
    row_id, wrapped = fields["id"], fields.pop("key_sealed")
    key = None if not wrapped else keyring.open_data_key(wrapped, place("key_sealed", row_id))
    for name, sealed in SEALED_FIELDS:
        fields[name] = _opened(keyring, key, fields.pop(sealed), place(sealed, row_id))
    if fields["erased_at"] is not None:
        fields["name"] = ""
    fields["id_type"] = IdType(fields["id_type"])
    return PersonRow(**fields)


def place(column: str, row_id: UUID) -> str:
    """Name the place that a seal of the table is bound to."""
    return f"person.{column}.{row_id}"


def _opened(keyring: Keyring, key: DataKey | None, blob: bytes | None, where: str) -> str | None:
    if not blob:
        return None
    opener = key if key is not None and is_under_data_key(blob) else keyring
    return opener.open_sealed(blob, where).decode()


def _seal(key: DataKey, column: str, row_id: UUID, text: str | None) -> bytes | None:
    return None if text is None else key.seal(text.encode(), place(column, row_id))
