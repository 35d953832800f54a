"""Settle a referral whose answer was lost: the insurer's statement names its claim, so it came.

For insurers that neither honour keys nor can be asked this is the only way but a person's word.
"""

from uuid import UUID

from app.db.instructions import read_instruction
from app.db.session import Tx
from app.db.statements import case_no_told
from app.outside.insurers import Accepted
from app.services.claims.held import hold_claim
from app.services.instructions.record_answer import accept
from app.services.instructions.resend import held_instruction, told
from app.services.instructions.resolve import OPEN


async def settle_lost(tx: Tx, instruction_id: str) -> None:
    """Mark a referral in doubt as accepted, when a statement names its claim."""
    seen = await read_instruction(tx, UUID(instruction_id))
    if seen is None:
        return
    await hold_claim(tx, seen.claim_no)  # before the instruction, as everywhere
    held = await held_instruction(tx, seen.id)
    named, case_no = await case_no_told(tx, held.insurer_code, held.claim_no)
    if held.state in OPEN and named:
        await accept(tx, held, None, Accepted(case_no or "", duplicate=True))
        await told(tx, held, "instruction.resolve", "accepted", "对账单已列此案")
