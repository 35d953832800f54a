"""People as they are registered: with a resident identity number, a passport, or no number."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from app.domain.errors import Fault
from app.domain.id_card import read_id
from app.domain.words import Sex

NAME_MAX = 50
PASSPORT_MIN, PASSPORT_MAX = 5, 20


class IdType(StrEnum):
    """What kind of number a person is known by."""

    RESIDENT_ID = "resident_id"
    PASSPORT = "passport"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person to register; `area_code` is where they live, 12 digits.

    A resident identity number says birthday and sex by itself; without one the birthday is needed.
    `household_id` names a known household; people of one request with the same `household_key` make
    one household, and whoever has neither gets a household of their own.
    """

    name: str
    area_code: int
    id_type: IdType = IdType.RESIDENT_ID
    id_number: str | None = None
    birth_on: date | None = None
    sex: Sex | None = None
    household_id: UUID | None = None
    household_key: str | None = None
    phone: str | None = None


def completed(person: NewPerson, today: date) -> NewPerson:
    """Fill in what the identity number says; a wrong number is left for `person_faults`."""
    name = person.name.strip()
    if person.id_type is not IdType.RESIDENT_ID or person.id_number is None:
        return replace(person, name=name)
    card = read_id(person.id_number, today)
    return replace(
        person,
        name=name,
        birth_on=person.birth_on or card.birth_on,
        sex=person.sex or card.sex,
    )


def person_faults(person: NewPerson, today: date, pointer: str = "") -> tuple[Fault, ...]:
    """Tell what is wrong with a completed person; no fault repeats a name or a number."""
    return (
        *_name_faults(person, pointer),
        *_number_faults(person, today, pointer),
        *_birth_faults(person, today, pointer),
    )


def _name_faults(person: NewPerson, pointer: str) -> Iterator[Fault]:
    if not 1 <= len(person.name) <= NAME_MAX:
        yield _fault(f"{pointer}/name", "姓名须为 1 至 50 个字", "a name has 1 to 50 characters")


def _number_faults(person: NewPerson, today: date, pointer: str) -> Iterator[Fault]:
    place = f"{pointer}/id_number"
    number = person.id_number
    if person.id_type is IdType.NONE:
        if number is not None:
            yield _fault(place, "无证件人员不填证件号", "no number goes with id_type none")
    elif number is None:
        yield _fault(
            place,
            "缺少证件号",
            "the number is missing",
            "没有证件的人员请选择“无证件”，并填写出生日期",
        )
    elif person.id_type is IdType.RESIDENT_ID:
        yield from read_id(number, today, place).faults
    elif not PASSPORT_MIN <= len(number) <= PASSPORT_MAX:
        yield _fault(place, "护照号须为 5 至 20 位", "a passport number has 5 to 20 characters")


def _birth_faults(person: NewPerson, today: date, pointer: str) -> Iterator[Fault]:
    place = f"{pointer}/birth_on"
    if person.id_type is IdType.RESIDENT_ID and person.id_number is not None:
        card = read_id(person.id_number, today)
        if not card.faults and person.birth_on != card.birth_on:
            yield _fault(
                place,
                "出生日期与身份证号不一致",
                "the birthday differs from the identity number's",
                code="person.id_date",
            )
    elif person.birth_on is None:
        yield _fault(place, "缺少出生日期", "the birthday is missing")
    elif person.birth_on > today:
        yield _fault(place, "出生日期晚于今天", "the birthday is in the future")


def _fault(
    pointer: str,
    message_zh: str,
    message_en: str,
    hint_zh: str = "",
    code: str = "validation.failed",
) -> Fault:
    return Fault(pointer, code, message_zh, message_en, hint_zh)
