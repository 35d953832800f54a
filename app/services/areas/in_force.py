"""Whether an area is still in force: nothing new is filed in one that has ended."""

from app.db.areas import area_over
from app.db.session import Tx
from app.domain.caller import parent_of
from app.domain.errors import Fault, Invalid


async def refuse_ended(tx: Tx, area_code: int) -> None:
    """Refuse an area that was merged into another, or lies in one that was. Raises Invalid."""
    within = [code for code in (area_code, parent_of(area_code)) if code is not None]
    over = await area_over(tx, within, await tx.today())
    if over is not None:
        successor = "" if over.successor_code is None else f"{over.successor_code:012d}"
        raise Invalid(
            Fault(
                "/area_code",
                "validation.failed",
                f"该区划已于 {over.valid_to} 撤并",
                f"this area ended on {over.valid_to}",
                f"请改用 {successor}" if successor else "",
            )
        )
