"""Assess the claims of one notice in payer order, with the limits they share held under lock."""

from dataclasses import dataclass
from uuid import UUID

from app.db.assessments import AssessmentRow, add_assessment, latest_assessments
from app.db.claims import ClaimRow, move_claim
from app.db.enrolments import Matched
from app.db.notices import NoticeRow
from app.db.session import Tx
from app.db.usage import Counter, book, changes, held_by, hold
from app.domain.assess import assess, limits_needed
from app.domain.assessment import Assessment
from app.domain.canonical import decode, encode, to_json
from app.domain.limits import LimitKey, Scope
from app.services.claims.counters import counter_for
from app.services.coverage.respond import Response

Held = dict[UUID, dict[Counter, int]]
Usage = dict[LimitKey, int]


@dataclass(frozen=True, slots=True)
class Standing:
    """A claim with the response it stands on; `late` when its insurer has it or it is decided."""

    claim: ClaimRow
    response: Response
    late: bool


@dataclass(frozen=True, slots=True)
class Assessed:
    """What was computed for a claim, and the claim as it is afterwards."""

    standing: Standing
    claim: ClaimRow
    assessment: Assessment


async def assess_in_order(
    tx: Tx, notice: NoticeRow, matched: Matched, standing: list[Standing]
) -> list[Assessed]:
    """Assess held claims of a held notice, payers in order; those still here reserve their usage.

    A late one keeps what it holds: a different result is stored and told, nothing else moves.
    """
    counters = {one.claim.id: _counters(notice, matched, one) for one in standing}
    wanted = [counter for named in counters.values() for counter in named.values()]
    used = await hold(tx, wanted, notice.area_code)
    held = await held_by(tx, list(counters))
    before = await latest_assessments(tx, list(counters))
    done = []
    for place, one in enumerate(standing):
        named, last = counters[one.claim.id], before.get(one.claim.id)
        usage = {
            key: _held_by_payers(counter, place, standing, held)
            if key.scope is Scope.BILL
            else _used_by_others(key, counter, one, used, held, last)
            for key, counter in named.items()
        }
        assessment = assess(one.response.terms, one.response.facts, usage)
        claim = one.claim
        if not one.late:
            await _reserve(tx, notice, one, named, assessment, used, held)
        if last is None or last.result != encode(assessment):
            claim = await _store(tx, one, usage, assessment, last)
        done.append(Assessed(one, claim, assessment))
    return done


def _counters(notice: NoticeRow, matched: Matched, one: Standing) -> dict[LimitKey, Counter]:
    return {
        key: counter_for(
            key,
            policy_id=one.claim.policy_id,
            notice_id=notice.id,
            person_id=matched.id,
            household_id=matched.household_id,
        )
        for key in limits_needed(one.response.terms, one.response.facts)
    }


def _held_by_payers(counter: Counter, place: int, standing: list[Standing], held: Held) -> int:
    """What others hold of a bill: all earlier payers, and later ones that can no longer change."""
    mine = standing[place]
    return sum(
        held[other.claim.id].get(counter, 0)
        for at, other in enumerate(standing)
        if at < place or (at > place and other.late and not mine.late)
    )


def _used_by_others(
    key: LimitKey,
    counter: Counter,
    one: Standing,
    used: dict[Counter, int],
    held: Held,
    last: AssessmentRow | None,
) -> int:
    """What others use of a limit now; for a late claim, what they used when it was assessed.

    Limits are consumed in order of assessment: what came later never lowers an earlier claim.
    """
    if one.late and last is not None:
        return _usage_of(last).get(key, 0)
    return used[counter] - held[one.claim.id].get(counter, 0)


def _usage_of(row: AssessmentRow) -> Usage:
    return {decode(LimitKey, key): units for key, units in row.usage_before}


async def _reserve(
    tx: Tx,
    notice: NoticeRow,
    one: Standing,
    named: dict[LimitKey, Counter],
    assessment: Assessment,
    used: dict[Counter, int],
    held: Held,
) -> None:
    """Replace what the claim held by what the assessment takes, in the books and in memory."""
    mine = held[one.claim.id]
    taken = {named[key]: units for key, units in assessment.used}
    for counter in {*mine, *taken}:
        used[counter] = used.get(counter, 0) + taken.get(counter, 0) - mine.get(counter, 0)
    held[one.claim.id] = taken
    reason = "replace" if mine else "reserve"
    await book(tx, changes(one.claim.id, mine, taken, reason), notice.area_code)


async def _store(
    tx: Tx, one: Standing, usage: Usage, assessment: Assessment, last: AssessmentRow | None
) -> ClaimRow:
    """Store a new result; of a late claim it is told as a difference, never clawed back."""
    await add_assessment(
        tx,
        one.claim,
        facts=to_json(one.response.facts),
        usage=[[encode(key), units] for key, units in usage.items()],
        result=to_json(assessment),
        amount_fen=assessment.amount_fen,
        policy_version=one.response.spell.policy_version,
    )
    detail: dict[str, object] = {"amount_fen": assessment.amount_fen}
    if not one.late:
        return await move_claim(
            tx, one.claim, (), note="assess", detail=detail, assessed_fen=assessment.amount_fen
        )
    if last is not None:
        detail["difference_fen"] = assessment.amount_fen - last.amount_fen
    return await move_claim(tx, one.claim, (), note="difference", detail=detail)
