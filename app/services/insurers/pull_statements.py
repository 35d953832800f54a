"""Ask an insurer's interface for its statements, or stop asking: a person's word, on record."""

from app.db.events import COUNTED, EVERYWHERE, NewEvent, write_act
from app.db.insurers import hold_insurer, let_give
from app.db.session import Tx
from app.domain.errors import NotFound


async def pull_statements(tx: Tx, code: str, *, wanted: bool) -> None:
    """Override what the conformance kit found, until its next run. Raises NotFound.

    Off while its interface is out of order or statements come as files; on for one whose test
    system cannot show what its live system does.
    """
    if not await hold_insurer(tx, code):
        raise NotFound("没有这家保险公司。", "There is no such insurer.")
    await let_give(tx, code, gives=wanted)
    await write_act(
        tx,
        NewEvent(
            "insurer",
            code,
            COUNTED,
            "insurer.pull_statements",
            EVERYWHERE,
            detail={"wanted": wanted},
        ),
    )
