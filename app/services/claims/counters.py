"""Whose counter a limit key names: the policy's own, or the bill's, which all payers share."""

from uuid import UUID

from app.db.usage import Counter
from app.domain.limits import LimitKey, Scope


def counter_for(
    key: LimitKey,
    *,
    policy_id: UUID,
    line_id: UUID,
    notice_id: UUID,
    person_id: UUID,
    household_id: UUID | None,
) -> Counter:
    """Give the counter of a key; a person without a household counts as one of their own.

    What counts for life counts over a line of renewals: each year's policy goes on where the last
    one stopped, so that a first diagnosis is paid once. A policy issued anew, perhaps with another
    insurer after a tender, begins a line of its own; its opening usage tells what was before.
    """
    match key.scope:
        case Scope.POLICY_YEAR | Scope.EVENT:
            return Counter(policy_id, policy_id, key)
        case Scope.HOUSEHOLD_YEAR:
            return Counter(policy_id, household_id or person_id, key)
        case Scope.PERSON_LIFE:
            return Counter(line_id, person_id, key)
        case Scope.BILL:
            return Counter(notice_id, notice_id, key)
        case _:
            return Counter(policy_id, person_id, key)
