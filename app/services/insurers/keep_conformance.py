"""Keep what a run of the conformance kit proved: the only way that abilities are granted."""

from collections.abc import Mapping
from dataclasses import asdict

from app.db.events import COUNTED, EVERYWHERE, NewEvent, write_act
from app.db.insurers import Abilities, hold_insurer, set_capabilities
from app.db.session import Tx
from app.domain.errors import NotFound


async def keep_conformance(
    tx: Tx, code: str, proven: Abilities, findings: Mapping[str, bool]
) -> None:
    """Set every ability to what was proven, also when that takes one away. Raises NotFound."""
    if not await hold_insurer(tx, code):
        raise NotFound("没有这家保险公司。", "There is no such insurer.")
    await set_capabilities(tx, code, proven)
    await write_act(
        tx,
        NewEvent(
            "insurer",
            code,
            COUNTED,
            "insurer.conformance",
            EVERYWHERE,
            detail={**asdict(proven), "findings": dict(findings)},
        ),
    )
