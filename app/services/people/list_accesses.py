"""谁看过我的信息: who opened a person's record, when and why."""

from uuid import UUID

from app.db.accesses import AccessRow, accesses_of
from app.db.people import read_people
from app.db.session import Tx
from app.services.people.held import no_such_person


async def list_accesses(tx: Tx, person_id: UUID, before: int | None, limit: int) -> list[AccessRow]:
    """Give accesses to a person's record, newest first, before an id. Raises NotFound."""
    if person_id not in await read_people(tx, [person_id]):
        raise no_such_person()
    return await accesses_of(tx, person_id, before=before, limit=limit)
