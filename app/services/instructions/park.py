"""Park an instruction that must never be sent again by itself."""

from app.db.instructions import InstructionRow, answer
from app.db.session import Tx


async def park(tx: Tx, instruction: InstructionRow, fence: int) -> None:
    """Leave it to a person: its answer was lost, and the insurer neither honours keys nor tells."""
    await answer(tx, instruction.id, fence, "parked", "answer_lost")
