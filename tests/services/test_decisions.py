"""What an insurer or two officers may decide, and what follows from it."""

from datetime import date

import pytest

from app.db.session import Database
from app.domain.caller import Caller, Role
from app.domain.errors import Forbidden, IllegalMove, Invalid, VersionStale
from app.domain.lifecycle import ClaimStatus, Outcome
from app.domain.policy import Approval
from app.services.claims.approve_claim import approve_claim
from app.services.claims.decide_fund_claim import confirm_decision, propose_decision
from app.services.claims.request_evidence import request_evidence
from app.services.funds.allot_money import allot_money
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
    work,
)
from tests.contracts import COUNTY

SECOND = Caller(Role.COUNTY, COUNTY.area_lo, COUNTY.area_hi, "key:second")


async def under_review(database: Database) -> str:
    await county_with(database, CHUNAN)
    claim_no = (await file(database, notice())).claims[0].claim_no
    await work(database)
    return claim_no


@pytest.mark.parametrize(
    ("outcome", "amount", "status"),
    [
        ("partial", "1000.00", ClaimStatus.PAYING),
        ("goodwill", "2500.00", ClaimStatus.PAYING),
        ("below_deductible", "0.00", ClaimStatus.CLOSED),
        ("nil", "0.00", ClaimStatus.CLOSED),
        ("declined", "0.00", ClaimStatus.CLOSED),
    ],
)
async def test_every_outcome_leads_to_its_rest(
    database: Database, outcome: str, amount: str, status: ClaimStatus
) -> None:
    claim_no = await under_review(database)
    told = decided(outcome, amount, clause="第三条", reason_zh="理由")
    await deliver(database, claim_no, "claim.decided", **told)
    await work(database)
    view = await claim_view(database, claim_no)
    assert (view.claim.status, view.claim.outcome) == (status, Outcome(outcome))
    if outcome == "declined":
        assert view.sentence_zh == "已办结：不予赔付（第三条：理由）"


async def test_the_same_decision_twice_is_one_and_another_is_parked(database: Database) -> None:
    claim_no = await under_review(database)
    await deliver(database, claim_no, "claim.decided", **decided())
    await deliver(database, claim_no, "claim.decided", **decided())
    await deliver(database, claim_no, "claim.decided", **decided("partial", "1.00"))
    await work(database)
    assert [state for _, state in await callback_states(database, claim_no)] == [
        "applied",
        "ignored_stale",
        "parked",
    ]
    assert (await claim_view(database, claim_no)).claim.decided_fen == 200_000


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": "2000.001"},
        {"amount": "-1.00"},
        {"amount": "0.00"},
        {"amount": "1e5"},
        {"amount": 2000},
        {"amount": "10000000000000000"},
        {"currency": "USD"},
        {"outcome": "paid"},
        {"outcome": "declined"},
        {"decided_on": "tomorrow"},
    ],
)
async def test_a_decision_that_makes_no_sense_is_parked_and_changes_nothing(
    database: Database, wrong: dict[str, object]
) -> None:
    claim_no = await under_review(database)
    await deliver(database, claim_no, "claim.decided", **{**decided(), **wrong})
    await work(database)
    assert await callback_states(database, claim_no) == [("claim.decided", "parked")]
    view = await claim_view(database, claim_no)
    assert (view.claim.status, view.claim.decided_fen) == (ClaimStatus.UNDER_REVIEW, None)


async def test_papers_asked_for_and_supplied_bring_the_claim_back(database: Database) -> None:
    claim_no = await under_review(database)
    items = [{"code": "itemised_list", "label_zh": "费用明细清单"}]
    await deliver(database, claim_no, "claim.evidence_requested", items=items, due_on="2026-12-01")
    await work(database)
    waiting = await claim_view(database, claim_no)
    assert waiting.claim.status is ClaimStatus.EVIDENCE_REQUIRED
    assert waiting.sentence_zh == "还缺 1 份材料，请在 2026 年 12 月 1 日前补齐"
    assert waiting.next_actor_zh == "乡镇"
    await attach(database, waiting.claim.notice_no, "itemised_list")
    wire = await work(database)
    assert wire.kinds() == ["supply_papers"]
    assert (await claim_view(database, claim_no)).claim.status is ClaimStatus.UNDER_REVIEW


async def test_a_county_check_passes_a_claim_on_and_decides_nothing(database: Database) -> None:
    await county_with(database, CHUNAN, approval=Approval.COUNTY_CHECK)
    claim_no = (await file(database, notice())).claims[0].claim_no
    assert (await work(database)).kinds() == []
    pending = await claim_view(database, claim_no)
    assert pending.claim.status is ClaimStatus.PENDING_APPROVAL
    assert pending.claim.due_on is not None
    async with database.transaction(COUNTY) as tx:
        with pytest.raises(Forbidden):
            await propose_decision(
                tx,
                claim_no,
                pending.claim.version,
                outcome=Outcome.DECLINED,
                amount_fen=0,
                reason_zh="不行",
            )
    async with database.transaction(COUNTY) as tx:
        await approve_claim(tx, claim_no, pending.claim.version)
    assert (await work(database)).kinds() == ["refer_claim"]
    assert (await claim_view(database, claim_no)).claim.status is ClaimStatus.UNDER_REVIEW


async def test_a_check_holds_papers_back_to_where_it_came_from(database: Database) -> None:
    await county_with(database, CHUNAN, approval=Approval.COUNTY_CHECK)
    claim_no = (await file(database, notice())).claims[0].claim_no
    await work(database)
    version = (await claim_view(database, claim_no)).claim.version
    async with database.transaction(COUNTY) as tx:
        await request_evidence(
            tx, claim_no, version, (("id_card", "身份证明"),), date(2026, 12, 1), "请补"
        )
    await attach(database, claim_no[:-2], "id_card")
    assert (await claim_view(database, claim_no)).claim.status is ClaimStatus.PENDING_APPROVAL


async def test_a_funds_claim_is_decided_by_two_persons_and_rests(database: Database) -> None:
    await county_with(database, FUND)
    async with database.transaction(COUNTY) as tx:
        await allot_money(tx, f"P-{FUND}", 10_000_000, "年度预算")
    claim_no = (await file(database, notice())).claims[0].claim_no
    assert (await work(database)).kinds() == []
    pending = (await claim_view(database, claim_no)).claim
    assert pending.status is ClaimStatus.PENDING_APPROVAL
    amount = pending.assessed_fen
    assert amount
    async with database.transaction(COUNTY) as tx:
        with pytest.raises(IllegalMove):
            await confirm_decision(tx, claim_no, pending.version)
    async with database.transaction(COUNTY) as tx:
        with pytest.raises(Invalid):
            await propose_decision(
                tx, claim_no, pending.version, outcome=Outcome.NIL, amount_fen=1, reason_zh="零"
            )
    async with database.transaction(COUNTY) as tx:
        proposed = await propose_decision(
            tx, claim_no, pending.version, outcome=Outcome.FULL, amount_fen=amount, reason_zh=None
        )
    async with database.transaction(COUNTY) as tx:
        with pytest.raises(Forbidden):
            await confirm_decision(tx, claim_no, proposed.version)
    async with database.transaction(SECOND) as tx:
        with pytest.raises(VersionStale):
            await confirm_decision(tx, claim_no, pending.version)
        done = await confirm_decision(tx, claim_no, proposed.version)
    assert (done.status, done.outcome, done.decided_fen) == (
        ClaimStatus.DECIDED,
        Outcome.FULL,
        amount,
    )
