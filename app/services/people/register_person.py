"""Register one person."""

from app.db.people import people_by_number
from app.db.person_seals import number_indexes
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
        known = await people_by_number(tx, number_indexes(tx.keyring, filled.id_number))
        if any(person.id_type is filled.id_type for person in known):
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
