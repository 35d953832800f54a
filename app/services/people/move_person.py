"""A person moves: the record, consents and covers go along, and the earlier cases can be read."""

from dataclasses import dataclass
from uuid import UUID

from app.db import moves
from app.db.events import COUNTED, NewEvent, write_act
from app.db.moves import PastCase
from app.db.person_life import hold_person
from app.db.session import Tx
from app.domain.caller import AREA_END, county_of
from app.domain.errors import Fault, Invalid
from app.services.areas.in_force import refuse_ended
from app.services.people.held import no_such_person
from app.services.people.read_person import note_reading, read_person


@dataclass(frozen=True, slots=True)
class Moved:
    """Who went from where to where; `left_behind` are the policies whose cover stays there."""

    person_id: UUID
    from_area: int
    to_area: int
    left_behind: tuple[str, ...]


async def move_person(tx: Tx, person_id: UUID, area_code: int) -> Moved:
    """Hand a person over to another township or village, also of another county (迁出).

    Cases stay with the office that filed them; the office of the new place reads them by
    `read_history`. Raises NotFound, Invalid for a place that is none, has ended or is the same.
    """
    person = await hold_person(tx, person_id)
    if person is None:
        raise no_such_person()
    if not 0 < area_code < AREA_END or county_of(area_code) == area_code:
        raise Invalid(_fault("应为乡镇或村的 12 位区划代码", "a township or a village"))
    if area_code == person.area_code:
        raise Invalid(_fault("此人已在该区划", "the person lives there already"))
    await refuse_ended(tx, area_code)
    return await take_along(tx, person_id, person.area_code, area_code)


async def take_along(tx: Tx, person_id: UUID, from_area: int, to_area: int) -> Moved:
    """Move a held person and write the event, in the trail of the place that is left."""
    left_behind = await moves.move_person(tx, person_id, to_area)
    detail = {"from": f"{from_area:012d}", "to": f"{to_area:012d}"}
    await write_act(
        tx,
        NewEvent("person", str(person_id), COUNTED, "person.move", from_area, detail=detail),
    )
    return Moved(person_id, from_area, to_area, tuple(left_behind))


async def read_history(tx: Tx, person_id: UUID) -> list[PastCase]:
    """Give what was filed for a person of the caller's area, wherever it was; the reading is kept.

    Raises NotFound.
    """
    await note_reading(tx, await read_person(tx, person_id))
    return await moves.history_of(tx, person_id)


def _fault(message_zh: str, message_en: str) -> Fault:
    return Fault("/area_code", "validation.failed", message_zh, message_en)
