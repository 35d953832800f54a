"""Ask insurers about instructions that nobody answered, or that fell silent after they did."""

from datetime import timedelta
from uuid import UUID

from app.db.events import COUNTED, NewEvent, write_act
from app.db.instructions import (
    InstructionRow,
    answer,
    begin_asking,
    move_instruction,
    silent_instructions,
)
from app.db.insurers import active_secrets, find_insurer
from app.db.jobs import enqueue, insurer_lane, note_failure, note_success
from app.db.session import Tx
from app.outside.insurers import Accepted, NotSent, SendResult, Unknown
from app.services.claims.send_on import SEND
from app.services.instructions.begin_send import Outgoing
from app.services.instructions.record_answer import accept

ASK = "ask"
UNANSWERED = timedelta(minutes=15)
SILENT = timedelta(days=7)
LOST = "insurer_lost_it"


async def ask_about_silent(tx: Tx) -> int:
    """Enqueue a question, on the insurer's lane, about each instruction that waits too long.

    Unanswered (sent by file, unknown, or parked because the answer was lost) is 15 minutes; silent
    is an accepted referral under review without any news for 7 days. Each is asked again after as
    long. Answers how many were enqueued.
    """
    waiting = await silent_instructions(tx, UNANSWERED, SILENT)
    for instruction_id, insurer_code in waiting:
        await enqueue(tx, ASK, str(instruction_id), lane=insurer_lane(insurer_code))
    return len(waiting)


async def begin_ask(tx: Tx, instruction_id: UUID, fence: int) -> Outgoing | None:
    """Take an instruction for a question; None when there is nothing to ask any more."""
    row = await begin_asking(tx, instruction_id, fence)
    if row is None:
        return None
    insurer = await find_insurer(tx, row.insurer_code)
    assert insurer is not None
    return Outgoing(
        row,
        {},
        insurer.base_url,
        insurer.dialect,
        await active_secrets(tx, insurer.code, "out"),
        await active_secrets(tx, insurer.code, "in"),
        ask_first=True,
        never_again=False,
    )


async def record_status(tx: Tx, instruction: InstructionRow, result: SendResult) -> None:
    """Write what follows from an answer to a question.

    What the insurer never had is sent, under the same key. What it once accepted and now does not
    know is parked for a person and told as an event: nothing is sent twice on its word.
    """
    lane = insurer_lane(instruction.insurer_code)
    if isinstance(result, Unknown):
        await note_failure(tx, lane)
    else:
        await note_success(tx, lane)
    unsettled = instruction.state in ("sent", "unknown", "parked")
    match result:
        case Accepted() if unsettled:
            await accept(tx, instruction, instruction.fence, result)
        case NotSent() if unsettled:
            if await answer(tx, instruction.id, instruction.fence, "ready", result.reason):
                await enqueue(tx, SEND, str(instruction.id), lane=lane)
        case NotSent():
            await _lost(tx, instruction)
        case Unknown() if instruction.state == "unknown":
            await answer(tx, instruction.id, instruction.fence, "unknown", result.reason)


async def _lost(tx: Tx, instruction: InstructionRow) -> None:
    await move_instruction(tx, instruction.id, "parked", LOST)
    await write_act(
        tx,
        NewEvent(
            "instruction",
            str(instruction.id),
            COUNTED,
            "instruction.lost",
            instruction.area_code,
            was="accepted",
            now="parked",
            insurer_code=instruction.insurer_code,
            detail={"claim_no": instruction.claim_no},
        ),
    )
