"""Scale claims back where one disaster, or one year, comes to more than its limit.

Where the terms say so (Shenzhen's catastrophe scheme does), two persons have the claims that are
not decided yet share what the limit leaves them, in proportion to what each is due. Until then, and
where the terms say nothing, limits are consumed in the order of assessment. What was decided stays.
"""

from dataclasses import dataclass
from uuid import UUID

from app.db import scale_backs
from app.db.claims import ClaimRow
from app.db.events import NewEvent, write_event
from app.db.held_claims import Known
from app.db.policies import PolicyRow, read_policy, touch_policy
from app.db.scale_backs import NewScaleBack, ScaleBackRow, Touched
from app.db.session import Tx
from app.db.terms import terms_of
from app.db.usage import Counter, held_by, hold
from app.domain.assess import limits_of
from app.domain.errors import (
    Fault,
    Forbidden,
    IllegalMove,
    Invalid,
    NotFound,
    OutOfArea,
    VersionStale,
)
from app.domain.limits import LimitKey, Scope, policy_year
from app.domain.note_checks import note_faults
from app.domain.policy import STATE_ZH, PolicyState
from app.domain.scale_back import due_beside, scalable, scaled_back
from app.domain.terms import Terms
from app.services.claims.assess_notice import UNDECIDED, Case, assess_notice, take_case
from app.services.claims.assessing import Standing, counters_of, take_stand, usage_before
from app.services.claims.stand_aside import stand_aside

CLAIMS_MOST = 1_000
CONFIRMED, REJECTED = "confirmed", "rejected"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which limit (code; None: the only one) and what for: the disaster's word, or a day.

    For a limit of the year it is the first day of the policy year, as an ISO date.
    """

    occurrence: str
    reason_zh: str
    limit: str | None = None


@dataclass(frozen=True, slots=True)
class _Due:
    """One claim: what it is due beside the limit and what it holds of it, in fen."""

    claim: ClaimRow
    due_fen: int
    held_fen: int
    bound_fen: int


@dataclass(frozen=True, slots=True)
class _Computed:
    """What a scale-back comes to now, with every claim and counter of it held."""

    told: NewScaleBack
    dues: tuple[_Due, ...]


async def preview_scale_back(tx: Tx, policy_no: str, wanted: Wanted) -> NewScaleBack:
    """Tell what each claim would get now; stores nothing. Raises as `propose_scale_back`."""
    policy = await _kept(tx, policy_no)
    return (await _compute(tx, policy, await _key(tx, policy, wanted))).told


async def propose_scale_back(tx: Tx, policy_no: str, wanted: Wanted) -> ScaleBackRow:
    """Propose that the undecided claims of an occurrence share what a limit leaves them.

    Without effect until another person confirms it. Raises NotFound, OutOfArea, IllegalMove while
    another proposal is open, and Invalid where the terms scale nothing back, no claim is there, or
    all of them get what they are due anyway.
    """
    faults = note_faults(wanted.reason_zh, "/reason_zh")
    if faults:
        raise Invalid(*faults)
    policy = await _kept(tx, policy_no)
    found = await _compute(tx, policy, await _key(tx, policy, wanted))
    row = await scale_backs.add_scale_back(tx, policy, found.told, wanted.reason_zh)
    if row is None:
        raise IllegalMove(STATE_ZH[PolicyState(policy.status)], ("confirm", "reject"))
    await _tell(tx, policy, "propose_scale_back", row)
    return row


async def confirm_scale_back(tx: Tx, policy_no: str, seq: int) -> ScaleBackRow:
    """Confirm a scale-back as another person: every claim of it is assessed anew with its share.

    Raises NotFound, OutOfArea, IllegalMove when it is settled, Forbidden for the proposer, and
    VersionStale when the claims or what they are due changed since it was proposed.
    """
    policy, row = await _open(tx, policy_no, seq)
    settled = await _settle(tx, policy, row, CONFIRMED)
    limit = scalable(await terms_of(tx, policy.terms_sha256))[row.limit_code]
    found = await _compute(tx, policy, LimitKey(limit.scope, row.limit_code, row.period))
    if found.told != row.told():
        raise VersionStale(str(policy.version))
    shares = {claim_no: share for claim_no, _, share in row.shares}
    claims = [one.claim for one in found.dues]
    await scale_backs.add_shares(tx, row.id, claims, shares)
    # Who gives up first, who takes up afterwards: so the limit is never exceeded in between.
    for one in sorted(found.dues, key=lambda one: shares[one.claim.claim_no] - one.held_fen):
        await assess_notice(tx, one.claim.notice_no, frozenset({one.claim.id}))
    await _tell(tx, policy, "confirm_scale_back", settled)
    return settled


async def reject_scale_back(tx: Tx, policy_no: str, seq: int) -> ScaleBackRow:
    """Reject a scale-back as another person; nothing changes. Raises as `confirm_scale_back`."""
    policy, row = await _open(tx, policy_no, seq)
    settled = await _settle(tx, policy, row, REJECTED)
    await _tell(tx, policy, "reject_scale_back", settled)
    return settled


async def list_scale_backs(tx: Tx, policy_no: str) -> list[ScaleBackRow]:
    """Give the scale-backs of a policy, newest first. Raises NotFound."""
    return await scale_backs.scale_backs_of(tx, (await read_policy(tx, policy_no)).id)


async def _kept(tx: Tx, policy_no: str) -> PolicyRow:
    """Give a policy that is the caller's to keep; its row is held last, after all counters."""
    policy = await read_policy(tx, policy_no)
    if policy.area_lo < tx.caller.area_lo or policy.area_hi > tx.caller.area_hi:
        raise OutOfArea("这张保单由上级辖区管理。", "A wider area keeps this policy.")
    return policy


