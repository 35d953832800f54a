"""Merge one area into another: from a day on nothing new is filed in it."""

from datetime import date

from app.db.areas import Area, end_areas
from app.db.areas import list_areas as find_areas
from app.db.keys import revoke_of_area
from app.db.session import Tx
from app.domain.caller import area_range
from app.domain.errors import Fault, Invalid, NotFound


async def merge_area(tx: Tx, old: int, successor: int, last_on: date) -> tuple[Area, Area, int]:
    """End an area on its last day and revoke the keys that are bound to it; give (it, its
    successor, keys revoked).

    What was filed in it stays under its code: the county works on it, or whoever gets a key over
    the old code; its people follow (`follow_merger`). Raises NotFound, Invalid.
    """
    ended, next_one = await _area(tx, old), await _area(tx, successor)
    if ended.level != next_one.level or ended.code == next_one.code or next_one.valid_to:
        raise Invalid(
            Fault(
                "/successor",
                "validation.failed",
                "并入的区划应为同级、另一个、仍有效的区划",
                "the successor must be another area of the same level that is in force",
            )
        )
    if ended.valid_to is not None:
        raise Invalid(
            Fault("/code", "validation.failed", "该区划已撤并", "the area has ended already")
        )
    lo, hi = area_range(old)
    await end_areas(tx, lo, hi, last_on, successor)
    return ended, next_one, await revoke_of_area(tx, lo, hi)


async def _area(tx: Tx, code: int) -> Area:
    found = await find_areas(tx, code, code + 1, 1)
    if not found:
        raise NotFound(f"没有区划 {code:012d}。", f"There is no area {code:012d}.")
    return found[0]
