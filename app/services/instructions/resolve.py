"""Settle an instruction by a person's word: the insurer was asked, or said so in writing."""

from uuid import UUID

from app.db.instructions import InstructionRow, move_instruction, read_instruction
from app.db.session import Tx
from app.domain.errors import IllegalMove, NotFound
from app.domain.exchange_words import INSTRUCTION_ZH
from app.outside.insurers import Accepted
from app.services.claims.held import hold_claim
from app.services.instructions.record_answer import accept
from app.services.instructions.resend import held_instruction, told
from app.services.payouts.end_advance import refuse_advance

OPEN = frozenset({"sent", "unknown", "parked"})


async def resolve(
    tx: Tx, instruction_id: UUID, outcome: str, reason: str, insurer_case_no: str | None = None
) -> InstructionRow:
    """Mark an unsettled instruction `accepted` or `rejected`; for the operator.

    An accepted referral brings its claim under review. Raises NotFound, and IllegalMove for one
    that is settled or still to be sent.
    """
    seen = await read_instruction(tx, instruction_id)
    if seen is None:
        raise NotFound("没有这条指令。", "There is no such instruction.")
    await hold_claim(tx, seen.claim_no)  # before the instruction, as everywhere
    held = await held_instruction(tx, instruction_id)
    if held.state not in OPEN:
        raise IllegalMove(INSTRUCTION_ZH[held.state], ())
    if outcome == "accepted":
        await accept(tx, held, None, Accepted(insurer_case_no or "", duplicate=True))
    else:
        if held.kind == "request_advance":
            await refuse_advance(tx, held.claim_no, held.id, "resolved_by_person")
        await move_instruction(tx, held.id, "rejected", "resolved_by_person")
    return await told(tx, held, "instruction.resolve", outcome, reason)
