"""Assess every claim of a notice in the order in which its policies pay, and send it on."""

from dataclasses import dataclass
from uuid import UUID

from app.db.claim_writing import write
from app.db.claims import ClaimRow
from app.db.enrolments import Matched
from app.db.held_claims import hold_with_claims
from app.db.notices import NoticeRow
from app.db.session import Tx
from app.domain.lifecycle import ClaimStatus, NoticeStatus
from app.services.claims.assessing import assess_in_order
from app.services.claims.checked_accounts import accounts_of
from app.services.claims.send_on import send_on
from app.services.coverage.respond import Response, respond

UNDECIDED = frozenset(
    {
        ClaimStatus.SUBMITTED,
        ClaimStatus.PENDING_APPROVAL,
        ClaimStatus.EVIDENCE_REQUIRED,
        ClaimStatus.UNDER_REVIEW,
    }
)
FILED = frozenset({NoticeStatus.SUBMITTED, NoticeStatus.CLOSED})


@dataclass(frozen=True, slots=True)
class Case:
    """A held notice with its person, its claims that were not withdrawn, and who responds."""

    notice: NoticeRow
    matched: Matched
    claims: list[ClaimRow]
    by_policy: dict[UUID, Response]

    def standing(self) -> list[tuple[ClaimRow, Response]]:
        """Give the claims whose policy still responds, payers in order."""
        by_policy = self.by_policy
        return [
            (claim, by_policy[claim.policy_id])
            for claim in self.claims
            if claim.policy_id in by_policy
        ]


async def assess_notice(tx: Tx, notice_no: str, anew: frozenset[UUID] = frozenset()) -> None:
    """Assess the claims that are still here, reserve usage under lock, and send them on.

    Claims that an insurer has, or that are decided, are assessed again only to tell a difference;
    those in `anew` take up another amount wherever they are, and are not referred a second time.
    Runs again without effect. Locks notice, claims, then counters in their fixed order.
    """
    case = await take_case(tx, notice_no)
    if case is None:
        return
    known, assessed = await assess_in_order(tx, case.notice, case.matched, case.standing(), anew)
    undecided = [claim for claim in case.claims if claim.status in UNDECIDED]
    accounts = accounts_of(tx, case.notice, known)
    for one in assessed:
        if not one.standing.late and one.standing.claim.id not in known.referred:
            claim, response = one.standing.claim, one.standing.response
            earlier = _earlier(claim, response, undecided, case.by_policy)
            send_on(case.notice, known, one, earlier, accounts)
    await write(tx, [one.writing for one in assessed])


async def take_case(tx: Tx, notice_no: str) -> Case | None:
    """Hold a filed notice with its claims and find who responds; None where nothing is to be done.

    Counters are not held yet.
    """
    held = await hold_with_claims(tx, notice_no)
    if held is None or held[0].status not in FILED:
        return None
    claims = [claim for claim in held[1] if claim.status is not ClaimStatus.WITHDRAWN]
    responses = await respond(tx, held[0].content)
    if responses.matched is None or not claims:
        return None
    by_policy = {response.spell.policy_id: response for response in responses.found}
    return Case(held[0], responses.matched, claims, by_policy)


def _earlier(
    claim: ClaimRow,
    response: Response,
    undecided: list[ClaimRow],
    by_policy: dict[UUID, Response],
) -> ClaimRow | None:
    """Give the first undecided claim that pays out of the same bills before this one."""
    if not response.indemnity:
        return None
    for other in undecided:
        if other.id == claim.id:
            return None
        theirs = by_policy.get(other.policy_id)
        if theirs is not None and theirs.indemnity:
            return other
    return None
