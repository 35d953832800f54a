"""Take over a list of administrative divisions."""

from collections.abc import Sequence

from app.db import areas
from app.db.areas import Area
from app.db.session import Tx
from app.domain.caller import level_of
from app.domain.errors import Fault, Invalid


async def load_areas(tx: Tx, rows: Sequence[Area]) -> int:
    """Store areas, or give known ones a new name; give how many are new or renamed.

    Raises Invalid where code and level differ.
    """
    faults = [
        Fault(
            f"/{place}/level",
            "validation.failed",
            "级别与 12 位代码不符",
            "the level does not agree with the 12-digit code",
        )
        for place, row in enumerate(rows)
        if row.level != level_of(row.code)
    ]
    if faults:
        raise Invalid(*faults)
    return await areas.load_areas(tx, rows)
