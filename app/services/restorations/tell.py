"""Write the event of an act on a restoration."""

from collections.abc import Mapping

from app.db.events import COUNTED, EVERYWHERE, NewEvent, write_act
from app.db.session import Tx


async def tell(tx: Tx, type_: str, detail: Mapping[str, object]) -> None:
    """Tell it of all lanes together."""
    await write_act(tx, NewEvent("lane", "all", COUNTED, type_, EVERYWHERE, detail=detail))
