"""Record what came back for an instruction, under the fence it was sent with."""

from app.db.claims import move_claim
from app.db.instructions import InstructionRow, answer
from app.db.jobs import insurer_lane, note_failure, note_success
from app.db.session import Tx
from app.domain.lifecycle import Move, admits, path
from app.outside.insurers import Accepted, NotSent, Rejected, SendResult, Unknown
from app.services.claims.held import hold_claim


async def record_answer(
    tx: Tx, instruction: InstructionRow, fence: int, result: SendResult, *, asked: bool = False
) -> bool:
    """Write the state that follows from an answer; True when the job must run again.

    An accepted referral brings the claim under review, unless a callback was faster. A refusal that
    stands is parked for a person. Nothing is written when another worker has taken over (fence).
    That a resend never left does not settle the lost answer before it: only a peer that was `asked`
    can say that it never had the instruction.
    """
    lane = insurer_lane(instruction.insurer_code)
    match result:
        case Accepted(insurer_case_no=case_no):
            await note_success(tx, lane)
            if instruction.kind == "refer_claim":
                return await _accept(tx, instruction, fence, case_no)
            await answer(tx, instruction.id, fence, "accepted", None)
            return False
        case Rejected(code=code, may_retry=True):
            await answer(tx, instruction.id, fence, instruction.state, code)
            return True
        case Rejected(code=code):
            await answer(tx, instruction.id, fence, "parked", code)
            return False
        case Unknown(reason=reason):
            await note_failure(tx, lane)
            await answer(tx, instruction.id, fence, "unknown", reason)
            return True
        case NotSent(reason=reason):
            await note_failure(tx, lane)
            state = "ready" if asked else instruction.state
            await answer(tx, instruction.id, fence, state, reason)
            return True


async def _accept(tx: Tx, instruction: InstructionRow, fence: int, case_no: str) -> bool:
    """Hold the claim first, then settle the instruction: the order of locks everywhere."""
    _, claim = await hold_claim(tx, instruction.claim_no)
    if not await answer(tx, instruction.id, fence, "accepted", None):
        return False
    if admits(claim.status, Move.ACCEPT):
        await move_claim(
            tx,
            claim,
            path(claim.status, Move.ACCEPT),
            insurer_case_no=claim.insurer_case_no or case_no,
        )
    return False
