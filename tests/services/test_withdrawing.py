"""One claim of a notice withdrawn: its limits are free, its insurer is told, the others go on."""

import asyncio

import pytest

from app.db.invariants import INVARIANTS, check
from app.db.session import Database
from app.domain.errors import IllegalMove, VersionStale
from app.domain.lifecycle import ClaimStatus, NoticeStatus
from app.domain.limits import Scope
from app.domain.policy import Approval
from app.services.claims.approve_claim import approve_claim
from app.services.claims.reopen_claim import reopen_claim
from app.services.claims.withdraw_claim import withdraw_claim
from app.services.notices.read_notice import read_notice
from app.services.notices.withdraw_notice import withdraw_notice
from tests.cases import (
    CHUNAN,
    HUAINAN,
    Wire,
    claim_view,
    county_with,
    decided,
    deliver,
    file,
    notice,
    payout,
    stay,
    work,
)
from tests.contracts import COUNTY, SYSTEM, TOWNSHIP
from tests.limits import amounts_of, ceiling, county_under, of_bills, paying, used


async def withdraw(database: Database, claim_no: str) -> None:
    version = (await claim_view(database, claim_no)).claim.version
    async with database.transaction(TOWNSHIP) as tx:
        await withdraw_claim(tx, claim_no, version, "重复")


async def status_of(database: Database, claim_no: str) -> ClaimStatus:
    return (await claim_view(database, claim_no)).claim.status


async def notice_status(database: Database, claim_no: str) -> NoticeStatus:
    async with database.transaction(TOWNSHIP) as tx:
        return (await read_notice(tx, claim_no.rpartition("-")[0])).notice.status


async def two_payers(database: Database) -> tuple[list[str], Wire]:
    """A bill of 1,000 yuan under two policies: 60 % by the first, the rest by the second."""
    await county_under(database, paying(60, ceiling(5_000)), paying(100))
    filed = await file(database, of_bills("A", 1_000))
    wire = await work(database)
    return [claim.claim_no for claim in filed.claims], wire


async def test_what_it_held_is_free_and_the_payers_after_it_are_assessed_again(
    database: Database,
) -> None:
    (first, second), wire = await two_payers(database)
    assert await amounts_of(database, [first, second]) == [60_000, 40_000]
    await withdraw(database, first)
    assert await used(database, Scope.PERSON_YEAR) == []
    await work(database, wire)
    assert await amounts_of(database, [second]) == [100_000]
    assert await status_of(database, first) is ClaimStatus.WITHDRAWN
    assert await notice_status(database, first) is NoticeStatus.SUBMITTED


async def test_the_insurer_that_has_it_is_told(database: Database) -> None:
    (first, _), wire = await two_payers(database)
    assert wire.kinds() == ["refer_claim"]
    await withdraw(database, first)
    await work(database, wire)
    assert sorted(map(str, wire.kinds())) == ["refer_claim", "refer_claim", "withdraw_claim"]
    told = next(one.content for one in wire.sent if one.content["kind"] == "withdraw_claim")
    assert (told["claim_no"], told["reason_zh"]) == (first, "重复")


async def test_a_claim_that_was_never_referred_is_no_insurers_matter(database: Database) -> None:
    (_, second), wire = await two_payers(database)
    await withdraw(database, second)
    await work(database, wire)
    assert wire.kinds() == ["refer_claim"]


async def test_the_notice_closes_with_its_last_claim(database: Database) -> None:
    await county_with(database, CHUNAN, HUAINAN)
    filed = await file(database, notice(stays=(stay(10),)), "discharge_record")
    first, second = (claim.claim_no for claim in filed.claims)
    await work(database)
    await deliver(database, first, "claim.decided", **decided("declined", "0.00", reason_zh="无"))
    await work(database)
    assert await notice_status(database, first) is NoticeStatus.SUBMITTED
    await withdraw(database, second)
    assert await notice_status(database, first) is NoticeStatus.CLOSED


