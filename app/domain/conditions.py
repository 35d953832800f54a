"""Conditions over facts: preconditions of covers and of required documents; waiting periods."""

from datetime import timedelta

from app.domain.facts import Facts
from app.domain.terms import (
    CauseIs,
    Condition,
    EventIs,
    ExtraAtLeast,
    ExtraIs,
    HasBill,
    Newcomers,
    Waiting,
)


def holds(condition: Condition, facts: Facts) -> bool:
    """Tell whether the facts meet the condition; an extra field that is not there does not."""
    match condition:
        case EventIs():
            return facts.event.kind in condition.kinds
        case CauseIs():
            return facts.event.cause in condition.causes
        case HasBill():
            return any(bill.kind in condition.kinds for bill in facts.bills)
        case ExtraIs():
            return str(facts.extra.get(condition.field, "")) in condition.values
        case ExtraAtLeast():
            value = str(facts.extra.get(condition.field, ""))
            return value.isdecimal() and int(value) >= condition.least.value


def condition_zh(condition: Condition) -> str:
    """Name the condition for a reason shown to people."""
    match condition:
        case ExtraIs() | ExtraAtLeast():
            return condition.label_zh
        case EventIs():
            return "事故类型"
        case CauseIs():
            return "事故原因"
        case HasBill():
            return "费用单据类型"


def in_waiting(waiting: Waiting, facts: Facts) -> bool:
    """Tell whether the event falls in the waiting period.

    With 90 days and a first covered day of 1 January, events from day 90 after it (1 April in a
    common year) are covered. A newcomer is one who joined after the policy's first day.
    """
    first = facts.enrolment.first_covered_on
    if waiting.binds is Newcomers.NEWCOMERS_ONLY and first <= facts.enrolment.policy_from:
        return False
    return facts.event.on < first + timedelta(days=waiting.days.value)