async def _open(tx: Tx, policy_no: str, seq: int) -> tuple[PolicyRow, ScaleBackRow]:
    policy = await _kept(tx, policy_no)
    rows = [row for row in await scale_backs.scale_backs_of(tx, policy.id) if row.seq == seq]
    if not rows:
        raise NotFound("没有找到这次回调。", "There is no such scale-back.")
    if rows[0].state != "proposed":
        raise IllegalMove(STATE_ZH[PolicyState(policy.status)], ())
    if rows[0].proposed_by == tx.caller.actor:
        raise Forbidden(
            "提出回调的人不能自己确认或驳回，须由另一人办理。",
            "The proposer cannot settle it: another person must.",
        )
    return policy, rows[0]


async def _settle(tx: Tx, policy: PolicyRow, row: ScaleBackRow, state: str) -> ScaleBackRow:
    settled = await scale_backs.settle_scale_back(tx, row.id, state)
    if settled is None:  # somebody else did, meanwhile
        raise IllegalMove(STATE_ZH[PolicyState(policy.status)], ())
    return settled


async def _key(tx: Tx, policy: PolicyRow, wanted: Wanted) -> LimitKey:
    found = scalable(await terms_of(tx, policy.terms_sha256))
    if not found:
        raise Invalid(_fault("/limit", "条款没有按比例回调的限额", "the terms scale nothing back"))
    code = wanted.limit or (next(iter(found)) if len(found) == 1 else None)
    if code not in found:
        known = "、".join(found)
        raise Invalid(_fault("/limit", f"须为以下限额之一：{known}", "name one of the limits"))
    return LimitKey(found[code].scope, code, wanted.occurrence)


