"""What is wrong with conditions and waiting periods."""

from app.domain.clauses.conditions import (
    CategoryIs,
    Condition,
    DiedWithin,
    ExtraAtLeast,
    ExtraAtMost,
    Waiting,
    WorkingDaysPassed,
)
from app.domain.figures import Figure, Sourced, Unit
from app.domain.findings import Findings


def check_conditions(found: Findings, at: str, conditions: tuple[Condition, ...]) -> None:
    """Check conditions whose list has the pointer `at`."""
    for i, condition in enumerate(conditions):
        _check_condition(found, f"{at}/{i}", condition)


def _check_condition(found: Findings, at: str, condition: Condition) -> None:
    match condition:
        case ExtraAtLeast():
            found.number(f"{at}/least", condition.least, Unit.COUNT)
        case ExtraAtMost():
            unit = Unit.COUNT if _is_count(condition.most) else Unit.FEN
            found.figure(f"{at}/most", condition.most, unit)
        case DiedWithin():
            found.number(f"{at}/days", condition.days, Unit.DAYS)
        case WorkingDaysPassed():
            found.number(f"{at}/least", condition.least, Unit.DAYS)
        case CategoryIs():
            for i, category in enumerate(condition.categories):
                if category not in found.terms.categories:
                    found.add(f"{at}/categories/{i}", "没有这类被保人。", "Unknown category.")
        case _:
            pass


def _is_count(figure: Figure) -> bool:
    return isinstance(figure, Sourced) and figure.unit is Unit.COUNT


def check_waiting(found: Findings, at: str, waiting: Waiting) -> None:
    """Check a waiting period whose pointer is `at`."""
    found.number(f"{at}/days", waiting.days, Unit.DAYS, Unit.MONTHS)
