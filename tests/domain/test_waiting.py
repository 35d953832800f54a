"""为什么还没到账: every state in which a claim waits names its step, its holder and its day."""

from datetime import date

import pytest

from app.domain.clocks import Clock, ClockKind
from app.domain.lifecycle import ClaimStatus, PayoutStatus
from app.domain.waiting import (
    HOLDER_EN,
    HOLDER_ZH,
    STEP_EN,
    STEP_ZH,
    Asking,
    Holder,
    WaitFacts,
    WaitStep,
    waiting,
)

S, P = ClaimStatus, PayoutStatus
FILED, TODAY, LATER = date(2026, 6, 10), date(2026, 6, 20), date(2026, 7, 10)


def clock(kind: ClockKind, due_on: date | None = LATER, done_on: date | None = None) -> Clock:
    return Clock(kind, due_on, done_on, overdue=False, stopped=False, owed_by_zh="", clause_zh="")


def facts(status: ClaimStatus, **changed: object) -> WaitFacts:
    fields: dict[str, object] = {"status": status, "insured": True, "submitted_on": FILED}
    return WaitFacts(**(fields | changed))  # type: ignore[arg-type]


def asking(state: str, *, paused: bool = False, rests: bool = False) -> Asking:
    return Asking(state, lane_paused=paused, lane_rests=rests)


PAYING = {"decided_fen": 100, "payouts": (P.SENT,)}
CASES = [
    (facts(S.SUBMITTED), WaitStep.ASSESSMENT, Holder.SERVICE, None),
    (
        facts(S.SUBMITTED, waits_for="990127-2026-000001-1", waiting_days=60),
        WaitStep.EARLIER_PAYER,
        Holder.INSURER,
        date(2026, 8, 9),
    ),
    (facts(S.SUBMITTED, asking=asking("ready")), WaitStep.SENDING, Holder.SERVICE, None),
    (
        facts(S.SUBMITTED, asking=asking("ready", paused=True)),
        WaitStep.LANE_PAUSED,
        Holder.SYSTEM,
        None,
    ),
    (
        facts(S.SUBMITTED, asking=asking("unknown", rests=True)),
        WaitStep.INSURER_AWAY,
        Holder.INSURER,
        None,
    ),
    (facts(S.SUBMITTED, asking=asking("unknown")), WaitStep.ANSWER_LOST, Holder.INSURER, None),
    (facts(S.SUBMITTED, asking=asking("sent")), WaitStep.ANSWER_LOST, Holder.INSURER, None),
    (facts(S.SUBMITTED, asking=asking("parked")), WaitStep.PARKED, Holder.SYSTEM, None),
    (
        facts(S.PENDING_APPROVAL, clocks=(clock(ClockKind.APPROVAL),)),
        WaitStep.APPROVAL,
        Holder.BUREAU,
        LATER,
    ),
    (
        facts(S.EVIDENCE_REQUIRED, papers_asked=2, clocks=(clock(ClockKind.PAPERS),)),
        WaitStep.PAPERS,
        Holder.TOWNSHIP,
        LATER,
    ),
    (
        facts(S.UNDER_REVIEW, clocks=(clock(ClockKind.DECIDE), clock(ClockKind.PAY))),
        WaitStep.INSURER_REVIEW,
        Holder.INSURER,
        LATER,
    ),
    (
        facts(S.UNDER_REVIEW, pend_code="site_survey", clocks=(clock(ClockKind.DECIDE, None),)),
        WaitStep.INSURER_REVIEW,
        Holder.INSURER,
        None,
    ),
    (facts(S.UNDER_REVIEW, asking=asking("parked")), WaitStep.PARKED, Holder.SYSTEM, None),
    (facts(S.UNDER_REVIEW, insured=False), WaitStep.BUREAU_REVIEW, Holder.COUNTY, None),
    (
        facts(S.DECIDED, decided_fen=1, clocks=(clock(ClockKind.PAY),)),
        WaitStep.INSURER_PAYMENT,
        Holder.INSURER,
        LATER,
    ),
    (
        facts(S.DECIDED, decided_fen=1, held_zh="不变量 3 未通过"),
        WaitStep.HOLD,
        Holder.SYSTEM,
        None,
    ),
    (
        facts(S.PAYING, **PAYING, clocks=(clock(ClockKind.PAY),)),
        WaitStep.INSURER_PAYMENT,
        Holder.INSURER,
        LATER,
    ),
    (
        facts(S.PAYING, decided_fen=100, payouts=(P.PENDING,), account_wrong=True),
        WaitStep.ACCOUNT_NAME,
        Holder.TOWNSHIP,
        None,
    ),
    (
        facts(S.PAYING, decided_fen=1, payouts=(P.PAID, P.FAILED)),
        WaitStep.ACCOUNT,
        Holder.TOWNSHIP,
        None,
    ),
    (
        facts(S.PAYING, decided_fen=1, payouts=(P.RETURNED,), account_proposed=True),
        WaitStep.ACCOUNT_CHECK,
        Holder.COUNTY,
        None,
    ),
    (
        facts(S.PAYING, **PAYING, asking=asking("unknown")),
        WaitStep.ANSWER_LOST,
        Holder.INSURER,
        None,
    ),
    (
        facts(S.PAYING, insured=False, decided_fen=1, payouts=(P.PENDING,)),
        WaitStep.PAYMENT_ORDER,
        Holder.COUNTY,
        None,
    ),
    (facts(S.PAYING, insured=False, **PAYING), WaitStep.BANK, Holder.BANK, None),
    (
        facts(S.PAYING, insured=False, decided_fen=1, payouts=(P.PAID,), next_due_on=LATER),
        WaitStep.INSTALMENT,
        Holder.SERVICE,
        LATER,
    ),
]


