"""Funds that the bureau pays itself: delegations, balance, urgent payment."""

import asyncio
from datetime import date

import pytest

from app.db.claims import ClaimRow
from app.db.session import Database
from app.domain.errors import (
    EvidenceMissing,
    Forbidden,
    FundExhausted,
    Invalid,
    OutOfArea,
    OverDelegation,
    VersionStale,
)
from app.domain.lifecycle import ClaimStatus, Outcome
from app.services.claims.approve_claim import approve_claim, reject_claim
from app.services.claims.decide_fund_claim import confirm_decision, propose_decision
from app.services.delegations.change_delegation import change_delegation
from app.services.delegations.grant_delegation import NewDelegation, grant_delegation
from app.services.funds.allot_money import allot_money
from app.services.funds.read_fund import read_fund
from tests.cases import (
    CHUNAN,
    FUND,
    attach,
    bill,
    claim_view,
    county_with,
    draft,
    file,
    notice,
    submit,
    work,
)
from tests.contracts import COUNTY, OTHER_COUNTY, TOWN, TOWNSHIP
from tests.services.test_decisions import SECOND

POLICY = f"P-{FUND}"
PAPERS = ("id_card", "itemised_list", "discharge_record")


async def fund(database: Database, allotted: int = 100_000_000) -> None:
    await county_with(database, FUND)
    async with database.transaction(COUNTY) as tx:
        await allot_money(tx, POLICY, allotted, "年度预算")


async def delegate(database: Database, most: int) -> None:
    async with database.transaction(COUNTY) as tx:
        await grant_delegation(
            tx, NewDelegation(POLICY, TOWN, most, date(2026, 1, 1), date(2099, 12, 31))
        )


async def pending(database: Database, sequence: int = 1, *papers: str) -> ClaimRow:
    filed = await file(database, notice(sequence), *papers)
    await work(database)
    claim = (await claim_view(database, filed.claims[0].claim_no)).claim
    assert claim.status is ClaimStatus.PENDING_APPROVAL
    assert claim.assessed_fen
    return claim


async def test_a_township_approves_alone_within_its_delegation(database: Database) -> None:
    await fund(database)
    claim = await pending(database, 1, *PAPERS)
    assert claim.assessed_fen
    async with database.transaction(TOWNSHIP) as tx:
        with pytest.raises(OverDelegation) as refused:
            await approve_claim(tx, claim.claim_no, claim.version)
    assert refused.value.limit_fen == 0
    await delegate(database, claim.assessed_fen - 1)
    async with database.transaction(TOWNSHIP) as tx:
        with pytest.raises(OverDelegation) as refused:
            await approve_claim(tx, claim.claim_no, claim.version)
    assert refused.value.limit_fen == claim.assessed_fen - 1
    await delegate(database, claim.assessed_fen)
    async with database.transaction(COUNTY) as tx:
        with pytest.raises(OverDelegation):  # delegated to the township, not to the county
            await approve_claim(tx, claim.claim_no, claim.version)
    async with database.transaction(TOWNSHIP) as tx:
        decided = await approve_claim(tx, claim.claim_no, claim.version)
    assert (decided.status, decided.outcome) == (ClaimStatus.DECIDED, Outcome.FULL)
    async with database.transaction(COUNTY) as tx:
        balance = await read_fund(tx, POLICY)
    assert balance.committed_fen == claim.assessed_fen
    assert balance.left_fen == 100_000_000 - claim.assessed_fen


async def test_papers_for_payment_are_needed_unless_it_is_urgent(database: Database) -> None:
    await fund(database)
    await delegate(database, 10_000_000)
    claim = await pending(database)
    async with database.transaction(TOWNSHIP) as tx:
        with pytest.raises(EvidenceMissing):
            await approve_claim(tx, claim.claim_no, claim.version)
    async with database.transaction(TOWNSHIP) as tx:
        urgent = await approve_claim(tx, claim.claim_no, claim.version, date(2026, 12, 20))
    assert urgent.status is ClaimStatus.DECIDED
    assert urgent.due_on == date(2026, 12, 20)
    assert [paper["code"] for paper in urgent.papers_asked]


async def test_a_township_declines_with_a_reason_within_its_delegation(database: Database) -> None:
    await fund(database)
    await delegate(database, 10_000_000)
    claim = await pending(database)
    async with database.transaction(TOWNSHIP) as tx:
        done = await reject_claim(tx, claim.claim_no, claim.version, "不符合条件")
    assert (done.status, done.outcome) == (ClaimStatus.CLOSED, Outcome.DECLINED)


