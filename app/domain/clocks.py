"""The clocks of the Insurance Law: by when who must do what, from a claim's milestones.

Day 0 is the day on which the insurer has the claim; reopening starts again. The text of the law is
that of 2015 (articles 22 to 26).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from app.domain.calendar_days import months_later
from app.domain.days_off import DayCount, DaysOff, days_after, days_between, unknown_years
from app.domain.lifecycle import ClaimStatus, Move, Moved, Outcome

REFUSAL_DAYS = 3  # art. 24
ADVANCE_DAYS = 60  # art. 25
MONTHS = 12
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


class ClockKind(StrEnum):
    """What there is a day for."""

    APPROVAL = "approval"
    PAPERS = "papers"
    DECIDE = "decide"
    ADVANCE = "advance"
    REFUSAL_NOTICE = "refusal_notice"
    PAY = "pay"
    LIMITATION = "limitation"


CLOCK_ZH: dict[ClockKind, str] = {
    ClockKind.APPROVAL: "民政审核",
    ClockKind.PAPERS: "补充材料",
    ClockKind.DECIDE: "核定",
    ClockKind.ADVANCE: "先行赔付可确定的部分",
    ClockKind.REFUSAL_NOTICE: "发出拒赔通知",
    ClockKind.PAY: "赔付",
    ClockKind.LIMITATION: "请求赔付",
}
_LAW: dict[ClockKind, str] = {
    ClockKind.APPROVAL: "保单约定",
    ClockKind.PAPERS: "保险法第二十二条",
    ClockKind.DECIDE: "保险法第二十三条",
    ClockKind.ADVANCE: "保险法第二十五条",
    ClockKind.REFUSAL_NOTICE: "保险法第二十四条",
    ClockKind.PAY: "保险法第二十三条",
    ClockKind.LIMITATION: "保险法第二十六条",
}
_BY: dict[ClockKind, str] = {
    ClockKind.APPROVAL: "民政",
    ClockKind.PAPERS: "乡镇",
    ClockKind.LIMITATION: "被保险人或受益人",
}
INSURER_ZH = "保险公司"
_WAITS_FOR: dict[ClaimStatus, ClockKind] = {
    ClaimStatus.PENDING_APPROVAL: ClockKind.APPROVAL,
    ClaimStatus.EVIDENCE_REQUIRED: ClockKind.PAPERS,
    ClaimStatus.DECIDED: ClockKind.PAPERS,  # in an emergency money goes first, papers follow
    ClaimStatus.PAYING: ClockKind.PAPERS,
    ClaimStatus.PAID: ClockKind.PAPERS,
}


@dataclass(frozen=True, slots=True)
class ClockRules:
    """What a policy agrees on; see `domain.policy.Contract`."""

    count: DayCount
    papers_stop: bool
    decide_days: int
    pay_days: int
    limitation_years: int


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """What the clocks of one claim are worked out from; days in Asia/Shanghai.

    `milestones` are (name of a move, day) in their order; `due_on` is the day that was named with
    an approval or a request for papers; outcome, amount (fen) and `decided_on` are of the latest
    decision, `paid_on` is the day on which the insurer says that it paid.
    """

    status: ClaimStatus
    insured: bool
    event_on: date
    submitted_on: date
    milestones: Sequence[tuple[str, date]]
    due_on: date | None = None
    outcome: Outcome | None = None
    amount_fen: int = 0
    decided_on: date | None = None
    paid_on: date | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """One day by which something is owed. `stopped`: it rests while papers are missing.

    `due_on` is None while it is stopped; `done_on` None while it is not done.
    """

    kind: ClockKind
    due_on: date | None
    done_on: date | None
    overdue: bool
    stopped: bool
    owed_by_zh: str
    clause_zh: str


def milestone_of(moved: Moved) -> str | None:
    """Name the milestone that a move passes; papers a bureau asks for stop no insurer's days."""
    if moved.move is Move.REQUEST_EVIDENCE and moved.was is not ClaimStatus.UNDER_REVIEW:
        return None
    return moved.move.value if moved.move in MILESTONES else None


def clocks(facts: ClockFacts, rules: ClockRules, off: DaysOff, today: date) -> tuple[Clock, ...]:
    """Give every clock of a claim as of a day, in the order in which a claim meets them."""
    found = _of_the_bureau(facts, today)
    if not facts.insured:
        return tuple(found)
    course = _course(facts)
    if course is not None:
        found += _of_the_insurer(facts, course, rules, off, today)
    until = months_later(facts.event_on, rules.limitation_years * MONTHS)
    found.append(_clock(ClockKind.LIMITATION, until, facts.submitted_on, today))
    return tuple(found)


