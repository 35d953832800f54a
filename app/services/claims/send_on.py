"""Where an assessed claim goes next: to be approved, to wait its turn, or to its insurer."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from app.db.claim_writing import Writing
from app.db.claims import ClaimRow
from app.db.held_claims import Known
from app.db.instructions import add_instruction
from app.db.jobs import enqueue, insurer_lane
from app.db.notices import NoticeRow
from app.db.session import Tx
from app.domain.account_check import ANSWER_WITHIN
from app.domain.lifecycle import ClaimStatus, Move, path
from app.domain.referral import referral
from app.services.claims.assessing import Assessed
from app.services.claims.checked_accounts import CHECK_ACCOUNTS, Accounts

ASSESS, SEND, PASS_CHECK = "assess", "send", "pass_check"


def send_on(
    notice: NoticeRow, known: Known, one: Assessed, earlier: ClaimRow | None, accounts: Accounts
) -> None:
    """Ask for approval where the policy wants it, wait for an earlier payer, or refer the claim.

    Waiting ends when the earlier payer has decided or after the policy's waiting days. Where the
    insurer can tell whose accounts they are, that is asked before it is told of them. What is to be
    written of it is added to the claim's writing.
    """
    claim, writing = one.writing.claim, one.writing
    if claim.status is not ClaimStatus.SUBMITTED:
        return
    if claim.insurer_code in accounts.asked:
        subject = f"{claim.insurer_code}/{notice.notice_no}"
        writing.enqueue(CHECK_ACCOUNTS, subject, lane=insurer_lane(claim.insurer_code))
    if claim.approval != "none" and claim.id not in known.passed:
        _ask_approval(known, writing)
    elif earlier is not None and _still_waits(notice, claim, known):
        _wait(notice, known, writing, earlier)
    elif claim.insurer_code in accounts.asked:
        writing.enqueue(ASSESS, notice.notice_no, delay=ANSWER_WITHIN + timedelta(minutes=1))
    else:
        _refer(notice, known, one, accounts)


def _ask_approval(known: Known, writing: Writing) -> None:
    claim = writing.claim
    due_on = known.today + timedelta(days=claim.check_days)
    writing.move(path(claim.status, Move.ASK_APPROVAL), known.today, due_on=due_on)
    if claim.approval == "county_check":
        delay = timedelta(days=claim.check_days, minutes=1)
        writing.enqueue(PASS_CHECK, claim.claim_no, delay=delay)


def _still_waits(notice: NoticeRow, claim: ClaimRow, known: Known) -> bool:
    assert notice.submitted_at is not None
    return known.now < notice.submitted_at + timedelta(days=claim.waiting_days)


def _wait(notice: NoticeRow, known: Known, writing: Writing, earlier: ClaimRow) -> None:
    if writing.claim.waits_for == earlier.claim_no:
        return
    detail = {"for": earlier.claim_no}
    writing.move((), known.today, note="wait", detail=detail, waits_for=earlier.claim_no)
    delay = timedelta(days=writing.claim.waiting_days, minutes=1)
    writing.enqueue(ASSESS, notice.notice_no, delay=delay)


def _refer(notice: NoticeRow, known: Known, one: Assessed, accounts: Accounts) -> None:
    claim, person, writing = one.writing.claim, known.person, one.writing
    assert claim.insurer_code is not None
    content = referral(
        {"claim_no": claim.claim_no, "notice_no": notice.notice_no, "policy_no": claim.policy_no},
        known.now,
        {
            "name": person.name,
            "id_type": person.id_type,
            "id_number": person.id_number,
            "birth_on": person.birth_on.isoformat(),
            "category": one.standing.response.spell.category,
        },
        replace(notice.content, payees=accounts.told_to(claim.insurer_code)),
        one.assessment,
        known.papers,
    )
    instruction_id = writing.refer(content)
    writing.enqueue(SEND, str(instruction_id), lane=insurer_lane(claim.insurer_code))
    if claim.waits_for is not None:
        writing.move((), known.today, note="turn", waits_for=None)


async def instruct(tx: Tx, claim: ClaimRow, kind: str, content: dict[str, object]) -> UUID:
    """File an instruction to the claim's insurer and the job that sends it, together.

    Gives the instruction's id.
    """
    assert claim.insurer_code is not None
    instruction_id = await add_instruction(tx, claim, kind, content)
    await enqueue(tx, SEND, str(instruction_id), lane=insurer_lane(claim.insurer_code))
    return instruction_id
