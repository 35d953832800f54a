"""What is wrong with conditions, waiting periods and the local fields that terms declare."""

from app.domain.clauses.conditions import (
    CategoryIs,
    Condition,
    DiedWithin,
    ExtraAtLeast,
    ExtraAtMost,
    ExtraIs,
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
        case ExtraAtLeast() | ExtraAtMost() | ExtraIs():
            _check_told(found, at, condition)
        case DiedWithin():
            found.number(f"{at}/days", condition.days, Unit.DAYS)
        case WorkingDaysPassed():
            found.number(f"{at}/least", condition.least, Unit.DAYS)
            _check_declared(found, f"{at}/since", condition.since)
            _check_declared(found, f"{at}/until", condition.until)
        case CategoryIs():
            for i, category in enumerate(condition.categories):
                if category not in found.terms.categories:
                    found.add(f"{at}/categories/{i}", "没有这类被保人。", "Unknown category.")
        case _:
            pass


def _check_told(found: Findings, at: str, condition: ExtraAtLeast | ExtraAtMost | ExtraIs) -> None:
    _check_declared(found, f"{at}/field", condition.field)
    if isinstance(condition, ExtraAtLeast):
        found.number(f"{at}/least", condition.least, Unit.COUNT)
    elif isinstance(condition, ExtraAtMost):
        unit = Unit.COUNT if _is_count(condition.most) else Unit.FEN
        found.figure(f"{at}/most", condition.most, unit)


def _is_count(figure: Figure) -> bool:
    return isinstance(figure, Sourced) and figure.unit is Unit.COUNT


def _check_declared(found: Findings, at: str, field_code: str) -> None:
    """Refuse a field that terms which declare their fields do not declare."""
    declared = {field.code for field in found.terms.extra}
    if declared and field_code not in declared:
        found.add(at, "extra 中没有声明这个字段。", "This field is not declared in extra.")


def check_waiting(found: Findings, at: str, waiting: Waiting) -> None:
    """Check a waiting period whose pointer is `at`."""
    found.number(f"{at}/days", waiting.days, Unit.DAYS, Unit.MONTHS)
