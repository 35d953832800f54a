"""Record what came back for an instruction, under the fence it was sent with."""

from app.db.claims import move_claim
from app.db.instructions import InstructionRow, answer, keep_numbers, move_instruction
from app.db.jobs import insurer_lane, note_failure, note_success
from app.db.session import Tx
from app.domain.lifecycle import Move, admits, path
from app.outside.insurers import Accepted, HandedOver, NotSent, Rejected, SendResult, Unknown
from app.services.claims.held import hold_claim
from app.services.payouts.end_advance import refuse_advance


async def record_answer(
    tx: Tx, instruction: InstructionRow, fence: int, result: SendResult, *, asked: bool = False
) -> bool:
    """Write the state that follows from an answer; True when the job must run again.

    An accepted referral brings the claim under review, unless a callback was faster. A refusal that
    stands is parked for a person; that of an advance ends it. Nothing is written when another
    worker has taken over (fence). That a resend never left does not settle the lost answer before
    it: only a peer that was `asked` can say that it never had the instruction.
    """
    lane = insurer_lane(instruction.insurer_code)
    match result:
        case Accepted():
            await note_success(tx, lane)
            await accept(tx, instruction, fence, result)
            return False
        case HandedOver():
            await note_success(tx, lane)
            await answer(tx, instruction.id, fence, "sent", None)
            return False
        case Rejected(code=code, may_retry=True):
            await answer(tx, instruction.id, fence, instruction.state, code)
            return True
        case Rejected(code=code):
            await _refused(tx, instruction, fence, code)
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


async def _refused(tx: Tx, instruction: InstructionRow, fence: int, code: str) -> None:
    """Park a refusal that stands. A no to an advance is an answer: the claim goes on without it."""
    if instruction.kind != "request_advance":
        await answer(tx, instruction.id, fence, "parked", code)
        return
    await hold_claim(tx, instruction.claim_no)  # before the instruction, as everywhere
    if await answer(tx, instruction.id, fence, "rejected", code):
        await refuse_advance(tx, instruction.claim_no, instruction.id, code)


async def accept(
    tx: Tx, instruction: InstructionRow, fence: int | None, accepted: Accepted
) -> None:
    """Settle an instruction that the insurer has. A referral brings its claim under review.

    The claim is held first, then the instruction: the order of locks everywhere. `fence` None: by
    the word of a person who holds the instruction.
    """
    claim = None
    if instruction.kind == "refer_claim":
        _, claim = await hold_claim(tx, instruction.claim_no)
    if fence is None:
        await move_instruction(tx, instruction.id, "accepted")
    elif not await answer(tx, instruction.id, fence, "accepted", None):
        return
    case_no = accepted.insurer_case_no or None
    if case_no is not None:
        await keep_numbers(tx, instruction.id, case_no, accepted.platform_case_no)
    if claim is not None and admits(claim.status, Move.ACCEPT):
        await move_claim(
            tx,
            claim,
            path(claim.status, Move.ACCEPT),
            insurer_case_no=claim.insurer_case_no or case_no,
        )
