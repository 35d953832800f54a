"""Find a person by name and number, or by name and birthday where there is no number."""

from collections.abc import Sequence
from datetime import date

from app.db.accesses import NewAccess, note_access
from app.db.people import people_by_both, people_by_name
from app.db.person_seals import PersonRow, name_indexes, number_indexes
from app.db.session import Tx
from app.domain.errors import Fault, Invalid, NotFound
from app.domain.person import IdType
from app.services.people.view import PersonView, view_of


async def look_up_person(
    tx: Tx,
    name: str,
    id_type: IdType = IdType.RESIDENT_ID,
    id_number: str | None = None,
    birth_on: date | None = None,
) -> PersonView:
    """Give the one person of the caller's area with this name and number, masked; it is recorded.

    Name and number must both agree: the answer is the same NotFound for a wrong name as for an
    unknown number. Raises Invalid when what is needed to search is missing.
    """
    names = name_indexes(tx.keyring, name)
    if id_type is IdType.NONE:
        same = await _by_birthday(tx, names, birth_on)
    elif id_number is None:
        raise _missing("/id_number", "缺少证件号", "the number is missing")
    else:
        numbers = number_indexes(tx.keyring, id_number)
        same = await people_by_both(tx, id_type, numbers, names)
    if not same:
        raise NotFound(
            "没有找到姓名与证件都相符的人员，请核对姓名和证件号。",
            "Nobody has both this name and this number.",
        )
    if len(same) > 1:
        raise NotFound(
            "有多位无证件人员同名且同日出生，请从名册中选择。",
            "Several people without a number share this name and birthday: choose from the roster.",
        )
    found_one = same[0]
    await note_access(
        tx,
        NewAccess(found_one.area_code, found_one.id, "person", str(found_one.id), "look_up"),
    )
    return await view_of(tx, found_one)


async def note_miss(tx: Tx) -> None:
    """Record that a look-up found nobody; whom it was about is not kept."""
    await note_access(tx, NewAccess(tx.caller.area_lo, None, "person", "-", "look_up"))


async def _by_birthday(tx: Tx, names: Sequence[bytes], birth_on: date | None) -> list[PersonRow]:
    if birth_on is None:
        raise _missing("/birth_on", "无证件人员须填出生日期", "without a number say the birthday")
    found = await people_by_name(tx, names)
    return [person for person in found if person.birth_on == birth_on]


def _missing(pointer: str, message_zh: str, message_en: str) -> Invalid:
    return Invalid(Fault(pointer, "validation.failed", message_zh, message_en))
