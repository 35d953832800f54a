"""Send a parked instruction again, because a person says so."""

from uuid import UUID

from app.db.events import COUNTED, NewEvent, write_act
from app.db.instructions import InstructionRow, hold_instruction, move_instruction, read_instruction
from app.db.insurers import find_insurer
from app.db.jobs import enqueue, insurer_lane
from app.db.session import Tx
from app.domain.errors import IllegalMove, NotFound
from app.domain.exchange_words import INSTRUCTION_ZH
from app.services.claims.send_on import SEND
from app.services.instructions.park import ANSWER_LOST


async def resend(tx: Tx, instruction_id: UUID, reason: str) -> InstructionRow:
    """Put a parked instruction back on its lane, under its own key; for the operator.

    One whose answer was lost is asked after, or sent under a key that is honoured, where the
    insurer has been proven to do so by now; otherwise the person takes it upon them that the
    insurer does not have it. Raises NotFound, and IllegalMove unless it is parked.
    """
    held = await held_instruction(tx, instruction_id)
    if held.state != "parked":
        raise IllegalMove(
            INSTRUCTION_ZH[held.state], ("resolve",) if held.state != "accepted" else ()
        )
    insurer = await find_insurer(tx, held.insurer_code)
    assert insurer is not None
    doubtful = held.last_error == ANSWER_LOST and (insurer.honours_key or insurer.can_be_asked)
    state = "unknown" if doubtful else "ready"
    await move_instruction(tx, held.id, state, held.last_error)
    await enqueue(tx, SEND, str(held.id), lane=insurer_lane(held.insurer_code))
    return await told(tx, held, "instruction.resend", state, reason)


async def held_instruction(tx: Tx, instruction_id: UUID) -> InstructionRow:
    """Hold an instruction. Raises NotFound."""
    held = await hold_instruction(tx, instruction_id)
    if held is None:
        raise NotFound("没有这条指令。", "There is no such instruction.")
    return held


async def told(tx: Tx, held: InstructionRow, type_: str, state: str, reason: str) -> InstructionRow:
    """Write the event of an act on a held instruction and give it as it is afterwards."""
    await write_act(
        tx,
        NewEvent(
            "instruction",
            str(held.id),
            COUNTED,
            type_,
            held.area_code,
            was=held.state,
            now=state,
            insurer_code=held.insurer_code,
            detail={"claim_no": held.claim_no, "reason": reason},
        ),
    )
    after = await read_instruction(tx, held.id)
    assert after is not None
    return after
