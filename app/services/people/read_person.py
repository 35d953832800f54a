"""Read one person."""

from uuid import UUID

from app.db.accesses import NewAccess, note_access
from app.db.people import read_people
from app.db.session import Tx
from app.services.people.held import no_such_person
from app.services.people.view import PersonView, view_of


async def read_person(tx: Tx, person_id: UUID) -> PersonView:
    """Give a person of the caller's area, masked. Raises NotFound."""
    person = (await read_people(tx, [person_id])).get(person_id)
    if person is None:
        raise no_such_person()
    return await view_of(tx, person)


async def note_reading(tx: Tx, seen: PersonView) -> None:
    """Record that a person's record was opened."""
    await note_access(tx, NewAccess(seen.area_code, seen.id, "person", str(seen.id), "view"))