async def _compute(tx: Tx, policy: PolicyRow, key: LimitKey) -> _Computed:
    """Work out what each claim is due and gets, holding notices, claims and counters in order."""
    terms = await terms_of(tx, policy.terms_sha256)
    cases = await _cases(tx, policy, key)
    await _hold_counters(tx, cases, policy)
    counter = Counter(policy.id, policy.id, key)
    dues: list[_Due] = []
    used_fen = 0
    for case in cases:
        mine = _mine(case, policy)
        known, standing = await take_stand(tx, case.notice, case.matched, case.standing(), mine)
        used_fen = known.used.get(counter, used_fen)
        dues += [
            _due(place, standing, known, terms, counter)
            for place, one in enumerate(standing)
            if one.claim.id in mine and key in one.counters
        ]
    if not dues:
        raise Invalid(_fault("/occurrence", "没有待定论的赔案", "no undecided claim is there"))
    limit_fen = min(one.bound_fen for one in dues)
    kept_fen = used_fen - sum(one.held_fen for one in dues)
    shares = scaled_back(
        max(0, limit_fen - kept_fen), [(one.claim.claim_no, one.due_fen) for one in dues]
    )
    if all(share == one.held_fen for one, (_, share) in zip(dues, shares, strict=True)):
        raise Invalid(_fault("/occurrence", "各赔案已按应得份额理算，无需回调", "nothing changes"))
    told = NewScaleBack(
        key.code,
        key.period,
        limit_fen,
        kept_fen,
        sum(one.due_fen for one in dues),
        tuple(
            (one.claim.claim_no, one.due_fen, share)
            for one, (_, share) in zip(dues, shares, strict=True)
        ),
    )
    return _Computed(told, tuple(dues))


async def _cases(tx: Tx, policy: PolicyRow, key: LimitKey) -> list[Case]:
    """Hold the notices of the occurrence with their claims, in the order of their numbers."""
    touched = await scale_backs.assessed_claims(tx, policy.id, sorted(UNDECIDED))
    numbers = {
        one.claim_no.rpartition("-")[0]
        for one in touched
        if key.period == _period(policy, key.scope, one)
    }
    if len(numbers) > CLAIMS_MOST:
        raise Invalid(
            _fault("/occurrence", f"一次最多 {CLAIMS_MOST} 件", f"at most {CLAIMS_MOST} claims")
        )
    cases = [await take_case(tx, number) for number in sorted(numbers)]
    found = [case for case in cases if case is not None]
    await stand_aside(tx, (case.notice.person_id for case in found))
    return found


def _period(policy: PolicyRow, scope: Scope, one: Touched) -> str:
    """Name the period that a claim counts in, as its limit's key does."""
    if scope is Scope.POLICY_YEAR:
        return policy_year(policy.period_from, one.event_on)
    return one.occurrence or one.event_on.isoformat()


def _mine(case: Case, policy: PolicyRow) -> frozenset[UUID]:
    return frozenset(
        claim.id
        for claim in case.claims
        if claim.policy_id == policy.id and claim.status in UNDECIDED
    )


async def _hold_counters(tx: Tx, cases: list[Case], policy: PolicyRow) -> None:
    """Hold the counters of all cases at once, in their one order.

    What is held of a bill is left out: nobody touches it who does not hold its notice.
    """
    wanted: set[Counter] = set()
    claims = []
    for case in cases:
        for claim, response in case.standing():
            claims.append(claim.id)
            wanted.update(counters_of(case.notice, case.matched, claim, response).values())
    for held in (await held_by(tx, claims)).values():
        wanted.update(held)
    shared = [counter for counter in wanted if counter.key.scope is not Scope.BILL]
    await hold(tx, shared, policy.area_lo)


def _due(
    place: int, standing: list[Standing], known: Known, terms: Terms, counter: Counter
) -> _Due:
    one, key = standing[place], counter.key
    facts = one.response.facts
    return _Due(
        one.claim,
        due_beside(terms, facts, usage_before(place, standing, known), key.code),
        known.held[one.claim.id].get(counter, 0),
        dict(limits_of(terms, facts))[key],
    )


async def _tell(tx: Tx, policy: PolicyRow, act: str, row: ScaleBackRow) -> None:
    version = await touch_policy(tx, policy.id)
    detail = {
        "seq": row.seq,
        "limit": row.limit_code,
        "period": row.period,
        "due_fen": row.due_fen,
        "claims": len(row.shares),
    }
    await write_event(
        tx,
        NewEvent(
            "policy",
            policy.policy_no,
            version,
            f"policy.{act}",
            policy.area_lo,
            was=policy.status.value,
            now=policy.status.value,
            insurer_code=policy.insurer_code,
            detail=detail,
        ),
    )


def _fault(pointer: str, message_zh: str, message_en: str) -> Fault:
    return Fault(pointer, "validation.failed", message_zh, message_en)
