"""What a claim holds of limits follows its decision: the decided amount replaces it."""

from collections.abc import Mapping, Sequence

from app.db.assessments import latest_assessments
from app.db.claims import ClaimRow
from app.db.enrolments import spells_of
from app.db.notices import NoticeRow
from app.db.policies import read_policy
from app.db.session import Tx
from app.db.terms import terms_of
from app.db.usage import Counter, book, changes, held_by, hold
from app.domain.assess import first_cover, limits_of
from app.domain.canonical import decode
from app.domain.explanation import name_of
from app.domain.facts import Facts
from app.domain.limits import LimitKey, LimitUnit, bill_key
from app.domain.notice_facts import bill_facts
from app.domain.settling import (
    beyond,
    beyond_bills,
    out_of_bills,
    settled_usage,
    unforeseen_usage,
)
from app.domain.terms import Terms, limit_units
from app.services.claims.counters import counter_for

Beyond = list[dict[str, object]]
BILLS_ZH = "单据余额"
_MEMBER = {
    LimitUnit.FEN: "over_fen",
    LimitUnit.DAYS: "over_days",
    LimitUnit.COUNT: "over_times",
    LimitUnit.MINUTES: "over_minutes",
}


async def replace_usage(tx: Tx, notice: NoticeRow, claim: ClaimRow, decided_fen: int) -> Beyond:
    """Replace what the assessment of a held claim reserved by what was decided, under lock.

    Gives the limits that the decision goes beyond, each with its name and by how much, in its
    units: what an insurer pays is booked and never refused.
    """
    stored = (await latest_assessments(tx, [claim.id])).get(claim.id)
    if stored is None or claim.assessed_fen is None or decided_fen == claim.assessed_fen:
        return []
    terms = await terms_of(tx, stored.terms_sha256)
    facts = decode(Facts, stored.facts)
    held = (await held_by(tx, [claim.id]))[claim.id]
    used = tuple((counter.key, units) for counter, units in held.items())
    counters = {counter.key: counter for counter in held}
    unforeseen = claim.assessed_fen == 0 and decided_fen > 0
    first = first_cover(terms, facts)
    if unforeseen:
        wanted = (*(key for key, _ in first.counters), *first.bills)
        counters |= await _counters(
            tx, notice, claim, [key for key in wanted if key not in counters]
        )
    total = await hold(tx, list(counters.values()), claim.area_code)
    others = {key: total[counter] - held.get(counter, 0) for key, counter in counters.items()}
    room = _room(notice, others)
    mine = settled_usage(used, _units(terms, counters), claim.assessed_fen, decided_fen, room)
    if unforeseen:
        mine = (*mine, *unforeseen_usage(first, decided_fen, room))
    await book(tx, changes(claim, held, {counters[key]: units for key, units in mine}, "replace"))
    over = beyond(dict(limits_of(terms, facts)), others, used, mine)
    units = limit_units(terms)
    told: Beyond = [
        {"limit_zh": name_of(terms, key), _MEMBER[units.get(key.code, LimitUnit.FEN)]: beyond_it}
        for key, beyond_it in over
    ]
    of_bills = bool(first.bills) if unforeseen else out_of_bills(used, claim.assessed_fen)
    over_fen = beyond_bills(mine, decided_fen) if of_bills else 0
    return [*told, {"limit_zh": BILLS_ZH, "over_fen": over_fen}] if over_fen else told


async def lessen_usage(tx: Tx, claim: ClaimRow, decided_fen: int, left_fen: int) -> None:
    """Lessen what a held claim holds when of a decision only so much stays, under lock.

    Amounts shrink in proportion, half up to the fen each; days and times stay as long as anything
    is paid.
    """
    held = (await held_by(tx, [claim.id]))[claim.id]
    if not held or decided_fen == left_fen:
        return
    await hold(tx, list(held), claim.area_code)
    counters = {counter.key: counter for counter in held}
    used = tuple((counter.key, units) for counter, units in held.items())
    units = _units(await terms_of(tx, claim.terms_sha256), counters)
    mine = settled_usage(used, units, decided_fen, left_fen, dict(used))
    await book(tx, changes(claim, held, {counters[key]: kept for key, kept in mine}, "replace"))


async def release_usage(tx: Tx, claims: Sequence[ClaimRow]) -> None:
    """Give back everything that some held claims hold, with all their counters held at once."""
    if not claims:
        return
    held = await held_by(tx, [claim.id for claim in claims])
    await hold(tx, [counter for one in held.values() for counter in one], claims[0].area_code)
    await book(
        tx,
        [each for claim in claims for each in changes(claim, held[claim.id], {}, "release")],
    )


async def _counters(
    tx: Tx, notice: NoticeRow, claim: ClaimRow, keys: list[LimitKey]
) -> dict[LimitKey, Counter]:
    """Name the counters of a claim that holds nothing of them yet."""
    matched = await spells_of(tx, None, notice.person_id)
    assert matched is not None, "a claim is somebody's"
    policy = await read_policy(tx, claim.policy_no)
    return {
        key: counter_for(
            key,
            policy_id=claim.policy_id,
            line_id=policy.line_id,
            notice_id=notice.id,
            person_id=matched.id,
            household_id=matched.household_id,
        )
        for key in keys
    }


def _units(terms: Terms, keys: Mapping[LimitKey, Counter]) -> dict[LimitKey, LimitUnit]:
    by_code = limit_units(terms)
    return {key: by_code.get(key.code, LimitUnit.FEN) for key in keys}


def _room(notice: NoticeRow, others: Mapping[LimitKey, int]) -> dict[LimitKey, int]:
    """Give what is left of each bill, in fen, when later payers and other claims are taken off."""
    bills = [bill_facts(bill, index) for index, bill in enumerate(notice.content.bills)]
    keys = {bill_key(bill.ref): bill.left_fen for bill in bills}
    return {key: max(0, left - others.get(key, 0)) for key, left in keys.items()}