async def test_a_revoked_delegation_allows_nothing(database: Database) -> None:
    await fund(database)
    claim = await pending(database, 1, *PAPERS)
    async with database.transaction(COUNTY) as tx:
        granted = await grant_delegation(
            tx, NewDelegation(POLICY, TOWN, 10_000_000, date(2026, 1, 1), date(2099, 1, 1))
        )
        more = {"max_amount_fen": 10_000_000, "valid_to": date(2099, 1, 1), "sample_bp": 0}
        with pytest.raises(VersionStale):
            await change_delegation(tx, granted.id, 9, revoked=True, **more)  # type: ignore[arg-type]
        await change_delegation(tx, granted.id, 1, revoked=True, **more)  # type: ignore[arg-type]
    async with database.transaction(TOWNSHIP) as tx:
        with pytest.raises(OverDelegation):
            await approve_claim(tx, claim.claim_no, claim.version)


async def test_an_insured_claim_is_nobodys_to_decline_here(database: Database) -> None:
    await county_with(database, CHUNAN)
    claim_no = (await file(database, notice())).claims[0].claim_no
    async with database.transaction(COUNTY) as tx:
        with pytest.raises(Forbidden):
            await reject_claim(tx, claim_no, 1, "不行")


async def test_what_a_fund_has_not_cannot_be_decided(database: Database) -> None:
    await fund(database, allotted=100)
    claim = await pending(database)
    assert claim.assessed_fen
    async with database.transaction(COUNTY) as tx:
        proposed = await propose_decision(
            tx,
            claim.claim_no,
            claim.version,
            outcome=Outcome.FULL,
            amount_fen=claim.assessed_fen,
            reason_zh=None,
        )
    async with database.transaction(SECOND) as tx:
        with pytest.raises(FundExhausted) as refused:
            await confirm_decision(tx, claim.claim_no, proposed.version)
    assert refused.value.left_fen == 100
    assert (await claim_view(database, claim.claim_no)).claim.status is ClaimStatus.PENDING_APPROVAL


async def test_money_is_allotted_to_funds_of_the_own_area_only(database: Database) -> None:
    await county_with(database, CHUNAN, FUND)
    async with database.transaction(COUNTY) as tx:
        with pytest.raises(Invalid):
            await allot_money(tx, f"P-{CHUNAN}", 1, "不是基金")
        with pytest.raises(Invalid):
            await allot_money(tx, POLICY, 0, "零")
        with pytest.raises(FundExhausted):
            await allot_money(tx, POLICY, -1, "收回")
        far = NewDelegation(POLICY, OTHER_COUNTY.area_lo, 1, date(2026, 1, 1), date(2026, 2, 1))
        with pytest.raises(OutOfArea):
            await grant_delegation(tx, far)
    async with database.transaction(TOWNSHIP) as tx:
        with pytest.raises(OutOfArea):
            await allot_money(tx, POLICY, 100, "越权")


async def test_two_decisions_at_once_never_commit_more_than_the_fund_has(
    fresh_database: Database,
) -> None:
    await fund(fresh_database)
    await delegate(fresh_database, 10_000_000)
    claims = []
    for n in range(4):
        number = await draft(
            fresh_database, notice(1 + n % 2, bills=(bill(f"S-{n}"),)), "settlement", *PAPERS
        )
        await submit(fresh_database, number)
        await work(fresh_database)
        claims.append((await claim_view(fresh_database, f"{number}-1")).claim)
    amount = claims[0].assessed_fen
    assert amount
    async with fresh_database.transaction(COUNTY) as tx:
        left = (await read_fund(tx, POLICY)).left_fen
        await allot_money(tx, POLICY, 2 * amount - left, "只够两笔")

    async def approve(claim: ClaimRow) -> bool:
        try:
            async with fresh_database.transaction(TOWNSHIP) as tx:
                await approve_claim(tx, claim.claim_no, claim.version)
        except FundExhausted:
            return False
        return True

    done = await asyncio.gather(*(approve(claim) for claim in claims))
    assert sorted(done) == [False, False, True, True]
    await attach(fresh_database, claims[0].notice_no, "other")
    async with fresh_database.transaction(COUNTY) as tx:
        assert (await read_fund(tx, POLICY)).left_fen == 0
