"""A policy as it is shown."""

from dataclasses import dataclass
from datetime import date

from app.db.policies import PolicyRow
from app.domain.policy import PolicyState, states_of
from app.domain.warnings import Flagged, premium_warnings


@dataclass(frozen=True, slots=True)
class PolicyView:
    """A policy and where it stands today (several states may hold at once)."""

    policy: PolicyRow
    states: tuple[PolicyState, ...]
    warnings: tuple[Flagged, ...]


def view_of(policy: PolicyRow, today: date) -> PolicyView:
    """Show a policy as of a day in Asia/Shanghai."""
    states = states_of(
        policy.status,
        policy.period_from,
        policy.period_to,
        today,
        cancelled_from=policy.cancelled_from,
        renewed=policy.renewed_by is not None,
    )
    gap_fen = policy.premium_due_fen - policy.premium_paid_fen
    return PolicyView(policy, states, premium_warnings(gap_fen, policy.premium_due_on, today))
