"""The clocks of the Insurance Law: by when who must do what, from a claim's milestones."""

from app.domain.lifecycle import ClaimStatus, Move, Moved

MILESTONES = frozenset(
    {
        Move.ACCEPT,
        Move.REQUEST_EVIDENCE,
        Move.RESUME_REVIEW,
        Move.DECIDE,
        Move.CONFIRM_PAID,
        Move.RETURN_PAYMENT,
        Move.REOPEN,
    }
)


def milestone_of(moved: Moved) -> str | None:
    """Name the milestone that a move passes; papers a bureau asks for stop no insurer's days."""
    if moved.move is Move.REQUEST_EVIDENCE and moved.was is not ClaimStatus.UNDER_REVIEW:
        return None
    return moved.move.value if moved.move in MILESTONES else None
