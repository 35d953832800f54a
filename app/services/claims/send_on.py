"""Where an assessed claim goes next: to be approved, to wait its turn, or to its insurer."""

from datetime import timedelta
from uuid import UUID

from app.db.claims import ClaimRow, move_claim
from app.db.decisions import approvals_of
from app.db.documents import documents_of
from app.db.instructions import add_instruction
from app.db.jobs import enqueue, insurer_lane
from app.db.notices import NoticeRow
from app.db.people import read_people
from app.db.session import Tx
from app.domain.assessment import Assessment
from app.domain.lifecycle import ClaimStatus, Move, path
from app.domain.referral import referral
from app.services.coverage.respond import Response

ASSESS, SEND, PASS_CHECK = "assess", "send", "pass_check"


async def send_on(
    tx: Tx,
    notice: NoticeRow,
    claim: ClaimRow,
    assessment: Assessment,
    person_id: UUID,
    response: Response,
    *,
    earlier: ClaimRow | None,
) -> None:
    """Ask for approval where the policy wants it, wait for an earlier payer, or refer the claim.

    Waiting ends when the earlier payer has decided or after the policy's waiting days.
    """
    if claim.status is not ClaimStatus.SUBMITTED:
        return
    if claim.approval != "none" and not await _passed(tx, claim):
        await _ask_approval(tx, claim)
        return
    if earlier is not None and await _still_waits(tx, notice, claim):
        if claim.waits_for != earlier.claim_no:
            await move_claim(
                tx,
                claim,
                (),
                note="wait",
                detail={"for": earlier.claim_no},
                waits_for=earlier.claim_no,
            )
            await enqueue(
                tx, ASSESS, notice.notice_no, delay=timedelta(days=claim.waiting_days, minutes=1)
            )
        return
    await _refer(tx, notice, claim, assessment, person_id, response)


async def _passed(tx: Tx, claim: ClaimRow) -> bool:
    return any(step.act == "pass" for step in await approvals_of(tx, [claim.id]))


async def _ask_approval(tx: Tx, claim: ClaimRow) -> None:
    due_on = await tx.today() + timedelta(days=claim.check_days)
    await move_claim(tx, claim, path(claim.status, Move.ASK_APPROVAL), due_on=due_on)
    if claim.approval == "county_check":
        await enqueue(
            tx, PASS_CHECK, claim.claim_no, delay=timedelta(days=claim.check_days, minutes=1)
        )


async def _still_waits(tx: Tx, notice: NoticeRow, claim: ClaimRow) -> bool:
    assert notice.submitted_at is not None
    return await tx.now() < notice.submitted_at + timedelta(days=claim.waiting_days)


async def _refer(
    tx: Tx,
    notice: NoticeRow,
    claim: ClaimRow,
    assessment: Assessment,
    person_id: UUID,
    response: Response,
) -> None:
    person = (await read_people(tx, [person_id]))[person_id]
    papers = await documents_of(tx, notice.id)
    content = referral(
        {"claim_no": claim.claim_no, "notice_no": notice.notice_no, "policy_no": claim.policy_no},
        await tx.now(),
        {
            "name": person.name,
            "id_type": person.id_type,
            "id_number": person.id_number,
            "birth_on": person.birth_on.isoformat(),
            "category": response.spell.category,
        },
        notice.content,
        assessment,
        [(paper.kind, paper.sha256) for paper in papers],
    )
    await instruct(tx, claim, "refer_claim", content)
    if claim.waits_for is not None:
        await move_claim(tx, claim, (), note="turn", waits_for=None)


async def instruct(tx: Tx, claim: ClaimRow, kind: str, content: dict[str, object]) -> None:
    """File an instruction to the claim's insurer and the job that sends it, together."""
    assert claim.insurer_code is not None
    instruction_id = await add_instruction(tx, claim, kind, content)
    await enqueue(tx, SEND, str(instruction_id), lane=insurer_lane(claim.insurer_code))