@pytest.mark.parametrize(("told", "step", "holder", "until"), CASES)
def test_what_waits_names_step_holder_and_day(
    told: WaitFacts, step: WaitStep, holder: Holder, until: date | None
) -> None:
    found = waiting(told, TODAY)
    assert found is not None
    assert (found.step, found.holder, found.until) == (step, holder, until)
    assert STEP_ZH[step] in found.sentence_zh
    assert HOLDER_ZH[holder] in found.sentence_zh
    assert STEP_EN[step] in found.sentence_en
    assert HOLDER_EN[holder] in found.sentence_en
    day = "未定最迟日期" if until is None else f"最迟 {until.year} 年 {until.month} 月"
    assert day in found.sentence_zh


def test_every_step_is_met_and_has_its_words() -> None:
    assert {step for _, step, _, _ in CASES} == set(WaitStep)
    assert set(STEP_ZH) == set(STEP_EN) == set(WaitStep)
    assert set(HOLDER_ZH) == set(HOLDER_EN) == set(Holder)


@pytest.mark.parametrize("status", [S.PAID, S.CLOSED, S.WITHDRAWN])
def test_where_the_money_is_there_or_none_comes_nothing_is_said(status: ClaimStatus) -> None:
    assert waiting(facts(status, decided_fen=1), TODAY) is None


@pytest.mark.parametrize("decided_fen", [None, 0])
def test_a_decision_over_nothing_waits_for_no_money(decided_fen: int | None) -> None:
    assert waiting(facts(S.DECIDED, decided_fen=decided_fen), TODAY) is None


def test_a_day_that_has_passed_is_called_overdue_and_the_day_itself_is_not() -> None:
    told = facts(S.UNDER_REVIEW, clocks=(clock(ClockKind.DECIDE, TODAY),))
    on_the_day, after = waiting(told, TODAY), waiting(told, date(2026, 6, 21))
    assert on_the_day is not None
    assert after is not None
    assert (on_the_day.overdue, after.overdue) == (False, True)
    assert after.sentence_zh == (
        "等待保险公司核定，由保险公司办理，已超过最迟日期 2026 年 6 月 20 日"
    )
    assert after.sentence_en == (
        "Not paid yet: the insurer must decide; with the insurer, overdue since 2026-06-20."
    )


def test_the_insurers_own_words_stand_in_the_sentence() -> None:
    told = facts(S.UNDER_REVIEW, pend_code="site_survey", pend_said_zh="周五到现场")
    found = waiting(told, TODAY)
    assert found is not None
    assert "（现场查勘：周五到现场）" in found.sentence_zh


def test_a_term_that_is_done_is_no_latest_day() -> None:
    told = facts(S.UNDER_REVIEW, clocks=(clock(ClockKind.DECIDE, LATER, TODAY),))
    found = waiting(told, TODAY)
    assert found is not None
    assert found.until is None
