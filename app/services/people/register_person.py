"""Register one person."""

from app.db.people import number_index, people_by_number
from app.db.session import Tx
from app.domain.errors import Fault, Invalid, OutOfArea
from app.domain.person import NewPerson
from app.services.people.read_person import read_person
from app.services.people.registering import checked, register
from app.services.people.view import PersonView


async def register_person(tx: Tx, person: NewPerson) -> PersonView:
    """Store a person who is not registered yet, sealed, and show them masked.

    Raises OutOfArea beyond the caller's area; Invalid for a wrong or a registered number.
    """
    if not tx.caller.covers(person.area_code):
        raise OutOfArea(
            "只能登记本辖区的人员。", "People are registered within the caller's own area."
        )
    (filled,) = await checked(tx, [person], [""], await tx.today())
    if filled.id_number is not None:
        index = number_index(tx.keyring, filled.id_number)
        if any(known.id_type is filled.id_type for known in await people_by_number(tx, [index])):
            raise Invalid(
                Fault(
                    "/id_number",
                    "validation.failed",
                    "该证件号已登记",
                    "the number is registered already",
                    "请用“查找人员”打开已有记录",
                )
            )
    (row_id,) = await register(tx, [filled], [""])
    return await read_person(tx, row_id)
