"""What registering one person and registering a roster share."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from app.db.events import NewEvent, write_events
from app.db.people import add_households, add_people, known_households
from app.db.session import Tx
from app.domain.errors import Fault, Invalid
from app.domain.person import NewPerson, completed, person_faults


async def checked(
    tx: Tx, people: Sequence[NewPerson], pointers: Sequence[str], today: date
) -> list[NewPerson]:
    """Fill in what numbers say. Raises Invalid with a fault for every wrong place of everybody."""
    filled = [completed(person, today) for person in people]
    wanted = {person.household_id for person in filled if person.household_id is not None}
    unknown = wanted - await known_households(tx, list(wanted)) if wanted else set()
    faults: list[Fault] = []
    for person, pointer in zip(filled, pointers, strict=True):
        faults += person_faults(person, today, pointer)
        if not tx.caller.covers(person.area_code):
            faults.append(_fault(f"{pointer}/area_code", "不在本辖区", "outside the caller's area"))
        if person.household_id in unknown:
            faults.append(_fault(f"{pointer}/household_id", "没有这个家庭", "no such household"))
    if faults:
        raise Invalid(*faults)
    return filled


async def register(tx: Tx, people: Sequence[NewPerson], pointers: Sequence[str]) -> list[UUID]:
    """Store checked people with their households; give their row ids.

    Raises Invalid where a number is registered in an area that the caller cannot see.
    """
    housed = await _housed(tx, people)
    ids = await add_people(tx, housed)
    added = [row_id for row_id in ids if row_id is not None]
    if len(added) < len(ids):
        raise Invalid(
            *(
                _fault(
                    f"{pointer}/id_number",
                    "该证件号已登记在其他辖区",
                    "the number is registered in another area",
                    "请与县民政核对后办理迁移",
                )
                for row_id, pointer in zip(ids, pointers, strict=True)
                if row_id is None
            )
        )
    events = [
        NewEvent("person", str(row_id), 1, "person.registered", person.area_code)
        for row_id, person in zip(added, housed, strict=True)
    ]
    await write_events(tx, events)
    return added


async def _housed(tx: Tx, people: Sequence[NewPerson]) -> list[NewPerson]:
    """Give everybody a household: their own, or one for all with the same key."""
    keys: dict[object, int] = {}
    for place, person in enumerate(people):
        if person.household_id is None:
            keys.setdefault(person.household_key or place, person.area_code)
    made = dict(zip(keys, await add_households(tx, list(keys.values())), strict=True))
    return [
        person
        if person.household_id is not None
        else replace(person, household_id=made[person.household_key or place])
        for place, person in enumerate(people)
    ]


def _fault(pointer: str, message_zh: str, message_en: str, hint_zh: str = "") -> Fault:
    return Fault(pointer, "validation.failed", message_zh, message_en, hint_zh)
