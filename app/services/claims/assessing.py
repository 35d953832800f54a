"""Assess the claims of one notice in payer order, with the limits they share held under lock."""

from dataclasses import dataclass, replace
from uuid import UUID

from app.db.claim_writing import NewAssessment, Writing
from app.db.claims import ClaimRow
from app.db.enrolments import Matched
from app.db.held_claims import Known, Latest, take_up
from app.db.notices import NoticeRow
from app.db.session import Tx
from app.db.usage import Counter, changes
from app.domain.assess import assess, limits_needed
from app.domain.assessment import Assessment
from app.domain.canonical import decode, encode, to_json
from app.domain.lifecycle import ClaimStatus
from app.domain.limits import LimitKey, Scope
from app.services.claims.counters import counter_for
from app.services.coverage.respond import Response

HERE = frozenset({ClaimStatus.SUBMITTED, ClaimStatus.PENDING_APPROVAL})
Usage = dict[LimitKey, int]


@dataclass(frozen=True, slots=True)
class Standing:
    """A claim with the response it stands on and its counters by limit.

    It is `late` when its insurer has it or it is decided.
    """

    claim: ClaimRow
    response: Response
    counters: dict[LimitKey, Counter]
    late: bool


@dataclass(frozen=True, slots=True)
class Assessed:
    """What was computed for a claim, and what is to be written of it."""

    standing: Standing
    assessment: Assessment
    writing: Writing


async def assess_in_order(
    tx: Tx,
    notice: NoticeRow,
    matched: Matched,
    claims: list[tuple[ClaimRow, Response]],
    anew: frozenset[UUID] = frozenset(),
) -> tuple[Known, list[Assessed]]:
    """Assess held claims of a held notice, payers in order; those still here reserve their usage.

    A late one keeps what it holds: a different result is stored and told, nothing else moves. Those
    in `anew` are never late: people decided that their assessment shall be another one.
    Nothing is written yet, but counters are held until the transaction ends.
    """
    known, standing = await take_stand(tx, notice, matched, claims, anew)
    return known, [_assess(place, standing, known) for place in range(len(standing))]


async def take_stand(
    tx: Tx,
    notice: NoticeRow,
    matched: Matched,
    claims: list[tuple[ClaimRow, Response]],
    anew: frozenset[UUID],
) -> tuple[Known, list[Standing]]:
    """Hold what the claims of a held notice stand on; `assess_in_order` begins with it."""
    counters = {claim.id: counters_of(notice, matched, claim, one) for claim, one in claims}
    wanted = [counter for named in counters.values() for counter in named.values()]
    known = await take_up(tx, notice.id, matched.id, [claim for claim, _ in claims], wanted)
    standing = [
        Standing(
            claim,
            _with_decisions(response, claim, known),
            counters[claim.id],
            late=claim.id not in anew and not _is_here(claim, known),
        )
        for claim, response in claims
    ]
    return known, standing


def _with_decisions(response: Response, claim: ClaimRow, known: Known) -> Response:
    """Add to the facts what people decided of the claim: overrides and its share of a limit."""
    overrides = known.overrides.get(claim.id, ())
    scale_backs = known.scale_backs.get(claim.id, ())
    if not overrides and not scale_backs:
        return response
    facts = replace(response.facts, overrides=overrides, scale_backs=scale_backs)
    return replace(response, facts=facts)


def _is_here(claim: ClaimRow, known: Known) -> bool:
    """A claim that was reopened takes up again what it needs of the limits, wherever it is."""
    if claim.reopened_count and claim.status is ClaimStatus.UNDER_REVIEW:
        return True
    return claim.status in HERE and claim.id not in known.referred


def counters_of(
    notice: NoticeRow, matched: Matched, claim: ClaimRow, response: Response
) -> dict[LimitKey, Counter]:
    """Give the counters that an assessment of the claim reads, by limit."""
    return {
        key: counter_for(
            key,
            policy_id=claim.policy_id,
            line_id=response.spell.line_id,
            notice_id=notice.id,
            person_id=matched.id,
            household_id=matched.household_id,
        )
        for key in limits_needed(response.terms, response.facts)
    }


def _assess(place: int, standing: list[Standing], known: Known) -> Assessed:
    """Assess one claim on what is left after those before it, and keep the books in memory."""
    one = standing[place]
    last = known.latest.get(one.claim.id)
    usage = usage_before(place, standing, known)
    assessment = assess(one.response.terms, one.response.facts, usage)
    writing = Writing.of(one.claim)
    if not one.late:
        _reserve(one, assessment, known, writing)
    if last is None or last.result != encode(assessment):
        _store(one, usage, assessment, known, writing)
    return Assessed(one, assessment, writing)


def usage_before(place: int, standing: list[Standing], known: Known) -> Usage:
    """Give what others use of the counters of one claim: of bills those who pay before it."""
    one = standing[place]
    last = known.latest.get(one.claim.id)
    return {
        key: _held_by_payers(counter, place, standing, known)
        if key.scope is Scope.BILL
        else _used_by_others(key, counter, one, known, last)
        for key, counter in one.counters.items()
    }


def _held_by_payers(counter: Counter, place: int, standing: list[Standing], known: Known) -> int:
    """What others hold of a bill: all earlier payers, and later ones that can no longer change."""
    mine = standing[place]
    return sum(
        known.held[other.claim.id].get(counter, 0)
        for at, other in enumerate(standing)
        if at < place or (at > place and other.late and not mine.late)
    )


def _used_by_others(
    key: LimitKey, counter: Counter, one: Standing, known: Known, last: Latest | None
) -> int:
    """What others use of a limit now; for a late claim, what they used when it was assessed.

    Limits are consumed in order of assessment: what came later never lowers an earlier claim.
    """
    if one.late and last is not None:
        return _usage_of(last).get(key, 0)
    return known.used[counter] - known.held[one.claim.id].get(counter, 0)


def _usage_of(last: Latest) -> Usage:
    return {decode(LimitKey, key): units for key, units in last.usage_before}


def _reserve(one: Standing, assessment: Assessment, known: Known, writing: Writing) -> None:
    """Replace what the claim held by what the assessment takes."""
    mine = known.held[one.claim.id]
    taken = {one.counters[key]: units for key, units in assessment.used}
    for counter in {*mine, *taken}:
        known.used[counter] += taken.get(counter, 0) - mine.get(counter, 0)
    known.held[one.claim.id] = taken
    reason = "replace" if mine else "reserve"
    writing.bookings += changes(one.claim, mine, taken, reason)


def _store(
    one: Standing, usage: Usage, assessment: Assessment, known: Known, writing: Writing
) -> None:
    """Store a new result; of a late claim it is told as a difference, never clawed back."""
    amount_fen = assessment.amount_fen
    writing.assessment = NewAssessment(
        facts=to_json(one.response.facts),
        usage=[[encode(key), units] for key, units in usage.items()],
        result=to_json(assessment),
        amount_fen=amount_fen,
        policy_version=one.response.spell.policy_version,
    )
    detail: dict[str, object] = {"amount_fen": amount_fen}
    if not one.late:
        writing.move((), known.today, note="assess", detail=detail, assessed_fen=amount_fen)
        return
    last = known.latest.get(one.claim.id)
    if last is not None:
        detail["difference_fen"] = amount_fen - last.amount_fen
    writing.move((), known.today, note="difference", detail=detail)
