"""Record a local standard: amounts by place and day that terms refer to."""

from app.db.session import Tx
from app.db.standards import add_standard
from app.domain.standards import Standard


async def load_standard(tx: Tx, standard: Standard) -> int:
    """Record its rows; gives how many were new or said something else than before.

    Decisions keep the amounts they were made on, so a correction changes none of them.
    """
    return await add_standard(tx, standard)