def asked_twice(facts: ClockFacts) -> bool:
    """Tell whether an insurer has asked for papers more than once (art. 22 allows one request)."""
    if sum(name == Move.REQUEST_EVIDENCE for name, _ in facts.milestones) <= 1:
        return False
    course = _course(facts)
    return course is not None and len(course.asked) > 1


def latest_course(facts: ClockFacts) -> tuple[date | None, date | None, date | None]:
    """Give when a claim's insurer had it last, when it decided, and when all of it was paid."""
    course = _course(facts)
    if course is None:
        return None, None, None
    decided_on = None if course.decided_on is None else facts.decided_on or course.decided_on
    paid_on = None if course.paid_on is None else facts.paid_on or course.paid_on
    return course.received_on, decided_on, paid_on


def years_not_told(
    facts: ClockFacts, rules: ClockRules, off: DaysOff, today: date
) -> tuple[int, ...]:
    """Give the years whose days off the clocks would need and nobody has told."""
    if rules.count is DayCount.CALENDAR:
        return ()
    course = _course(facts)
    if course is None:
        return ()
    return unknown_years(course.received_on, max(course.received_on, today), off)


@dataclass(frozen=True, slots=True)
class _Course:
    """A claim's way at the insurer since it came there, or came there again."""

    received_on: date
    asked: tuple[tuple[date, date | None], ...]
    decided_on: date | None
    paid_on: date | None


def _course(facts: ClockFacts) -> _Course | None:
    course: _Course | None = None
    for name, on in facts.milestones:
        if name == Move.REOPEN or (name == Move.ACCEPT and course is None):
            course = _Course(on, (), None, None)
        elif course is not None:
            course = _further(course, name, on)
    return course


def _further(course: _Course, name: str, on: date) -> _Course:
    match name:
        case Move.REQUEST_EVIDENCE:
            return replace(course, asked=(*course.asked, (on, None)))
        case Move.RESUME_REVIEW:
            return replace(course, asked=_arrived(course, on))
        case Move.DECIDE:
            return replace(course, asked=_arrived(course, on), decided_on=on)
        case Move.CONFIRM_PAID:
            return replace(course, paid_on=on)
        case Move.RETURN_PAYMENT:
            return replace(course, paid_on=None)
        case _:
            return course


def _arrived(course: _Course, on: date) -> tuple[tuple[date, date | None], ...]:
    return tuple((asked, on if came is None else came) for asked, came in course.asked)


def _of_the_bureau(facts: ClockFacts, today: date) -> list[Clock]:
    kind = _WAITS_FOR.get(facts.status)
    if kind is None or facts.due_on is None:
        return []
    return [_clock(kind, facts.due_on, None, today)]


def _of_the_insurer(
    facts: ClockFacts, course: _Course, rules: ClockRules, off: DaysOff, today: date
) -> list[Clock]:
    decided_on = None
    if course.decided_on is not None:
        decided_on = facts.decided_on or course.decided_on
    found = [
        _clock(kind, _until(days, course, rules, off), decided_on, today)
        for kind, days in (
            (ClockKind.DECIDE, rules.decide_days),
            (ClockKind.ADVANCE, ADVANCE_DAYS),
        )
    ]
    if decided_on is None:
        return found
    if facts.outcome is Outcome.DECLINED:
        until = days_after(decided_on, REFUSAL_DAYS, rules.count, off)
        found.append(_clock(ClockKind.REFUSAL_NOTICE, until, course.decided_on, today))
    if facts.amount_fen > 0:
        until = days_after(decided_on, rules.pay_days, rules.count, off)
        paid_on = None if course.paid_on is None else facts.paid_on or course.paid_on
        found.append(_clock(ClockKind.PAY, until, paid_on, today))
    return found


def _until(days: int, course: _Course, rules: ClockRules, off: DaysOff) -> date | None:
    """End a term from the receipt, longer by the days for which papers were missing.

    None while they still are: then nobody can tell.
    """
    due_on = days_after(course.received_on, days, rules.count, off)
    if not rules.papers_stop:
        return due_on
    for asked_on, came_on in course.asked:
        if asked_on > due_on:
            break  # it was over before the papers were asked for
        if came_on is None:
            return None
        missing = days_between(asked_on, came_on, rules.count, off)
        due_on = days_after(due_on, missing, rules.count, off)
    return due_on


def _clock(kind: ClockKind, due_on: date | None, done_on: date | None, today: date) -> Clock:
    return Clock(
        kind,
        due_on,
        done_on,
        due_on is not None and (done_on or today) > due_on,
        due_on is None,
        _BY.get(kind, INSURER_ZH),
        _LAW[kind],
    )
