"""People follow their area into the one that it became part of; their cases stay where they are."""

from app.db.moves import people_within
from app.db.session import Tx
from app.domain.caller import area_range
from app.services.people.move_person import take_along

CHUNK = 500


async def follow_merger(tx: Tx, old: int, successor: int) -> int:
    """Move everybody of an area to its successor, each with an event; give how many they are."""
    lo, hi = area_range(old)
    moved = 0
    while people := await people_within(tx, lo, hi, CHUNK):
        for person_id, area_code in people:
            await take_along(tx, person_id, area_code, successor)
        moved += len(people)
    return moved
