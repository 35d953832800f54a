"""A second look at a decision that was drawn: confirmed, or objected to with the reason."""

from app.db.claims import ClaimRow, move_claim
from app.db.delegated_cases import DelegatedCase, find_delegated_case, settle_recheck
from app.db.session import Tx
from app.domain.errors import Fault, Forbidden, IllegalMove, Invalid, NotFound
from app.domain.sample import CASE_STATE_ZH, CaseState
from app.services.claims.held import hold_claim


async def recheck_case(
    tx: Tx, claim_no: str, expected_version: int, reason_zh: str | None, *, confirmed: bool
) -> tuple[ClaimRow, DelegatedCase]:
    """Record what the second look at a drawn decision found; the decision itself stands.

    What follows from an objection is an act of its own (a claim is reopened, money asked back).
    Raises NotFound for a claim that was not decided under a delegation, VersionStale, IllegalMove
    for one that was not drawn or is done, Forbidden for who decided, NearRelative, Invalid for an
    objection without its reason.
    """
    _, claim = await hold_claim(tx, claim_no, expected_version)
    case = await find_delegated_case(tx, claim.id)
    if case is None:
        raise NotFound("该赔案不是授权审批的。", "It was not decided under a delegation.")
    if case.state != CaseState.OPEN:
        raise IllegalMove(CASE_STATE_ZH[CaseState(case.state)], ())
    if case.decided_by == tx.caller.actor:
        raise Forbidden(
            "须由作出结论以外的人复核。", "Somebody other than who decided looks at it again."
        )
    if not confirmed and not reason_zh:
        raise Invalid(
            Fault("/reason_zh", "validation.failed", "须写明异议理由。", "A reason is needed.")
        )
    state = CaseState.CONFIRMED if confirmed else CaseState.OBJECTED
    done = await settle_recheck(tx, case, state, reason_zh)
    assert done, "the claim is held"
    note = "confirm_recheck" if confirmed else "object_recheck"
    detail = {"decided_by": case.decided_by, "reason_zh": reason_zh}
    claim = await move_claim(tx, claim, (), note=note, detail=detail)
    settled = await find_delegated_case(tx, claim.id)
    assert settled is not None
    return claim, settled
