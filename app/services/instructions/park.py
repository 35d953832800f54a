"""Park an instruction that must not be sent again by itself."""

from app.db.instructions import InstructionRow, answer
from app.db.session import Tx

ANSWER_LOST = "answer_lost"  # it may have arrived: sending it anew is a person's decision
NOT_REACHED = "not_reached"  # it has certainly not arrived


async def park(tx: Tx, instruction: InstructionRow, fence: int, reason: str = ANSWER_LOST) -> None:
    """Leave it to a person: `reason` says whether the insurer may have it already."""
    await answer(tx, instruction.id, fence, "parked", reason)
