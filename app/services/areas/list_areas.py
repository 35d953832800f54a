"""List the areas below one."""

from collections.abc import Sequence

from app.db import areas
from app.db.areas import Area
from app.db.session import Tx
from app.domain.caller import area_range


async def list_areas(tx: Tx, within: int = 0, limit: int = 1000) -> Sequence[Area]:
    """Give an area (12 digits; 0: the country) and those below it, by code, at most `limit`.

    Divisions are public: every caller sees all of them.
    """
    lo, hi = area_range(within)
    return await areas.list_areas(tx, lo, hi, limit)
