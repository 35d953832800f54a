"""Whether facts meet a condition of the terms; waiting periods."""

from datetime import date, timedelta

from app.domain.calendar_days import months_later, working_days
from app.domain.clauses.conditions import (
    CategoryIs,
    CauseIs,
    Condition,
    DiedWithin,
    EventIs,
    ExtraAtLeast,
    ExtraAtMost,
    ExtraIs,
    HasBill,
    Liability,
    LiabilityClause,
    Newcomers,
    NotUnder,
    Waiting,
    WorkingDaysPassed,
)
from app.domain.errors import Invalid
from app.domain.facts import Facts
from app.domain.figures import Sourced, Unit, pick
from app.domain.money import parse_yuan
from app.domain.words import Liable


def holds(condition: Condition, facts: Facts) -> bool:  # noqa: PLR0911 - one answer per kind
    """Tell whether the facts meet the condition; an extra field that is not there does not.

    Raises figures.StandardMissing where a condition needs a local standard that is not there.
    """
    match condition:
        case EventIs():
            return facts.event.kind in condition.kinds
        case CauseIs():
            return facts.event.cause in condition.causes
        case CategoryIs():
            return facts.person.category in condition.categories
        case HasBill():
            return any(bill.kind in condition.kinds for bill in facts.bills)
        case NotUnder():
            return not any(code in condition.schemes for code in facts.other_schemes)
        case Liability():
            return _free_of_liability(condition.clause, facts.event.liable)
        case _:
            return _told(condition, facts)


def _told(
    condition: ExtraIs | ExtraAtLeast | ExtraAtMost | DiedWithin | WorkingDaysPassed, facts: Facts
) -> bool:
    match condition:
        case ExtraIs():
            return str(facts.extra.get(condition.field, "")) in condition.values
        case ExtraAtLeast():
            value = str(facts.extra.get(condition.field, ""))
            return value.isdecimal() and int(value) >= condition.least.value
        case ExtraAtMost():
            return _not_above(condition, facts)
        case DiedWithin():
            died = facts.person.died_on
            return died is not None and (died - facts.event.on).days <= condition.days.value
        case WorkingDaysPassed():
            return _enough_working_days(condition, facts)


def _not_above(condition: ExtraAtMost, facts: Facts) -> bool:
    most = pick(condition.most, facts)
    told = str(facts.extra.get(condition.field, ""))
    if most is None:
        return False
    if most.unit is not Unit.FEN:
        return told.isdecimal() and int(told) <= most.value
    try:
        return parse_yuan(told) <= most.value
    except Invalid:
        return False


def _enough_working_days(condition: WorkingDaysPassed, facts: Facts) -> bool:
    since, until = day_told(condition.since, facts), day_told(condition.until, facts)
    if since is None or until is None:
        return False
    holidays, workdays = frozenset(facts.holidays), frozenset(facts.workdays)
    least = condition.least.value
    return working_days(since, until, holidays, workdays, enough=least) >= least


def day_told(field: str, facts: Facts) -> date | None:
    """Give the day that an extra field tells, None where it tells none."""
    try:
        return date.fromisoformat(str(facts.extra.get(field, "")))
    except ValueError:
        return None


def _free_of_liability(clause: LiabilityClause, liable: Liable | None) -> bool:
    if liable is None or liable is Liable.NOBODY:
        return True
    return clause is LiabilityClause.NOBODY_ABLE and liable is not Liable.ABLE


_KINDS_ZH: dict[type, str] = {
    EventIs: "事故类型",
    CauseIs: "事故原因",
    CategoryIs: "人员类别",
    HasBill: "费用单据类型",
    Liability: "第三方责任",
}


def condition_zh(condition: Condition) -> str:
    """Name the condition for a reason shown to people."""
    label: str = getattr(condition, "label_zh", "")
    return label or _KINDS_ZH[type(condition)]


def condition_number(condition: Condition, facts: Facts) -> Sourced | None:
    """Give the number that a condition compares with, for the line that shows it."""
    match condition:
        case ExtraAtLeast() | WorkingDaysPassed():
            return condition.least
        case DiedWithin():
            return condition.days
        case ExtraAtMost():
            return pick(condition.most, facts)
        case _:
            return None


def in_waiting(waiting: Waiting, facts: Facts) -> bool:
    """Tell whether the event falls in the waiting period.

    With 90 days and a first covered day of 1 January, events from day 90 after it (1 April in a
    common year) are covered. A newcomer is one who joined after the policy's first day; one who
    lapsed had an earlier cover that ended before the unbroken one began.
    """
    enrolment = facts.enrolment
    first = enrolment.first_covered_on
    if waiting.binds is Newcomers.NEWCOMERS_ONLY and first <= enrolment.policy_from:
        return False
    if waiting.binds is Newcomers.AFTER_LAPSE and enrolment.lapsed_on is None:
        return False
    return facts.event.on < waiting_ends(waiting, first)


def waiting_ends(waiting: Waiting, first_covered_on: date) -> date:
    """Give the first day after a waiting period, of days or of calendar months."""
    length = waiting.days
    if length.unit is Unit.MONTHS:
        return months_later(first_covered_on, length.value)
    return first_covered_on + timedelta(days=length.value)