async def test_when_all_are_withdrawn_the_settlement_may_be_filed_again(
    database: Database,
) -> None:
    claims, wire = await two_payers(database)
    for claim_no in claims:
        await withdraw(database, claim_no)
    await work(database, wire)
    assert await notice_status(database, claims[0]) is NoticeStatus.CLOSED
    again = await file(database, of_bills("A", 1_000))
    assert len(again.claims) == 2


async def test_a_decided_claim_is_not_withdrawn_nor_twice(database: Database) -> None:
    (first, second), wire = await two_payers(database)
    await deliver(database, first, "claim.decided", **decided(amount="600.00"))
    await work(database, wire)
    with pytest.raises(IllegalMove):
        await withdraw(database, first)
    await withdraw(database, second)
    with pytest.raises(IllegalMove):
        await withdraw(database, second)


async def test_a_claim_that_was_decided_before_it_was_reopened_is_not_withdrawn(
    database: Database,
) -> None:
    await county_under(database, paying(60, ceiling(5_000)))
    claim_no = (await file(database, of_bills("A", 1_000))).claims[0].claim_no
    await work(database)
    await deliver(database, claim_no, "claim.decided", **decided(amount="600.00"))
    for type_ in ("payout.sent", "payout.paid"):
        more = {"settlement_no": "S-1", "paid_on": "2026-06-20"} if type_ == "payout.paid" else {}
        await deliver(database, claim_no, type_, **payout("600.00", **more))
    await work(database)
    version = (await claim_view(database, claim_no)).claim.version
    async with database.transaction(COUNTY) as tx:
        await reopen_claim(tx, claim_no, version, "申诉成立")
    with pytest.raises(IllegalMove):
        await withdraw(database, claim_no)
    with pytest.raises(IllegalMove):
        async with database.transaction(TOWNSHIP) as tx:
            await withdraw_notice(tx, claim_no.rpartition("-")[0], "填错")
    assert await used(database, Scope.PERSON_YEAR) == [60_000]


async def test_f57_an_approval_and_a_withdrawal_at_once_do_not_both_pass(
    fresh_database: Database,
) -> None:
    await county_with(fresh_database, CHUNAN, approval=Approval.COUNTY_CHECK)
    claim_no = (await file(fresh_database, notice())).claims[0].claim_no
    await work(fresh_database)
    version = (await claim_view(fresh_database, claim_no)).claim.version

    async def approving() -> None:
        async with fresh_database.transaction(COUNTY) as tx:
            await approve_claim(tx, claim_no, version)

    async def withdrawing() -> None:
        async with fresh_database.transaction(TOWNSHIP) as tx:
            await withdraw_claim(tx, claim_no, version, "填错")

    told = await asyncio.gather(approving(), withdrawing(), return_exceptions=True)
    assert [type(one) for one in told if one is not None] == [VersionStale]
    async with fresh_database.transaction(SYSTEM) as tx:
        found = [await check(tx, one) for one in INVARIANTS]
    assert [one for one in found if one.broken] == []


async def test_f54_withdrawals_of_several_claims_and_assessments_never_wait_for_each_other(
    fresh_database: Database,
) -> None:
    life = [ceiling(9_000, scope) for scope in (Scope.POLICY_YEAR, Scope.PERSON_YEAR)]
    await county_under(fresh_database, paying(60, *life), paying(100, *life))
    filed = [await file(fresh_database, of_bills(f"S{n}", 1_000)) for n in range(6)]
    await work(fresh_database)

    async def withdrawing(number: str) -> None:
        async with fresh_database.transaction(TOWNSHIP) as tx:
            await withdraw_notice(tx, number, "填错")

    async def filing(name: str) -> None:
        await file(fresh_database, of_bills(name, 1_000))
        await work(fresh_database)

    await asyncio.gather(
        *(withdrawing(one.notice.notice_no) for one in filed),
        *(filing(f"L{n}") for n in range(3)),
    )
    assert sum(await used(fresh_database, Scope.BILL)) == 300_000
