"""By when who must do what: the Insurance Law's terms, stopped by missing papers, by contract."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.domain.clocks import (
    ClockFacts,
    ClockKind,
    ClockRules,
    asked_twice,
    clocks,
    milestone_of,
    years_not_told,
)
from app.domain.days_off import (
    DayCount,
    DaysOff,
    YearOff,
    days_after,
    days_between,
    unknown_years,
    year_faults,
)
from app.domain.lifecycle import ClaimStatus, Move, Moved, Outcome

LAW = ClockRules(
    DayCount.CALENDAR, papers_stop=True, decide_days=30, pay_days=10, limitation_years=2
)
NONE_OFF = DaysOff()
RECEIVED = date(2026, 3, 1)
SPRING = DaysOff(
    years=frozenset({2026}),
    days_off=frozenset(date(2026, 2, 15) + timedelta(days=n) for n in range(9)),
    working_days=frozenset({date(2026, 2, 14), date(2026, 2, 28)}),
)


def facts(*milestones: tuple[Move, date], **changed: object) -> ClockFacts:
    fields: dict[str, object] = {
        "status": ClaimStatus.UNDER_REVIEW,
        "insured": True,
        "event_on": date(2026, 2, 20),
        "submitted_on": RECEIVED,
        "milestones": [(move.value, on) for move, on in milestones],
    }
    return ClockFacts(**(fields | changed))  # type: ignore[arg-type]


def due(
    told: ClockFacts, rules: ClockRules = LAW, off: DaysOff = NONE_OFF, today: date = RECEIVED
) -> dict[ClockKind, date | None]:
    return {clock.kind: clock.due_on for clock in clocks(told, rules, off, today)}


def test_d42_the_clocks_of_the_insurance_law() -> None:
    """Worked example D42: day 0 is the day of receipt, days of the calendar."""
    decided = facts(
        (Move.ACCEPT, RECEIVED),
        (Move.DECIDE, date(2026, 4, 2)),
        outcome=Outcome.FULL,
        amount_fen=100,
        decided_on=date(2026, 4, 2),
    )
    found = due(decided)
    assert found[ClockKind.DECIDE] == date(2026, 3, 31)
    assert found[ClockKind.ADVANCE] == date(2026, 4, 30)
    assert found[ClockKind.PAY] == date(2026, 4, 12)
    refused = facts(
        (Move.ACCEPT, RECEIVED),
        (Move.DECIDE, date(2026, 3, 20)),
        outcome=Outcome.DECLINED,
        decided_on=date(2026, 3, 20),
    )
    assert due(refused)[ClockKind.REFUSAL_NOTICE] == date(2026, 3, 23)
    assert ClockKind.PAY not in due(refused)


def test_nothing_is_owed_by_an_insurer_that_does_not_have_the_claim_yet() -> None:
    assert set(due(facts())) == {ClockKind.LIMITATION}


def test_a_fund_owes_nothing_of_the_insurance_law() -> None:
    fund = facts(
        insured=False, status=ClaimStatus.PENDING_APPROVAL, due_on=date(2026, 3, 6), milestones=[]
    )
    (clock,) = clocks(fund, LAW, NONE_OFF, date(2026, 3, 7))
    assert (clock.kind, clock.overdue, clock.owed_by_zh) == (ClockKind.APPROVAL, True, "民政")


def test_missing_papers_stop_the_days_until_they_arrive() -> None:
    asked = facts((Move.ACCEPT, RECEIVED), (Move.REQUEST_EVIDENCE, date(2026, 3, 10)))
    stopped = {clock.kind: clock for clock in clocks(asked, LAW, NONE_OFF, date(2026, 6, 1))}
    assert stopped[ClockKind.DECIDE].stopped
    assert not stopped[ClockKind.DECIDE].overdue
    came = facts(
        (Move.ACCEPT, RECEIVED),
        (Move.REQUEST_EVIDENCE, date(2026, 3, 10)),
        (Move.RESUME_REVIEW, date(2026, 3, 15)),
    )
    assert due(came)[ClockKind.DECIDE] == date(2026, 4, 5)  # 31 March and five days
    assert due(came)[ClockKind.ADVANCE] == date(2026, 5, 5)


def test_where_the_policy_says_so_missing_papers_stop_nothing() -> None:
    asked = facts((Move.ACCEPT, RECEIVED), (Move.REQUEST_EVIDENCE, date(2026, 3, 10)))
    assert due(asked, replace(LAW, papers_stop=False))[ClockKind.DECIDE] == date(2026, 3, 31)


def test_a_request_after_the_day_has_passed_stops_nothing() -> None:
    late = facts((Move.ACCEPT, RECEIVED), (Move.REQUEST_EVIDENCE, date(2026, 4, 1)))
    found = {clock.kind: clock for clock in clocks(late, LAW, NONE_OFF, date(2026, 4, 2))}
    assert (found[ClockKind.DECIDE].due_on, found[ClockKind.DECIDE].overdue) == (
        date(2026, 3, 31),
        True,
    )
    assert found[ClockKind.ADVANCE].stopped


def test_a_second_request_for_papers_is_told_and_its_days_count_too() -> None:
    twice = facts(
        (Move.ACCEPT, RECEIVED),
        (Move.REQUEST_EVIDENCE, date(2026, 3, 10)),
        (Move.RESUME_REVIEW, date(2026, 3, 15)),
        (Move.REQUEST_EVIDENCE, date(2026, 3, 20)),
        (Move.RESUME_REVIEW, date(2026, 3, 22)),
    )
    assert asked_twice(twice)
    assert due(twice)[ClockKind.DECIDE] == date(2026, 4, 7)
    assert not asked_twice(facts((Move.ACCEPT, RECEIVED), (Move.REQUEST_EVIDENCE, RECEIVED)))
    assert not asked_twice(facts())


def test_papers_that_a_bureau_asks_for_are_no_milestone_of_the_insurer() -> None:
    of = {
        was: milestone_of(Moved(Move.REQUEST_EVIDENCE, was, ClaimStatus.EVIDENCE_REQUIRED))
        for was in (ClaimStatus.PENDING_APPROVAL, ClaimStatus.UNDER_REVIEW)
    }
    assert of == {
        ClaimStatus.PENDING_APPROVAL: None,
        ClaimStatus.UNDER_REVIEW: "request_evidence",
    }
    assert milestone_of(Moved(Move.PAY, ClaimStatus.DECIDED, ClaimStatus.PAYING)) is None


def test_a_reopened_claim_starts_its_days_again() -> None:
    again = facts(
        (Move.ACCEPT, RECEIVED),
        (Move.REQUEST_EVIDENCE, date(2026, 3, 2)),
        (Move.DECIDE, date(2026, 3, 20)),
        (Move.REOPEN, date(2026, 5, 1)),
        outcome=Outcome.DECLINED,
        decided_on=date(2026, 3, 20),
    )
    assert due(again) == {
        ClockKind.DECIDE: date(2026, 5, 31),
        ClockKind.ADVANCE: date(2026, 6, 30),
        ClockKind.LIMITATION: date(2028, 2, 20),
    }
    assert not asked_twice(again)


def test_a_returned_payment_is_owed_again() -> None:
    steps = [
        (Move.ACCEPT, RECEIVED),
        (Move.DECIDE, date(2026, 3, 5)),
        (Move.CONFIRM_PAID, date(2026, 3, 8)),
    ]
    told = {"outcome": Outcome.FULL, "amount_fen": 1, "decided_on": date(2026, 3, 5)}
    paid = {c.kind: c for c in clocks(facts(*steps, **told), LAW, NONE_OFF, date(2026, 4, 1))}
    assert (paid[ClockKind.PAY].done_on, paid[ClockKind.PAY].overdue) == (date(2026, 3, 8), False)
    back = facts(*steps, (Move.RETURN_PAYMENT, date(2026, 3, 20)), **told)
    owed = {c.kind: c for c in clocks(back, LAW, NONE_OFF, date(2026, 4, 1))}
    assert (owed[ClockKind.PAY].done_on, owed[ClockKind.PAY].overdue) == (None, True)


def test_what_counts_is_the_day_on_which_the_insurer_decided_and_paid_not_when_it_said_so() -> None:
    told = facts(
        (Move.ACCEPT, RECEIVED),
        (Move.DECIDE, date(2026, 4, 20)),
        (Move.CONFIRM_PAID, date(2026, 4, 20)),
        outcome=Outcome.FULL,
        amount_fen=1,
        decided_on=date(2026, 3, 30),
        paid_on=date(2026, 4, 2),
    )
    found = {clock.kind: clock for clock in clocks(told, LAW, NONE_OFF, date(2026, 5, 1))}
    assert [found[kind].overdue for kind in (ClockKind.DECIDE, ClockKind.PAY)] == [False, False]
    assert found[ClockKind.PAY].done_on == date(2026, 4, 2)


def test_a_claim_filed_after_the_limitation_is_told_so() -> None:
    """29 February: the term ends on the last day of the month (Civil Code art. 202)."""
    late = facts(event_on=date(2024, 2, 29), submitted_on=date(2026, 3, 1))
    (clock,) = clocks(late, LAW, NONE_OFF, RECEIVED)
    assert (clock.due_on, clock.overdue) == (date(2026, 2, 28), True)
    life = replace(LAW, limitation_years=5)
    assert due(late, life)[ClockKind.LIMITATION] == date(2029, 2, 28)


def test_papers_of_the_township_have_their_day() -> None:
    asked = facts(
        (Move.ACCEPT, RECEIVED),
        (Move.REQUEST_EVIDENCE, date(2026, 3, 2)),
        status=ClaimStatus.EVIDENCE_REQUIRED,
        due_on=date(2026, 3, 17),
    )
    first = clocks(asked, LAW, NONE_OFF, date(2026, 3, 18))[0]
    assert (first.kind, first.owed_by_zh, first.overdue) == (ClockKind.PAPERS, "乡镇", True)


def test_papers_that_follow_an_urgent_payment_have_their_day_too() -> None:
    urgent = facts(insured=False, status=ClaimStatus.DECIDED, due_on=date(2026, 3, 20))
    (clock,) = clocks(urgent, LAW, NONE_OFF, date(2026, 3, 21))
    assert (clock.kind, clock.overdue) == (ClockKind.PAPERS, True)
    assert clocks(replace(urgent, due_on=None), LAW, NONE_OFF, date(2026, 3, 21)) == ()


def test_working_days_leave_out_weekends_and_holidays_and_count_days_worked_instead() -> None:
    working = replace(LAW, count=DayCount.WORKING, decide_days=5)
    claim = facts((Move.ACCEPT, date(2026, 2, 13)))
    assert due(claim, working, SPRING)[ClockKind.DECIDE] == date(2026, 2, 27)
    assert due(claim, working)[ClockKind.DECIDE] == date(2026, 2, 20)  # no year told: weekends only
    assert days_between(date(2026, 2, 13), date(2026, 2, 28), DayCount.WORKING, SPRING) == 6


def test_a_year_that_nobody_told_is_named() -> None:
    working = replace(LAW, count=DayCount.WORKING)
    claim = facts((Move.ACCEPT, date(2026, 12, 30)))
    assert years_not_told(claim, working, SPRING, date(2027, 1, 3)) == (2027,)
    assert years_not_told(claim, working, NONE_OFF, date(2026, 12, 30)) == (2026,)
    assert years_not_told(claim, LAW, NONE_OFF, date(2027, 1, 3)) == ()
    assert unknown_years(date(2025, 1, 1), date(2027, 1, 1), SPRING) == (2025, 2027)


def test_a_year_of_days_off_holds_its_own_days_once() -> None:
    good = YearOff(2026, (date(2026, 1, 1),), (date(2026, 1, 4),))
    assert list(year_faults(good)) == []
    bad = YearOff(2026, (date(2026, 1, 1), date(2025, 1, 1)), (date(2026, 1, 1), date(2026, 1, 1)))
    assert [fault.pointer for fault in year_faults(bad)] == [
        "/days_off/1",
        "/working_days",
        "/working_days/0",
    ]


@given(day=st.dates(date(2020, 1, 1), date(2030, 1, 1)), days=st.integers(1, 400))
def test_a_term_of_working_days_has_just_so_many_of_them(day: date, days: int) -> None:
    end = days_after(day, days, DayCount.WORKING, SPRING)
    assert days_between(day, end, DayCount.WORKING, SPRING) == days
    assert end >= days_after(day, days, DayCount.CALENDAR, SPRING)


@given(asked=st.integers(0, 30), missing=st.integers(0, 200), papers_stop=st.booleans())
def test_missing_papers_never_shorten_the_time_to_decide(
    asked: int, missing: int, *, papers_stop: bool
) -> None:
    asked_on = RECEIVED + timedelta(days=asked)
    told = facts(
        (Move.ACCEPT, RECEIVED),
        (Move.REQUEST_EVIDENCE, asked_on),
        (Move.RESUME_REVIEW, asked_on + timedelta(days=missing)),
    )
    found = due(told, replace(LAW, papers_stop=papers_stop))[ClockKind.DECIDE]
    assert found == date(2026, 3, 31) + timedelta(days=missing if papers_stop else 0)
