"""Decide a fund's claim by two persons: one proposes, another confirms."""

from app.db.claims import ClaimRow, move_claim
from app.db.decisions import ApprovalRow, Verdict, add_approval, approvals_of
from app.db.session import Tx
from app.domain.errors import Fault, Forbidden, IllegalMove, Invalid
from app.domain.lifecycle import STATUS_ZH, ClaimStatus, Outcome
from app.services.claims.held import hold_claim
from app.services.claims.settle_claim import settle_claim

PAYING = frozenset({Outcome.FULL, Outcome.PARTIAL, Outcome.GOODWILL})


async def propose_decision(
    tx: Tx,
    claim_no: str,
    expected_version: int,
    *,
    outcome: Outcome,
    amount_fen: int,
    reason_zh: str | None,
) -> ClaimRow:
    """Propose a decision on a fund's claim; it has no effect until another person confirms it.

    Raises NotFound, VersionStale, Forbidden for an insured claim, IllegalMove, Invalid.
    """
    _, claim = await hold_claim(tx, claim_no, expected_version)
    _only_fund(claim)
    _only_pending(claim)
    if (outcome in PAYING) != (amount_fen > 0):
        raise Invalid(_fault("/amount", "赔付结论与金额不符。", "Outcome and amount disagree."))
    if outcome is not Outcome.FULL and not reason_zh:
        raise Invalid(_fault("/reason_zh", "须写明理由。", "A reason is needed."))
    await add_approval(
        tx, claim, "propose", outcome=outcome, amount_fen=amount_fen, reason_zh=reason_zh
    )
    return await move_claim(
        tx, claim, (), note="propose", detail={"outcome": outcome, "amount_fen": amount_fen}
    )


async def confirm_decision(tx: Tx, claim_no: str, expected_version: int) -> ClaimRow:
    """Confirm the latest proposal as another person; the claim is then decided.

    Raises NotFound, VersionStale, IllegalMove without a proposal, Forbidden for the proposer.
    """
    notice, claim = await hold_claim(tx, claim_no, expected_version)
    _only_fund(claim)
    _only_pending(claim)
    proposal = await _proposal(tx, claim)
    if proposal.actor == tx.caller.actor:
        raise Forbidden(
            "提出结论的人不能自己确认，须由另一人确认。",
            "The proposer cannot confirm: another person must.",
        )
    await add_approval(
        tx,
        claim,
        "confirm",
        outcome=Outcome(proposal.outcome or ""),
        amount_fen=proposal.amount_fen,
    )
    verdict = Verdict(
        Outcome(proposal.outcome or ""),
        proposal.amount_fen or 0,
        None,
        proposal.reason_zh,
        await tx.today(),
    )
    return await settle_claim(tx, notice, claim, verdict)


async def _proposal(tx: Tx, claim: ClaimRow) -> ApprovalRow:
    proposals = [step for step in await approvals_of(tx, [claim.id]) if step.act == "propose"]
    if not proposals:
        raise IllegalMove(STATUS_ZH[claim.status], ("decide",))
    return proposals[-1]


def _only_fund(claim: ClaimRow) -> None:
    if claim.insurer_code is not None:
        raise Forbidden(
            "保险赔案由保险公司核定，任何单位和个人不得干预（保险法第二十三条）。",
            "An insured claim is decided by its insurer (Insurance Law art. 23).",
        )


def _only_pending(claim: ClaimRow) -> None:
    """A fund's claim is decided while its approval is pending, or after it was reopened."""
    if claim.status not in (ClaimStatus.PENDING_APPROVAL, ClaimStatus.UNDER_REVIEW):
        raise IllegalMove(STATUS_ZH[claim.status], ())


def _fault(pointer: str, message_zh: str, message_en: str) -> Fault:
    return Fault(pointer, "validation.failed", message_zh, message_en)
