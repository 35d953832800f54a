"""Beside a case: differences, clocks, appeals, reopening with a top-up, notes, assignment."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from app.db.decisions import latest_decisions
from app.db.ledger import account_sums
from app.db.notices import read_notice
from app.db.session import Database
from app.db.usage import held_by
from app.domain.clocks import ClockKind
from app.domain.days_off import DayCount, YearOff
from app.domain.errors import Forbidden, IllegalMove, Invalid, NotFound, VersionStale
from app.domain.lifecycle import ClaimStatus, NoticeStatus, Outcome
from app.domain.policy import Contract
from app.services.calendar.keep_year import keep_year, list_years
from app.services.claims.appeal_claim import answer_appeal, appeal_claim, list_appeals
from app.services.claims.decide_fund_claim import confirm_decision, propose_decision
from app.services.claims.read_claim import ClaimView, read_timeline
from app.services.claims.reopen_claim import reopen_claim
from app.services.claims.resolve_difference import accept_difference, dispute_difference
from app.services.funds.read_fund import read_fund
from app.services.notes import assign, notes
from tests.cases import (
    CHUNAN,
    FUND,
    attach,
    callback_states,
    claim_view,
    county_with,
    decided,
    deliver,
    file,
    notice,
    payout,
    work,
)
from tests.contracts import COUNTY, OTHER_COUNTY, SYSTEM, TOWNSHIP
from tests.contracts import INSURER as INSURER_CALLER
from tests.services.test_decisions import SECOND
from tests.services.test_funds import fund, pending


async def referred(database: Database, **changed: object) -> str:
    """A claim that its insurer has; assessed at 2,000.00."""
    await county_with(database, CHUNAN, **changed)
    view = await file(database, notice())
    await work(database)
    return view.claims[0].claim_no


async def told(database: Database, number: str, type_: str, **data: object) -> ClaimView:
    await deliver(database, number, type_, **data)
    await work(database)
    return await claim_view(database, number)


async def paid(database: Database, number: str, amount: str, reference: str = "PAY-1") -> ClaimView:
    money = payout(amount, payout_reference=reference, settlement_no=f"SET-{reference}")
    return await told(database, number, "payout.paid", **money)


def codes(view: ClaimView) -> list[str]:
    return [warning.code for warning in view.warnings if warning.code != "premium.unpaid"]


# --- differences


async def test_the_same_amount_is_no_difference(database: Database) -> None:
    number = await referred(database)
    view = await told(database, number, "claim.decided", **decided())
    assert view.claim.assessed_fen == view.claim.decided_fen == 200_000
    assert view.decision is not None
    assert (view.decision.difference, codes(view)) == (None, [])


@pytest.mark.parametrize(("amount", "differs"), [("1999.00", False), ("1998.99", True)])
async def test_a_difference_within_the_tolerance_is_none(
    database: Database, amount: str, *, differs: bool
) -> None:
    number = await referred(database, contract=Contract(tolerance_fen=100))
    view = await told(database, number, "claim.decided", **decided("partial", amount))
    assert view.decision is not None
    assert (view.decision.difference == "open") is differs


async def test_a_difference_is_open_and_the_payment_goes_on(database: Database) -> None:
    number = await referred(database)
    view = await told(database, number, "claim.decided", **decided("partial", "1000.00"))
    assert view.decision is not None
    assert (view.decision.difference, view.decision.assessed_fen) == ("open", 200_000)
    assert codes(view) == ["decision.differs"]
    assert view.claim.status is ClaimStatus.PAYING
    assert (await paid(database, number, "1000.00")).claim.status is ClaimStatus.CLOSED


async def test_a_county_disputes_a_difference_and_accepts_it_later(database: Database) -> None:
    number = await referred(database)
    view = await told(database, number, "claim.decided", **decided("partial", "1000.00"))
    version = view.claim.version
    async with database.transaction(COUNTY) as tx:
        await dispute_difference(tx, number, version, "丙类费用应计入")
    disputed = await claim_view(database, number)
    assert disputed.decision is not None
    assert (disputed.decision.difference, disputed.decision.difference_reason_zh) == (
        "disputed",
        "丙类费用应计入",
    )
    with pytest.raises(IllegalMove):
        async with database.transaction(COUNTY) as tx:
            await dispute_difference(tx, number, version + 1, "再议")
    async with database.transaction(COUNTY) as tx:
        await accept_difference(tx, number, version + 1, "经复核，保险公司计算有据")
    accepted = await claim_view(database, number)
    assert accepted.decision is not None
    assert (accepted.decision.difference, accepted.decision.resolved_by) == (
        "accepted",
        COUNTY.actor,
    )
    assert codes(accepted) == []
    async with database.transaction(COUNTY) as tx:
        events = [event.type for event in await read_timeline(tx, number)]
        with pytest.raises(IllegalMove):
            await accept_difference(tx, number, version + 2, "再次")
    assert events[:2] == ["claim.accept_difference", "claim.dispute"]


async def test_a_difference_is_resolved_by_its_own_county_as_it_was_read(
    database: Database,
) -> None:
    number = await referred(database)
    before = await claim_version(database, number)
    with pytest.raises(IllegalMove):
        async with database.transaction(COUNTY) as tx:
            await accept_difference(tx, number, before, "无")
    view = await told(database, number, "claim.decided", **decided("partial", "1000.00"))
    with pytest.raises(VersionStale):
        async with database.transaction(COUNTY) as tx:
            await accept_difference(tx, number, view.claim.version - 1, "认可")
    with pytest.raises(NotFound):
        async with database.transaction(OTHER_COUNTY) as tx:
            await accept_difference(tx, number, view.claim.version, "认可")


async def test_an_older_difference_is_not_resolved_once_a_new_decision_agrees(
    database: Database,
) -> None:
    number = await referred(database)
    await told(database, number, "claim.decided", **decided("partial", "500.00"))
    view = await paid(database, number, "500.00")
    async with database.transaction(COUNTY) as tx:
        await reopen_claim(tx, number, view.claim.version, "漏计")
    agreed = await told(database, number, "claim.decided", **decided())
    assert codes(agreed) == []
    with pytest.raises(IllegalMove):
        async with database.transaction(COUNTY) as tx:
            await accept_difference(tx, number, agreed.claim.version, "认可")


async def claim_version(database: Database, number: str) -> int:
    return (await claim_view(database, number)).claim.version


async def test_a_refusal_without_a_clause_is_recorded_and_flagged(database: Database) -> None:
    number = await referred(database)
    refusal = decided("declined", "0.00", reason_zh="不属于保险责任")
    view = await told(database, number, "claim.decided", **refusal)
    assert view.claim.status is ClaimStatus.CLOSED
    assert codes(view) == ["decision.unexplained", "decision.differs"]
    assert "条款" in view.warnings[1].sentence_zh


async def test_a_refusal_with_clause_and_reason_is_shown_with_both(database: Database) -> None:
    number = await referred(database)
    refusal = decided("declined", "0.00", clause="第八条第二款", reason_zh="酒后驾驶")
    view = await told(database, number, "claim.decided", **refusal)
    assert "decision.unexplained" not in codes(view)
    assert "第八条第二款：酒后驾驶" in view.sentence_zh


# --- clocks


async def test_the_clocks_of_a_claim_are_shown_with_who_owes_what(database: Database) -> None:
    number = await referred(database)
    view = await claim_view(database, number)
    async with database.transaction(COUNTY) as tx:
        today = await tx.today()
    due = {clock.kind: clock.due_on for clock in view.clocks}
    assert due[ClockKind.DECIDE] == today + timedelta(days=30)
    assert due[ClockKind.ADVANCE] == today + timedelta(days=60)
    assert view.clocks[0].owed_by_zh == "保险公司"
    done = await told(database, number, "claim.decided", **decided(decided_on=today.isoformat()))
    pay = next(clock for clock in done.clocks if clock.kind is ClockKind.PAY)
    assert (pay.due_on, pay.done_on) == (today + timedelta(days=10), None)
    settled = await paid(database, number, "2000.00")
    assert next(c for c in settled.clocks if c.kind is ClockKind.PAY).done_on == today


async def test_a_second_request_for_papers_is_taken_recorded_and_flagged(
    database: Database,
) -> None:
    number = await referred(database)
    asking = {
        "items": [{"code": "itemised_list", "label_zh": "费用清单"}],
        "due_on": "2099-01-01",
        "reason_zh": "影像不清",
    }
    once = await told(database, number, "claim.evidence_requested", **asking)
    assert (codes(once), once.clocks[1].stopped) == ([], True)
    await attach(database, number.rpartition("-")[0], "itemised_list")
    await work(database)
    asking["items"] = [{"code": "discharge", "label_zh": "出院记录"}]
    twice = await told(database, number, "claim.evidence_requested", **asking)
    assert twice.claim.status is ClaimStatus.EVIDENCE_REQUIRED
    assert codes(twice) == ["papers.asked_twice"]


async def test_working_days_follow_the_year_that_is_kept(database: Database) -> None:
    rules = Contract(day_count=DayCount.WORKING, decide_days=1)
    number = await referred(database, contract=rules)
    view = await claim_view(database, number)
    assert "calendar.year_missing" in codes(view)
    weekends_only = view.clocks[0].due_on
    assert weekends_only is not None
    next_day = weekends_only
    for year in {weekends_only.year, weekends_only.year + 1}:
        off = (weekends_only,) if year == weekends_only.year else ()
        async with database.transaction(SYSTEM) as tx:
            await keep_year(tx, YearOff(year, off, ()), "国务院办公厅通知")
    moved = await claim_view(database, number)
    assert "calendar.year_missing" not in codes(moved)
    assert moved.clocks[0].due_on is not None
    assert moved.clocks[0].due_on > next_day


async def test_a_year_is_kept_once_and_its_last_word_stands(database: Database) -> None:
    new_year = date(2026, 1, 1)
    async with database.transaction(SYSTEM) as tx:
        await keep_year(tx, YearOff(2026, (new_year,), ()), "初稿")
        await keep_year(tx, YearOff(2026, (new_year, date(2026, 1, 2)), ()), "定稿")
        ((year, source),) = await list_years(tx)
    assert (year.days_off, source) == ((new_year, date(2026, 1, 2)), "定稿")
    with pytest.raises(Invalid):
        async with database.transaction(SYSTEM) as tx:
            await keep_year(tx, YearOff(2026, (date(2025, 1, 1),), ()), "错")


# --- appeals and reopening


async def declined(database: Database) -> tuple[str, int]:
    number = await referred(database)
    refusal = decided("declined", "0.00", clause="第八条", reason_zh="责任免除")
    view = await told(database, number, "claim.decided", **refusal)
    return number, view.claim.version


async def test_an_accepted_appeal_reopens_the_claim_and_its_notice(database: Database) -> None:
    number, version = await declined(database)
    async with database.transaction(TOWNSHIP) as tx:
        claim = await appeal_claim(tx, number, version, "appeal", "事故不属于免责情形")
        with pytest.raises(IllegalMove):
            await appeal_claim(tx, number, claim.version, "appeal", "再次申诉")
    async with database.transaction(COUNTY) as tx:
        again = await answer_appeal(tx, number, version + 1, "证据充分，请重新核定", accepted=True)
        (row,) = await list_appeals(tx, number)
        filed = await read_notice(tx, number.rpartition("-")[0])
    assert (again.status, again.reopened_count) == (ClaimStatus.UNDER_REVIEW, 1)
    assert (row.state, row.filed_by, row.answered_by) == (
        "accepted",
        TOWNSHIP.actor,
        COUNTY.actor,
    )
    assert filed.status is NoticeStatus.SUBMITTED
    view = await told(database, number, "claim.decided", **decided())
    assert (view.claim.status, view.claim.decided_fen) == (ClaimStatus.PAYING, 200_000)
    closed = await paid(database, number, "2000.00")
    assert (closed.claim.status, closed.claim.paid_fen) == (ClaimStatus.CLOSED, 200_000)


async def test_a_rejected_appeal_and_an_answered_complaint_change_nothing_else(
    database: Database,
) -> None:
    number, version = await declined(database)
    for kind, accepted in (("appeal", False), ("complaint", True)):
        async with database.transaction(COUNTY) as tx:
            claim = await appeal_claim(tx, number, version, kind, "答复太慢")
            claim = await answer_appeal(tx, number, claim.version, "已说明", accepted=accepted)
        version = claim.version
        assert (claim.status, claim.reopened_count) == (ClaimStatus.CLOSED, 0)
    async with database.transaction(COUNTY) as tx:
        assert [row.state for row in await list_appeals(tx, number)] == ["accepted", "rejected"]
        with pytest.raises(IllegalMove):
            await answer_appeal(tx, number, version, "无可答复", accepted=False)


async def test_there_is_no_appeal_before_a_decision(database: Database) -> None:
    number = await referred(database)
    version = await claim_version(database, number)
    async with database.transaction(COUNTY) as tx:
        with pytest.raises(IllegalMove):
            await appeal_claim(tx, number, version, "appeal", "太慢")
        with pytest.raises(IllegalMove):
            await reopen_claim(tx, number, version, "太慢")


async def test_a_reopened_claim_is_paid_the_difference_only(database: Database) -> None:
    """F56: a higher second decision is a top-up; what was paid stays as it is."""
    number = await referred(database)
    await told(database, number, "claim.decided", **decided("partial", "500.00"))
    view = await paid(database, number, "500.00")
    assert view.claim.status is ClaimStatus.CLOSED
    async with database.transaction(COUNTY) as tx:
        await reopen_claim(tx, number, view.claim.version, "漏计丙类费用")
    topped = await told(database, number, "claim.decided", **decided("full", "2000.00"))
    assert [one.amount_fen for one in topped.payouts] == [50_000, 150_000]
    assert topped.claim.status is ClaimStatus.PAYING
    done = await paid(database, number, "1500.00", "PAY-2")
    assert (done.claim.status, done.claim.paid_fen) == (ClaimStatus.CLOSED, 200_000)
    async with database.transaction(SYSTEM) as tx:
        sums = {one.account: one.amount_fen for one in await account_sums(tx, done.claim.policy_id)}
        held = (await held_by(tx, [done.claim.id]))[done.claim.id]
        decision = (await latest_decisions(tx, [done.claim.id]))[done.claim.id]
    assert (sums["incurred"], sums["paid"]) == (200_000, -200_000)
    assert decision.seq == 2
    assert [fen for counter, fen in held.items() if counter.key.scope == "bill"] == [200_000]


async def test_a_decision_that_came_while_the_claim_was_closed_is_taken_when_it_is_reopened(
    database: Database,
) -> None:
    number, _ = await declined(database)
    view = await told(database, number, "claim.decided", **decided("full", "2000.00"))
    assert (await callback_states(database, number))[-1] == ("claim.decided", "parked")
    assert view.claim.status is ClaimStatus.CLOSED
    async with database.transaction(COUNTY) as tx:
        await reopen_claim(tx, number, view.claim.version, "保险公司已更正")
    await work(database)
    after = await claim_view(database, number)
    assert (after.claim.status, after.claim.decided_fen) == (ClaimStatus.PAYING, 200_000)


async def test_a_second_decision_of_less_is_parked_and_never_taken_from_a_family(
    database: Database,
) -> None:
    number = await referred(database)
    await told(database, number, "claim.decided", **decided())
    view = await paid(database, number, "2000.00")
    async with database.transaction(COUNTY) as tx:
        await reopen_claim(tx, number, view.claim.version, "复核")
    less = await told(database, number, "claim.decided", **decided("partial", "100.00"))
    assert (await callback_states(database, number))[-1] == ("claim.decided", "parked")
    assert (less.claim.status, less.claim.paid_fen) == (ClaimStatus.UNDER_REVIEW, 200_000)
    same = await told(database, number, "claim.decided", **decided())
    assert (same.claim.status, len(same.payouts)) == (ClaimStatus.CLOSED, 1)


# --- notes and assignment


async def test_notes_are_for_colleagues_and_hold_no_personal_numbers(database: Database) -> None:
    number = await referred(database)
    filed = number.rpartition("-")[0]
    async with database.transaction(TOWNSHIP) as tx:
        await notes.note_claim(tx, number, "已电话联系家属")
        (first,) = await notes.note_notice(tx, filed, "出院记录周五送来")
    assert (first.text_zh, first.actor) == ("出院记录周五送来", TOWNSHIP.actor)
    async with database.transaction(COUNTY) as tx:
        assert [one.text_zh for one in await notes.list_notes(tx, "claim", number)] == [
            "已电话联系家属"
        ]
        with pytest.raises(Invalid):
            await notes.note_claim(tx, number, "电话 13800000000")
    async with database.transaction(INSURER_CALLER) as tx:
        assert await notes.list_notes(tx, "claim", number) == []
    async with database.transaction(OTHER_COUNTY) as tx:
        with pytest.raises(NotFound):
            await notes.list_notes(tx, "notice", filed)


async def test_a_case_is_assigned_to_a_colleague_and_back(database: Database) -> None:
    number = await referred(database)
    filed = number.rpartition("-")[0]
    version = await claim_version(database, number)
    async with database.transaction(COUNTY) as tx:
        claim = await assign.assign_claim(tx, number, version, "救助科 3 号")
        view = await assign.assign_notice(tx, filed, (await read_notice(tx, filed)).version, "二号")
        with pytest.raises(VersionStale):
            await assign.assign_notice(tx, filed, 1, "三号")
        with pytest.raises(Invalid):
            await assign.assign_claim(tx, number, claim.version, "13800000000")
    assert (claim.assigned_to, view.notice.assigned_to) == ("救助科 3 号", "二号")
    async with database.transaction(COUNTY) as tx:
        claim = await assign.assign_claim(tx, number, claim.version, None)
    assert claim.assigned_to is None


# --- a fund's claim


async def test_a_declined_claim_of_a_fund_is_reopened_and_decided_by_two_persons(
    database: Database,
) -> None:
    await fund(database)
    claim = await pending(database)
    async with database.transaction(COUNTY) as tx:
        await propose_decision(
            tx,
            claim.claim_no,
            claim.version,
            outcome=Outcome.DECLINED,
            amount_fen=0,
            reason_zh="误",
        )
    async with database.transaction(SECOND) as tx:
        closed = await confirm_decision(tx, claim.claim_no, claim.version + 1)
        assert closed.status is ClaimStatus.CLOSED
        again = await reopen_claim(tx, claim.claim_no, closed.version, "材料补齐")
    view = await claim_view(database, claim.claim_no)
    assert (view.claim.status, view.next_actor_zh) == (ClaimStatus.UNDER_REVIEW, "县民政")
    assert view.sentence_zh == "正在由民政重新审核"
    assert [clock.kind for clock in view.clocks] == []
    assessed = again.assessed_fen
    assert assessed
    async with database.transaction(COUNTY) as tx:
        await propose_decision(
            tx,
            claim.claim_no,
            again.version,
            outcome=Outcome.FULL,
            amount_fen=assessed,
            reason_zh=None,
        )
    async with database.transaction(SECOND) as tx:
        done = await confirm_decision(tx, claim.claim_no, again.version + 1)
        balance = await read_fund(tx, f"P-{FUND}")
    assert (done.status, done.decided_fen) == (ClaimStatus.DECIDED, assessed)
    assert balance.committed_fen == assessed


async def test_a_claim_that_a_fund_has_paid_is_not_reopened(database: Database) -> None:
    await fund(database)
    claim = await pending(database)
    async with database.transaction(COUNTY) as tx:
        await tx.sql.execute(
            text("UPDATE claim SET status = 'closed', decided_fen = 100 WHERE id = :id"),
            {"id": claim.id},
        )
        with pytest.raises(Forbidden):
            await reopen_claim(tx, claim.claim_no, claim.version, "再议")
