"""What is shown of a claim: where it is, what was decided, what was computed and why."""

from collections.abc import Sequence
from datetime import date

from app.api.assessment_views import CURRENCY, Paper
from app.api.fields import Flag, Labelled, View, When, Yuan, labelled
from app.api.payout_views import PayoutBrief, show_brief
from app.api.reading import Page
from app.db.claims import ClaimRow
from app.db.events import WrittenEvent
from app.db.shown_claims import DecisionBrief
from app.domain.clocks import CLOCK_ZH, Clock
from app.domain.differences import (
    DIFFERENCE_KIND_ZH,
    DIFFERENCE_STATE_ZH,
    DifferenceState,
    beyond_zh,
    kind_of,
)
from app.domain.event_words import event_zh
from app.domain.lifecycle import OUTCOME_ZH, STATUS_ZH, ClaimStatus, Outcome
from app.domain.money import yuan
from app.domain.pend_words import pend_zh
from app.domain.policy import APPROVAL_ZH, Approval
from app.domain.waiting import HOLDER_ZH, STEP_ZH, Waiting
from app.services.claims.read_claim import ClaimView as Seen


class SchemeShown(View):
    code: str
    name_zh: str


class Amounts(View):
    """Yuan; null while it is not known."""

    assessed: Yuan | None
    decided: Yuan | None
    paid: Yuan
    currency: str


class DifferenceShown(View):
    """The insurer's amount is not ours, beyond the policy's tolerance; a county resolves it."""

    kind: Labelled
    state: Labelled
    assessed: Yuan
    decided: Yuan
    difference: Yuan
    reason_zh: str | None
    resolved_by: str | None
    resolved_at: When | None


class ClockShown(View):
    """By when who owes what; `due_on` is null while it is stopped by missing papers."""

    kind: Labelled
    due_on: date | None
    done_on: date | None
    overdue: bool
    stopped: bool
    owed_by_zh: str
    clause_zh: str


class DecisionShown(View):
    """The answer of the insurer, or of the fund."""

    outcome: Labelled
    amount: Yuan
    clause: str | None
    reason_zh: str | None
    decided_on: date
    decided_by: str
    policy_version: int
    difference: DifferenceShown | None


class PendingShown(View):
    """Why the insurer has not decided: a reason of our table, and the insurer's own words."""

    reason: Labelled
    said_zh: str | None


class WaitingShown(View):
    """为什么还没到账: the step that blocks, who holds it, its latest day (null: none is set)."""

    step: Labelled
    held_by: Labelled
    until: date | None
    overdue: bool
    sentence_zh: str
    sentence_en: str


class ClaimView(View):
    """One claim. `sentence_zh` is for the family, `next_actor_zh` for everybody who waits.

    `due_on` is the next day that somebody owes something by; `clocks` tell who and what. `pending`
    is why the insurer has not decided. `held_zh`: why no payout is ordered for now; what the
    insurer or bank reports is booked all the same. `waiting` tells why the money has not arrived;
    it is null when it has, or when none is to come.
    """

    claim_no: str
    notice_no: str
    policy_no: str
    scheme: SchemeShown
    area_code: str
    insurer: str | None
    insurer_case_no: str | None
    status: Labelled
    outcome: Labelled | None
    approval: Labelled
    next_actor_zh: str
    sentence_zh: str
    due_on: date | None
    waits_for: str | None
    papers_asked: list[Paper]
    amounts: Amounts
    decision: DecisionShown | None
    payouts: list[PayoutBrief]
    reopened_count: int
    event_on: date
    assigned_to: str | None
    clocks: list[ClockShown]
    warnings: list[Flag]
    pending: PendingShown | None
    held_zh: str | None
    waiting: WaitingShown | None
    created_at: When
    updated_at: When
    version: int


class ClaimPage(Page[ClaimView]):
    """One page of claims, last changed first."""


class TimelineEventShown(View):
    """One thing that happened; newest first in a timeline."""

    seq: int
    at: When
    resource: str
    type: str
    text_zh: str
    actor: str
    was: str | None
    now: str | None
    version: int


class Timeline(View):
    items: list[TimelineEventShown]


