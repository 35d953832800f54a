"""Register whom a notice names where an unnamed policy covers the area: proved with the claim."""

from datetime import date

from app.db.enrolments import unnamed_covers
from app.db.notices import NoticeRow
from app.db.session import Tx
from app.domain.errors import Invalid
from app.domain.person import IdType, NewPerson
from app.services.people.find_or_register import find_or_register


async def register_unnamed(tx: Tx, notice: NoticeRow, today: date) -> bool:
    """Register the person of a notice that nobody knows; tell whether that was done.

    Only with a name and a resident identity number, and only where an unnamed policy covers the
    area on the event day. Somebody registered in another county stays unmatched here.
    """
    person, on = notice.content.person, notice.content.event.on
    if not (person.name and person.id_number and person.id_type == IdType.RESIDENT_ID and on):
        return False
    if not await unnamed_covers(tx, notice.area_code, on):
        return False
    new = NewPerson(person.name, notice.area_code, IdType.RESIDENT_ID, person.id_number)
    try:
        await find_or_register(tx, [new], ["/person"], today)
    except Invalid:
        return False
    return True
