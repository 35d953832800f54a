"""Label somebody as protected (a minor, somebody abused), or lift the label."""

from uuid import UUID

from app.db.events import COUNTED, NewEvent, write_act
from app.db.person_life import hold_person, set_protected
from app.db.session import Tx
from app.domain.errors import Invalid
from app.domain.note_checks import note_faults
from app.services.people.held import no_such_person
from app.services.people.read_person import read_person
from app.services.people.view import PersonView


async def protect_person(tx: Tx, person_id: UUID, reason_zh: str, *, protected: bool) -> PersonView:
    """Set or lift the label: names and numbers are then closed to every role, in every answer.

    Raises NotFound, and Invalid for personal numbers in the reason.
    """
    person = await hold_person(tx, person_id)
    if person is None:
        raise no_such_person()
    faults = note_faults(reason_zh, "/reason_zh")
    if faults:
        raise Invalid(*faults)
    if person.erased_at is None and person.protected is not protected:
        await set_protected(tx, person_id, protected=protected)
        type_ = "person.protect" if protected else "person.unprotect"
        await write_act(tx, NewEvent("person", str(person_id), COUNTED, type_, person.area_code))
    return await read_person(tx, person_id)
