"""The refusal that everything about one person begins with."""

from app.domain.errors import NotFound


def no_such_person() -> NotFound:
    """Make the refusal of a person whom the caller does not see."""
    return NotFound("没有这个人员。", "No such person.")
