"""Assess every open claim of a notice in the order in which its policies pay, and send it on."""

from dataclasses import dataclass
from uuid import UUID

from app.db.assessments import add_assessment, latest_assessments
from app.db.claims import ClaimRow, lock_claims_of, move_claim
from app.db.enrolments import Matched
from app.db.instructions import referred
from app.db.notices import NoticeRow, lock_notice
from app.db.session import Tx
from app.db.usage import Counter, book, changes, held_by, hold
from app.domain.assess import assess, limits_needed
from app.domain.assessment import Assessment
from app.domain.canonical import encode, to_json
from app.domain.lifecycle import ClaimStatus, NoticeStatus
from app.domain.limits import LimitKey
from app.services.claims.counters import counter_for
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
ASSESSABLE = frozenset({ClaimStatus.SUBMITTED, ClaimStatus.PENDING_APPROVAL})


@dataclass(frozen=True, slots=True)
class Assessed:
    """A claim with the response it stands on and what was computed."""

    claim: ClaimRow
    response: Response
    assessment: Assessment


async def assess_notice(tx: Tx, notice_no: str) -> None:
    """Assess the claims that no insurer has yet, reserve usage under lock, and send them on.

    Runs again without effect. Locks notice, claims, then counters in their fixed order.
    """
    notice = await lock_notice(tx, notice_no)
    if notice.status is not NoticeStatus.SUBMITTED:
        return
    claims = await lock_claims_of(tx, notice.id)
    sent = await referred(tx, [claim.id for claim in claims])
    open_claims = [c for c in claims if c.status in ASSESSABLE and c.id not in sent]
    if not open_claims:
        return
    responses = await respond(tx, notice.content)
    if responses.matched is None:
        return
    by_policy = {response.spell.policy_id: response for response in responses.found}
    standing = [(c, by_policy[c.policy_id]) for c in open_claims if c.policy_id in by_policy]
    assessed = await _assess_in_order(tx, notice, responses.matched, standing)
    undecided = [claim for claim in claims if claim.status in UNDECIDED]
    for one in assessed:
        await send_on(
            tx,
            notice,
            one.claim,
            one.assessment,
            responses.matched.id,
            one.response,
            earlier=_earlier(one, undecided, by_policy),
        )


def _earlier(
    one: Assessed, undecided: list[ClaimRow], by_policy: dict[UUID, Response]
) -> ClaimRow | None:
    """Give the first undecided claim that pays out of the same bills before this one."""
    if not one.response.indemnity:
        return None
    for other in undecided:
        if other.id == one.claim.id:
            return None
        response = by_policy.get(other.policy_id)
        if response is not None and response.indemnity:
            return other
    return None


async def _assess_in_order(
    tx: Tx, notice: NoticeRow, matched: Matched, standing: list[tuple[ClaimRow, Response]]
) -> list[Assessed]:
    counters = {
        claim.id: _counters(notice, matched, claim, response) for claim, response in standing
    }
    wanted = [counter for named in counters.values() for counter in named.values()]
    used = await hold(tx, wanted, notice.area_code)
    held = await held_by(tx, list(counters))
    before = await latest_assessments(tx, list(counters))
    done = []
    for claim, response in standing:
        named, mine = counters[claim.id], held[claim.id]
        usage = {key: used[counter] - mine.get(counter, 0) for key, counter in named.items()}
        assessment = assess(response.terms, response.facts, usage)
        taken = {named[key]: units for key, units in assessment.used}
        for counter in {*mine, *taken}:
            used[counter] = used.get(counter, 0) + taken.get(counter, 0) - mine.get(counter, 0)
        await book(
            tx,
            changes(claim.id, mine, taken, "replace" if mine else "reserve"),
            notice.area_code,
        )
        last = before.get(claim.id)
        if last is None or last.result != encode(assessment):
            claim = await _store(tx, claim, response, usage, assessment)  # noqa: PLW2901
        done.append(Assessed(claim, response, assessment))
    return done


def _counters(
    notice: NoticeRow, matched: Matched, claim: ClaimRow, response: Response
) -> dict[LimitKey, Counter]:
    return {
        key: counter_for(
            key,
            policy_id=claim.policy_id,
            notice_id=notice.id,
            person_id=matched.id,
            household_id=matched.household_id,
        )
        for key in limits_needed(response.terms, response.facts)
    }


async def _store(
    tx: Tx,
    claim: ClaimRow,
    response: Response,
    usage: dict[LimitKey, int],
    assessment: Assessment,
) -> ClaimRow:
    await add_assessment(
        tx,
        claim,
        facts=to_json(response.facts),
        usage=[[encode(key), units] for key, units in usage.items()],
        result=to_json(assessment),
        amount_fen=assessment.amount_fen,
    )
    return await move_claim(
        tx,
        claim,
        (),
        note="assess",
        detail={"amount_fen": assessment.amount_fen},
        assessed_fen=assessment.amount_fen,
    )
