"""Keep what a run of the conformance kit proved: the only way that capability flags are set."""

from collections.abc import Mapping

from app.db.events import COUNTED, EVERYWHERE, NewEvent, write_act
from app.db.insurers import hold_insurer, set_capabilities
from app.db.session import Tx
from app.domain.errors import NotFound


async def keep_conformance(
    tx: Tx, code: str, *, honours_key: bool, can_be_asked: bool, findings: Mapping[str, bool]
) -> None:
    """Set both flags to what was proven, also when that takes one away. Raises NotFound."""
    if not await hold_insurer(tx, code):
        raise NotFound("没有这家保险公司。", "There is no such insurer.")
    await set_capabilities(tx, code, honours_key=honours_key, can_be_asked=can_be_asked)
    await write_act(
        tx,
        NewEvent(
            "insurer",
            code,
            COUNTED,
            "insurer.conformance",
            EVERYWHERE,
            detail={
                "honours_key": honours_key,
                "can_be_asked": can_be_asked,
                "findings": dict(findings),
            },
        ),
    )
