"""Take over a list of administrative divisions."""

from collections.abc import Sequence

from app.db import areas
from app.db.areas import Area
from app.db.session import Tx
from app.domain.caller import LEVEL_DIGITS, area_range
from app.domain.errors import Fault, Invalid

_WIDTHS = {10 ** (12 - digits): level for level, digits in LEVEL_DIGITS.items()}


async def load_areas(tx: Tx, rows: Sequence[Area]) -> None:
    """Store areas, or give known ones a new name. Raises Invalid where code and level differ."""
    faults = [
        Fault(
            f"/{place}/level",
            "validation.failed",
            "级别与 12 位代码不符",
            "the level does not agree with the 12-digit code",
        )
        for place, row in enumerate(rows)
        if row.level != _level(row.code)
    ]
    if faults:
        raise Invalid(*faults)
    await areas.load_areas(tx, rows)


def _level(code: int) -> str | None:
    lo, hi = area_range(code)
    return _WIDTHS.get(hi - lo)
