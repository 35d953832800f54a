"""Approve with one signature: a county's check of facts, or a fund's claim under a delegation."""

from datetime import date

from app.db.claims import ClaimRow, move_claim
from app.db.decisions import Verdict, add_approval
from app.db.delegations import most_alone
from app.db.jobs import enqueue
from app.db.notices import NoticeRow
from app.db.session import Tx
from app.domain.caller import Role
from app.domain.errors import EvidenceMissing, Forbidden, IllegalMove, OverDelegation
from app.domain.lifecycle import STATUS_ZH, ClaimStatus, Move, Outcome, admits, path
from app.domain.terms import NeededFor
from app.services.claims.held import hold_claim
from app.services.claims.send_on import ASSESS
from app.services.claims.settle_claim import settle_claim
from app.services.coverage.papers import Item, responses_of, there_of, wanted
from app.services.delegations.draw_case import draw_case


async def approve_claim(
    tx: Tx, claim_no: str, expected_version: int, papers_due_on: date | None = None
) -> ClaimRow:
    """Pass the check of an insured claim's facts, or approve a fund's claim as assessed.

    A fund's claim needs a delegation that covers its amount (`most_alone`), and its papers for
    payment; in an emergency `papers_due_on` lets them follow by that day (急难型先行救助).
    Raises NotFound, VersionStale, IllegalMove, OverDelegation, EvidenceMissing, FundExhausted;
    NearRelative for a relative of the caller.
    """
    notice, claim = await hold_claim(tx, claim_no, expected_version)
    if claim.approval == "ladder":
        return await _approve_alone(tx, notice, claim, papers_due_on)
    if tx.caller.role is not Role.COUNTY:
        raise Forbidden("由县民政核实。", "The county checks insured claims.")
    return await pass_check(tx, notice.notice_no, claim)


async def reject_claim(tx: Tx, claim_no: str, expected_version: int, reason_zh: str) -> ClaimRow:
    """Decline a fund's claim under a delegation, with the reason.

    Raises NotFound, VersionStale, IllegalMove, OverDelegation; Forbidden for an insured claim: a
    check of facts is passed or papers are asked for, the insurer decides.
    """
    notice, claim = await hold_claim(tx, claim_no, expected_version)
    if claim.approval != "ladder":
        raise Forbidden(
            "保险赔案由保险公司核定，不能由民政拒绝（保险法第二十三条）。",
            "An insured claim is decided by its insurer (Insurance Law art. 23).",
        )
    await _within_delegation(tx, claim)
    return await _decide(tx, notice, claim, Outcome.DECLINED, 0, reason_zh)


async def pass_check(tx: Tx, notice_no: str, claim: ClaimRow) -> ClaimRow:
    """Write a passed check of a held claim and have the claim sent on."""
    moves = path(claim.status, Move.PASS_CHECK)
    await add_approval(tx, claim, "pass")
    claim = await move_claim(tx, claim, moves, due_on=None)
    await enqueue(tx, ASSESS, notice_no)
    return claim


async def _approve_alone(
    tx: Tx, notice: NoticeRow, claim: ClaimRow, papers_due_on: date | None
) -> ClaimRow:
    assessed = await _within_delegation(tx, claim)
    missing = await _missing(tx, notice, claim)
    if missing and papers_due_on is None:
        raise EvidenceMissing(tuple((item.code, item.label_zh) for item in missing))
    outcome = Outcome.FULL if assessed else Outcome.NIL
    claim = await _decide(tx, notice, claim, outcome, assessed, None)
    if not missing:
        return claim
    return await move_claim(
        tx,
        claim,
        (),
        note="papers_follow",
        papers_asked=[{"code": item.code, "label_zh": item.label_zh} for item in missing],
        due_on=papers_due_on,
    )


async def _within_delegation(tx: Tx, claim: ClaimRow) -> int:
    """Give the assessed amount (fen) when the caller may approve it alone."""
    if not admits(claim.status, Move.DECIDE) or claim.status is not ClaimStatus.PENDING_APPROVAL:
        raise IllegalMove(STATUS_ZH[claim.status], ())
    assessed = claim.assessed_fen or 0
    most = await most_alone(tx, claim.policy_id, claim.area_code)
    if assessed > most or most == 0:
        raise OverDelegation(most)
    return assessed


async def _missing(tx: Tx, notice: NoticeRow, claim: ClaimRow) -> list[Item]:
    mine = tuple(
        response
        for response in await responses_of(tx, notice)
        if response.spell.policy_id == claim.policy_id
    )
    items = wanted(mine, await there_of(tx, notice))
    return [item for item in items if item.needed_for == NeededFor.PAYMENT and not item.present]


async def _decide(
    tx: Tx,
    notice: NoticeRow,
    claim: ClaimRow,
    outcome: Outcome,
    amount_fen: int,
    reason_zh: str | None,
) -> ClaimRow:
    await add_approval(
        tx, claim, "approve", outcome=outcome, amount_fen=amount_fen, reason_zh=reason_zh
    )
    verdict = Verdict(outcome, amount_fen, None, reason_zh, await tx.today())
    decided = await settle_claim(tx, notice, claim, verdict)
    # After the fund's row is held: the case names the policy, and two that did so first would wait
    # for one another.
    await draw_case(tx, claim, outcome, amount_fen)
    return decided