def show_claim(seen: Seen) -> ClaimView:
    """Show a claim."""
    claim = seen.claim
    return ClaimView(
        claim_no=claim.claim_no,
        notice_no=claim.notice_no,
        policy_no=claim.policy_no,
        scheme=SchemeShown(code=claim.scheme_code, name_zh=claim.scheme_name_zh),
        area_code=f"{claim.area_code:012d}",
        insurer=claim.insurer_code,
        insurer_case_no=claim.insurer_case_no,
        status=labelled(STATUS_ZH, claim.status),
        outcome=None if claim.outcome is None else labelled(OUTCOME_ZH, claim.outcome),
        approval=labelled(APPROVAL_ZH, Approval(claim.approval)),
        next_actor_zh=seen.next_actor_zh,
        sentence_zh=seen.sentence_zh,
        due_on=claim.due_on or _next_due(seen.clocks),
        waits_for=claim.waits_for,
        papers_asked=[Paper.model_validate(paper) for paper in claim.papers_asked],
        amounts=_amounts(claim),
        decision=None if seen.decision is None else _decision(seen.decision),
        payouts=[show_brief(payout) for payout in seen.payouts],
        reopened_count=claim.reopened_count,
        event_on=claim.event_on,
        assigned_to=claim.assigned_to,
        clocks=[_clock(clock) for clock in seen.clocks],
        warnings=[Flag.model_validate(warning) for warning in seen.warnings],
        pending=None if seen.pending is None else _pending(*seen.pending),
        held_zh=seen.held_zh,
        waiting=None if seen.waiting is None else _waiting(seen.waiting),
        created_at=claim.created_at,
        updated_at=claim.updated_at,
        version=claim.version,
    )


def show_timeline(events: Sequence[WrittenEvent]) -> Timeline:
    """Show what happened, in the order given."""
    return Timeline(
        items=[
            TimelineEventShown(
                seq=event.seq,
                at=event.at,
                resource=event.resource,
                type=event.type,
                text_zh=_told(event),
                actor=event.actor,
                was=event.was,
                now=event.now,
                version=event.version,
            )
            for event in events
        ]
    )


def _amounts(claim: ClaimRow) -> Amounts:
    return Amounts(
        assessed=None if claim.assessed_fen is None else yuan(claim.assessed_fen),
        decided=None if claim.decided_fen is None else yuan(claim.decided_fen),
        paid=yuan(claim.paid_fen),
        currency=CURRENCY,
    )


def _decision(decision: DecisionBrief) -> DecisionShown:
    return DecisionShown(
        outcome=labelled(OUTCOME_ZH, Outcome(decision.outcome)),
        amount=yuan(decision.amount_fen),
        clause=decision.clause,
        reason_zh=decision.reason_zh,
        decided_on=decision.decided_on,
        decided_by=decision.decided_by,
        policy_version=decision.policy_version,
        difference=_difference(decision),
    )


def _difference(decision: DecisionBrief) -> DifferenceShown | None:
    if decision.difference is None or decision.assessed_fen is None:
        return None
    kind = kind_of(decision.assessed_fen, decision.amount_fen)
    return DifferenceShown(
        kind=labelled(DIFFERENCE_KIND_ZH, kind),
        state=labelled(DIFFERENCE_STATE_ZH, DifferenceState(decision.difference)),
        assessed=yuan(decision.assessed_fen),
        decided=yuan(decision.amount_fen),
        difference=yuan(decision.amount_fen - decision.assessed_fen),
        reason_zh=decision.difference_reason_zh,
        resolved_by=decision.resolved_by,
        resolved_at=decision.resolved_at,
    )


def _clock(clock: Clock) -> ClockShown:
    return ClockShown(
        kind=labelled(CLOCK_ZH, clock.kind),
        due_on=clock.due_on,
        done_on=clock.done_on,
        overdue=clock.overdue,
        stopped=clock.stopped,
        owed_by_zh=clock.owed_by_zh,
        clause_zh=clock.clause_zh,
    )


def _pending(code: str, said_zh: str | None) -> PendingShown:
    return PendingShown(reason=Labelled(code=code, label_zh=pend_zh(code)), said_zh=said_zh)


def _waiting(waits: Waiting) -> WaitingShown:
    return WaitingShown(
        step=labelled(STEP_ZH, waits.step),
        held_by=labelled(HOLDER_ZH, waits.holder),
        until=waits.until,
        overdue=waits.overdue,
        sentence_zh=waits.sentence_zh,
        sentence_en=waits.sentence_en,
    )


def _next_due(clocks: Sequence[Clock]) -> date | None:
    owed = [clock.due_on for clock in clocks if clock.due_on and clock.done_on is None]
    return min(owed, default=None)


def _told(event: WrittenEvent) -> str:
    told = event_zh(event.type)
    if event.detail.get("near_relative"):
        return f"{told}（经办人已申报与被保险人为近亲属）"
    if event.resource == "claim" and event.now and event.now != event.was:
        told = f"{told}（{STATUS_ZH[ClaimStatus(event.now)]}）"
    beyond = event.detail.get("beyond") if event.type == "claim.decide" else None
    return f"{told}，{beyond_zh(beyond)}" if isinstance(beyond, list) else told
