"""The clocks of a claim as it is shown, and what there is to look into."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from app.db.shown_claims import ShownClaim
from app.domain.clocks import Clock, ClockFacts, ClockRules, asked_twice, clocks, years_not_told
from app.domain.days_off import DayCount, DaysOff
from app.domain.differences import (
    DIFFERENCE_KIND_ZH,
    DIFFERENCE_STATE_ZH,
    DifferenceState,
    kind_of,
)
from app.domain.lifecycle import Outcome
from app.domain.warnings import Flagged, clock_warnings, difference_warnings, refusal_warnings

SHANGHAI = timezone(timedelta(hours=8))
NOTHING_KNOWN = DaysOff()


def clocks_of(shown: ShownClaim) -> tuple[tuple[Clock, ...], tuple[Flagged, ...]]:
    """Give the clocks of a claim as of today, and what they warn of."""
    facts, rules, off = _facts(shown), _rules(shown), days_off(shown.days_off)
    running = clocks(facts, rules, off, shown.today)
    unknown = years_not_told(facts, rules, off, shown.today)
    return running, clock_warnings(running, unknown, asked_twice=asked_twice(facts))


def decision_warnings(shown: ShownClaim) -> tuple[Flagged, ...]:
    """Give what there is to look into about the latest decision of an insurer."""
    decision = shown.decision
    if decision is None or shown.claim.insurer_code is None:
        return ()
    warnings = refusal_warnings(Outcome(decision.outcome), decision.clause, decision.reason_zh)
    if decision.difference in (None, DifferenceState.ACCEPTED):
        return warnings
    assert decision.assessed_fen is not None
    kind = kind_of(decision.assessed_fen, decision.amount_fen)
    state = DIFFERENCE_STATE_ZH[DifferenceState(decision.difference)]
    return (*warnings, *difference_warnings(state, DIFFERENCE_KIND_ZH[kind]))


def _facts(shown: ShownClaim) -> ClockFacts:
    claim, decision = shown.claim, shown.decision
    return ClockFacts(
        status=claim.status,
        insured=claim.insurer_code is not None,
        event_on=claim.event_on,
        submitted_on=day_of(claim.created_at),
        milestones=[(name, date.fromisoformat(on)) for name, on in claim.milestones],
        due_on=claim.due_on,
        outcome=None if decision is None else Outcome(decision.outcome),
        amount_fen=0 if decision is None else decision.amount_fen,
        decided_on=None if decision is None else decision.decided_on,
        paid_on=shown.paid_on,
    )


def _rules(shown: ShownClaim) -> ClockRules:
    return ClockRules(
        DayCount(shown.day_count),
        papers_stop=shown.papers_stop_clock,
        decide_days=shown.decide_days,
        pay_days=shown.pay_days,
        limitation_years=shown.limitation_years,
    )


def days_off(told: Mapping[str, Any] | None) -> DaysOff:
    """Read what is known of years, each as (days off, working days) in ISO text."""
    if not told:
        return NOTHING_KNOWN
    return DaysOff(
        frozenset(int(year) for year in told),
        frozenset(date.fromisoformat(day) for off, _ in told.values() for day in off),
        frozenset(date.fromisoformat(day) for _, worked in told.values() for day in worked),
    )


def day_of(at: datetime) -> date:
    """Give the day in Asia/Shanghai of an instant."""
    return at.astimezone(UTC).astimezone(SHANGHAI).date()
