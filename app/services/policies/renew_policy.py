"""Renew a policy: a new one on the next period, with the roster of those still entitled."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from app.db.enrolments import LastSpell, NewEnrolment, add_enrolments, last_spells
from app.db.events import NewEvent, write_event
from app.db.policies import PolicyRow, lock_policy, touch_policy
from app.db.session import Tx
from app.db.terms import terms_of
from app.domain.errors import Fault, Invalid
from app.domain.policy import Contract, NewPolicy, PolicyStatus
from app.services.policies.held import hold_policy, must_be
from app.services.policies.issue_policy import issue_policy
from app.services.policies.read_policy import read_policy
from app.services.policies.view import PolicyView

CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class Renewal:
    """The next period; what is left open is as before. `leave_out` are no longer entitled."""

    policy_no: str
    period_to: date
    period_from: date | None = None
    premium_per_person_fen: int | None = None
    status: PolicyStatus = PolicyStatus.ACTIVE
    leave_out: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Renewed:
    """The new policy; how many were carried over, and how many not, by the reason."""

    policy: PolicyView
    carried_over: int
    left_out: Mapping[str, int]


async def renew_policy(tx: Tx, policy_no: str, expected_version: int, renewal: Renewal) -> Renewed:
    """Issue the policy that follows an active one, on the terms in force on its first day.

    Carried over is who is on the roster on the old policy's last day, lives, is not left out, lives
    in the area, and has a category that the new terms know; each for the whole new period.
    Raises NotFound, OutOfArea, VersionStale, IllegalMove, and Invalid, also for a second renewal.
    """
    old = await hold_policy(tx, policy_no, expected_version)
    must_be(old, PolicyStatus.ACTIVE)
    _refuse(old, renewal)
    await issue_policy(tx, _next(old, renewal), old.id)
    new = await lock_policy(tx, renewal.policy_no)
    carried, left_out = await _carry_over(tx, old, new, renewal.leave_out)
    due_fen = len(carried) * new.premium_per_person_fen
    await _tell(tx, new, "policy.enrolled", {"carried_over": len(carried)}, due_fen)
    await _tell(tx, old, "policy.renew", {"by": new.policy_no}, 0)
    return Renewed(await read_policy(tx, new.policy_no), len(carried), left_out)


def _refuse(old: PolicyRow, renewal: Renewal) -> None:
    if old.renewed_by is not None:
        raise Invalid(
            _fault("/policy_no", f"已由 {old.renewed_by} 续保", f"renewed by {old.renewed_by}")
        )
    if renewal.period_from is not None and renewal.period_from <= old.period_to:
        raise Invalid(
            _fault(
                "/period_from", "续保起期须在原保单止期之后", "it begins before the old one ends"
            )
        )


def _next(old: PolicyRow, renewal: Renewal) -> NewPolicy:
    premium = renewal.premium_per_person_fen
    return NewPolicy(
        policy_no=renewal.policy_no,
        scheme_code=old.scheme_code,
        area_code=old.area_lo,
        period_from=renewal.period_from or old.period_to + timedelta(days=1),
        period_to=renewal.period_to,
        shares=old.shares,
        premium_per_person_fen=old.premium_per_person_fen if premium is None else premium,
        approval=old.approval,
        payer_rank=old.payer_rank,
        waiting_days=old.waiting_days,
        check_days=old.check_days,
        return_window_days=old.return_window_days,
        exclusive_group=old.exclusive_group,
        status=renewal.status,
        payers=old.payers,
        contract=Contract(
            premium_by=old.premium_by,
            tolerance_fen=old.tolerance_fen,
            day_count=old.day_count,
            papers_stop_clock=old.papers_stop_clock,
            decide_days=old.decide_days,
            pay_days=old.pay_days,
            limitation_years=old.limitation_years,
        ),
    )


async def _carry_over(
    tx: Tx, old: PolicyRow, new: PolicyRow, leave_out: frozenset[UUID]
) -> tuple[list[LastSpell], Mapping[str, int]]:
    categories = frozenset((await terms_of(tx, new.terms_sha256)).categories)
    spells = await last_spells(tx, old.id, old.period_to)
    reasons = [_left_out(spell, new, categories, leave_out) for spell in spells]
    carried = [spell for spell, reason in zip(spells, reasons, strict=True) if reason is None]
    for chunk in _chunks(carried):
        await add_enrolments(tx, new.id, new.insurer_code, [_spell(new, one) for one in chunk])
    return carried, Counter(reason for reason in reasons if reason is not None)


def _left_out(
    spell: LastSpell, new: PolicyRow, categories: frozenset[str], leave_out: frozenset[UUID]
) -> str | None:
    if spell.person_id in leave_out:
        return "named"
    if spell.died_on is not None:
        return "died"
    if spell.category not in categories:
        return "category_unknown"
    return None if new.area_lo <= spell.area_code < new.area_hi else "moved_away"


def _spell(new: PolicyRow, one: LastSpell) -> NewEnrolment:
    return NewEnrolment(
        one.area_code,
        one.person_id,
        one.category,
        new.period_from,
        new.period_to,
        one.certificate_no,
        new.premium_per_person_fen,
    )


def _chunks(spells: list[LastSpell]) -> Iterator[list[LastSpell]]:
    for start in range(0, len(spells), CHUNK):
        yield spells[start : start + CHUNK]


async def _tell(
    tx: Tx, policy: PolicyRow, type_: str, detail: Mapping[str, object], due_fen: int
) -> None:
    version = await touch_policy(tx, policy.id, due_fen=due_fen)
    await write_event(
        tx,
        NewEvent(
            "policy",
            policy.policy_no,
            version,
            type_,
            policy.area_lo,
            was=policy.status.value,
            now=policy.status.value,
            insurer_code=policy.insurer_code,
            detail=detail,
        ),
    )


def _fault(pointer: str, message_zh: str, message_en: str) -> Fault:
    return Fault(pointer, "validation.failed", message_zh, message_en)
