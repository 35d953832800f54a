"""What would meet a condition that the facts do not meet: one fact, changed as little as possible.

A condition on what happened (kind, cause) or on who it happened to is left aside: the nearest
change is one of the same event. Whether the change alters the amount is for `assess` to say.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from app.domain.calendar_days import is_worked
from app.domain.clauses.conditions import (
    Condition,
    DiedWithin,
    ExtraAtLeast,
    ExtraAtMost,
    ExtraIs,
    HasBill,
    Liability,
    LiabilityClause,
    NotUnder,
    WorkingDaysPassed,
)
from app.domain.errors import Invalid
from app.domain.facts import Bill, Facts
from app.domain.figures import Sourced, Unit, pick
from app.domain.money import parse_yuan, yuan, yuan_zh
from app.domain.words import BILL_ZH, Liable

LONGEST_WAIT = 400  # days looked ahead for enough working days; a condition asks for some weeks


class ChangeKind(StrEnum):
    """What kind of fact is changed; all but the last six meet a condition."""

    CONDITION = "condition"
    MEANS_TEST = "means_test"
    OTHER_COVER = "other_cover"
    LIABILITY = "liability"
    DEATH_DAY = "death_day"
    WORKING_DAYS = "working_days"
    BILL = "bill"
    MORE_DAYS = "more_days"
    MORE_COST = "more_cost"
    MORE_LOSS = "more_loss"
    WAITING_OVER = "waiting_over"
    LIMIT_ANEW = "limit_anew"
    CATEGORY = "category"


@dataclass(frozen=True, slots=True)
class Way:
    """A way to meet a condition: `label_zh` names it, `what_zh` tells the change in words."""

    kind: ChangeKind
    label_zh: str
    what_zh: str
    change: Callable[[Facts], Facts]


def way_to_meet(condition: Condition, facts: Facts) -> Way | None:  # noqa: C901, PLR0911 - one per kind
    """Give the smallest change of one fact that meets the condition; None where there is none."""
    match condition:
        case ExtraIs() if condition.values:
            return _shown(condition.label_zh, condition.field, condition.values[0])
        case ExtraAtLeast():
            return _shown(condition.label_zh, condition.field, condition.least.value)
        case ExtraAtMost():
            return _within_means(condition, facts)
        case NotUnder():
            return _only_here(condition)
        case Liability():
            return _nobody_pays(condition)
        case DiedWithin():
            return _died_in_time(condition, facts)
        case WorkingDaysPassed():
            return _waited(condition, facts)
        case HasBill() if condition.kinds:
            return _with_bill(condition)
        case _:
            return None


def _shown(label_zh: str, field: str, value: str | int) -> Way:
    return Way(ChangeKind.CONDITION, label_zh, f"如能证明“{label_zh}”", _telling(field, value))


def _telling(field: str, value: str | int) -> Callable[[Facts], Facts]:
    return lambda facts: replace(facts, extra={**facts.extra, field: value})


def _within_means(condition: ExtraAtMost, facts: Facts) -> Way | None:
    """Give the way down to the line of a means test, and how far above it the told figure is."""
    line = pick(condition.most, facts)
    if line is None:
        return None
    label, told = condition.label_zh, _told(condition.field, line, facts)
    above = "" if told is None else f"，比已填的少 {_figure(line, told - line.value)}"
    what = f"如符合“{label}”（不超过 {_figure(line, line.value)}{above}）"
    value = yuan(line.value) if line.unit is Unit.FEN else line.value
    return Way(ChangeKind.MEANS_TEST, label, what, _telling(condition.field, value))


def _told(field: str, line: Sourced, facts: Facts) -> int | None:
    """Give the figure that the notice tells, in the line's unit; None where it tells none."""
    told = str(facts.extra.get(field, ""))
    if line.unit is not Unit.FEN:
        return int(told) if told.isdecimal() else None
    try:
        return parse_yuan(told)
    except Invalid:
        return None


def _figure(line: Sourced, value: int) -> str:
    return yuan_zh(value) if line.unit is Unit.FEN else str(value)


def _only_here(condition: NotUnder) -> Way:
    def change(facts: Facts) -> Facts:
        others = tuple(code for code in facts.other_schemes if code not in condition.schemes)
        return replace(facts, other_schemes=others)

    what = f"如出险当日“{condition.label_zh}”"
    return Way(ChangeKind.OTHER_COVER, condition.label_zh, what, change)


def _nobody_pays(condition: Liability) -> Way:
    if condition.clause is LiabilityClause.NOBODY_ABLE:
        liable, label = Liable.UNABLE, "责任方无力赔偿或无法找到"
    else:
        liable, label = Liable.NOBODY, "无第三方责任"
    return Way(
        ChangeKind.LIABILITY,
        label,
        f"如能证明“{label}”",
        lambda facts: replace(facts, event=replace(facts.event, liable=liable)),
    )


def _died_in_time(condition: DiedWithin, facts: Facts) -> Way:
    last = facts.event.on + timedelta(days=condition.days.value)
    return Way(
        ChangeKind.DEATH_DAY,
        condition.label_zh,
        f"如身故日在 {last} 或以前（{condition.label_zh}）",
        lambda facts: replace(facts, person=replace(facts.person, died_on=last)),
    )


def _waited(condition: WorkingDaysPassed, facts: Facts) -> Way | None:
    """Give the first day on which enough working days have passed since the told one."""
    try:
        since = date.fromisoformat(str(facts.extra.get(condition.since, "")))
    except ValueError:
        return None
    holidays, workdays = frozenset(facts.holidays), frozenset(facts.workdays)
    passed = 0
    for days in range(1, LONGEST_WAIT):
        day = since + timedelta(days=days)
        passed += is_worked(day, holidays, workdays)
        if passed >= condition.least.value:
            what = f"如到 {day} 仍是如此（{condition.label_zh}）"
            change = _telling(condition.until, day.isoformat())
            return Way(ChangeKind.WORKING_DAYS, condition.label_zh, what, change)
    return None


def _with_bill(condition: HasBill) -> Way:
    kind = condition.kinds[0]

    def change(facts: Facts) -> Facts:
        # Of nothing: what a bill is worth nobody can guess, that it is there is the condition.
        bill = Bill(f"bill-{len(facts.bills) + 1}", kind, 0, {})
        return replace(facts, bills=(*facts.bills, bill))

    label = f"“{BILL_ZH[kind]}”单据"
    return Way(ChangeKind.BILL, label, f"如补交{label}", change)
