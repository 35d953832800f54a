"""Begin to send an instruction: take it under a fence and say how its insurer is reached."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from app.db.instructions import InstructionRow, begin_sending
from app.db.insurers import active_secrets, find_insurer
from app.db.session import Tx
from app.outside.insurers import DIALECTS


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What to send, where, signed with what; `ask_first` when it may have arrived already.

    `only_asked`: the insurer can be asked, and would take a repeated key for something new.
    """

    instruction: InstructionRow
    content: Mapping[str, object] = field(repr=False)
    base_url: str
    dialect: str
    secrets: tuple[str, ...] = field(repr=False)  # the newest first
    peer_keys: tuple[str, ...] = field(repr=False)
    ask_first: bool
    never_again: bool
    only_asked: bool = False


async def begin_send(tx: Tx, instruction_id: UUID, fence: int) -> Outgoing | None:
    """Take an instruction for sending; None when it is settled or another worker has it.

    After a lost answer (UNKNOWN): an insurer that honours keys gets the same key again, one that
    can be asked is asked first, and with one that can do neither nothing is ever sent again.
    """
    sending = await begin_sending(tx, instruction_id, fence)
    if sending is None:
        return None
    insurer = await find_insurer(tx, sending.row.insurer_code)
    assert insurer is not None
    lost = sending.row.state == "unknown"
    honours_key = insurer.honours_key or DIALECTS[insurer.dialect].keeps_keys
    return Outgoing(
        sending.row,
        sending.content,
        insurer.base_url,
        insurer.dialect,
        await active_secrets(tx, insurer.code, "out"),
        await active_secrets(tx, insurer.code, "in"),
        ask_first=lost and insurer.can_be_asked and not honours_key,
        never_again=lost and not insurer.can_be_asked and not honours_key,
        only_asked=insurer.can_be_asked and not honours_key,
    )
