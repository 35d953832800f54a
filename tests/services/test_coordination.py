"""Several policies for one notice, and limits that several claims share."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.db.session import Database
from app.domain.caller import Caller, Role
from app.domain.lifecycle import ClaimStatus
from app.services.claims.assess_notice import assess_notice
from app.services.notices.draft_notice import draft_notice
from app.services.notices.submit_notice import submit_notice
from app.services.notices.withdraw_notice import withdraw_notice
from tests.cases import (
    CHUNAN,
    HUAINAN,
    JIKUNBAO,
    SETTLEMENT,
    Wire,
    attach,
    bill,
    claim_view,
    county_with,
    decided,
    deliver,
    draft,
    file,
    notice,
    stay,
    submit,
    work,
)
from tests.contracts import COUNTY, OTHER_TOWN, SYSTEM, TOWNSHIP


async def used(database: Database, scope: str) -> int:
    async with database.transaction(SYSTEM) as tx:
        counter = await tx.sql.execute(
            text("SELECT coalesce(sum(used), 0) FROM usage_counter WHERE scope = :scope"),
            {"scope": scope},
        )
        ledger = await tx.sql.execute(
            text("SELECT coalesce(sum(units), 0) FROM usage_entry WHERE scope = :scope"),
            {"scope": scope},
        )
        units, entries = int(counter.scalar_one()), int(ledger.scalar_one())
    assert units == entries, "counters follow from the entries"
    return units


async def test_a_fixed_sum_and_an_indemnity_are_referred_at_once(database: Database) -> None:
    await county_with(database, CHUNAN, HUAINAN)
    await file(database, notice(stays=(stay(10),)), "discharge_record")
    wire = await work(database)
    assert sorted(str(one.content["claim_no"])[-2:] for one in wire.sent) == ["-1", "-2"]


async def test_the_second_indemnity_waits_for_the_first_and_pays_from_what_is_left(
    database: Database,
) -> None:
    await county_with(database, CHUNAN, JIKUNBAO)
    filed = await file(database, notice(bills=(big_bill(),)))
    first, second = (claim.claim_no for claim in filed.claims)
    wire = await work(database)
    assert [one.content["claim_no"] for one in wire.sent] == [first]
    waiting = await claim_view(database, second)
    assert waiting.claim.waits_for == first
    assert waiting.sentence_zh == f"已收到报案，等待先行赔付的 {first} 定论后送审"

    await deliver(database, first, "claim.decided", **decided(amount="5000.00"))
    wire = await work(database)
    assert [one.content["claim_no"] for one in wire.sent] == [second]
    left = 2_500_000 - 500_000
    assert (await claim_view(database, second)).claim.assessed_fen == 700_000
    assert await used(database, "bill") == 500_000 + 700_000 <= left + 500_000


def big_bill(settlement_id: str = "S-big") -> object:
    """50,000 yuan, 25,000 of them the person's own."""
    amounts = {
        **SETTLEMENT,
        "fulamt_ownpay_amt": 1_500_000,
        "preselfpay_amt": 500_000,
        "inscp_scp_amt": 3_000_000,
        "fund_pay_sumamt": 2_500_000,
        "psn_part_amt": 2_500_000,
        "psn_cash_pay": 2_500_000,
    }
    return bill(settlement_id, amounts=amounts)


async def test_waiting_ends_after_the_policys_waiting_days(database: Database) -> None:
    await county_with(database, CHUNAN, JIKUNBAO, waiting_days=3)
    filed = await file(database, notice(bills=(big_bill(),)))
    await work(database)
    async with database.transaction(SYSTEM) as tx:
        await tx.sql.execute(
            text("UPDATE notice SET submitted_at = submitted_at - CAST(:days AS interval)"),
            {"days": timedelta(days=4)},
        )
        await assess_notice(tx, filed.notice.notice_no)
    wire = await work(database)
    assert [one.content["claim_no"] for one in wire.sent] == [filed.claims[1].claim_no]


async def test_assessing_again_changes_nothing_and_holds_nothing_twice(database: Database) -> None:
    await county_with(database, CHUNAN, JIKUNBAO)
    filed = await file(database, notice(bills=(big_bill(),)))
    await work(database)
    before = (await used(database, "bill"), await used(database, "person_year"))
    version = (await claim_view(database, filed.claims[1].claim_no)).claim.version
    for _ in range(2):
        async with database.transaction(SYSTEM) as tx:
            await assess_notice(tx, filed.notice.notice_no)
    assert (await used(database, "bill"), await used(database, "person_year")) == before
    assert (await claim_view(database, filed.claims[1].claim_no)).claim.version == version


async def test_a_decision_replaces_what_was_reserved_and_a_withdrawal_frees_it(
    database: Database,
) -> None:
    await county_with(database, JIKUNBAO)
    filed = await file(database, notice(bills=(big_bill(),)))
    await work(database)
    assert await used(database, "person_year") == 700_000
    await deliver(database, filed.claims[0].claim_no, "claim.decided", **decided("partial", "1.00"))
    await work(database)
    assert await used(database, "person_year") == 100
    other = await file(database, notice(2, bills=(big_bill("S-2"),)))
    await work(database)
    assert await used(database, "person_year") == 700_100
    async with database.transaction(TOWNSHIP) as tx:
        await withdraw_notice(tx, other.notice.notice_no, "填错")
    assert await used(database, "person_year") == 100


@pytest.mark.parametrize("workers", [1, 8])
async def test_f52_claims_that_race_for_one_limit_never_pass_it_by_a_fen(
    fresh_database: Database, workers: int
) -> None:
    """150,000 a person and year; 25 claims of 7,000 would be 175,000."""
    await county_with(fresh_database, JIKUNBAO)
    filed = [await file(fresh_database, notice(bills=(big_bill(f"S-{n}"),))) for n in range(25)]
    wire = Wire()
    await asyncio.gather(*(work(fresh_database, wire) for _ in range(workers)))
    amounts = [
        (await claim_view(fresh_database, one.claims[0].claim_no)).claim.assessed_fen
        for one in filed
    ]
    assert None not in amounts
    assert sum(amount for amount in amounts if amount) == 15_000_000
    assert await used(fresh_database, "person_year") == 15_000_000
    assert len(wire.sent) == len({one.instruction_id for one in wire.sent}) == 25


async def test_a_claim_that_comes_to_nothing_is_referred_all_the_same(database: Database) -> None:
    await county_with(database, JIKUNBAO)
    small = {**SETTLEMENT, "medfee_sumamt": 300_000, "fund_pay_sumamt": 100_000}
    small |= {"fulamt_ownpay_amt": 50_000, "preselfpay_amt": 50_000, "inscp_scp_amt": 200_000}
    small |= {"psn_part_amt": 200_000, "psn_cash_pay": 200_000}
    one = bill(total_fen=300_000, amounts=small)
    filed = await file(database, notice(bills=(one,)))
    assert (await work(database)).kinds() == ["refer_claim"]
    claim = (await claim_view(database, filed.claims[0].claim_no)).claim
    assert (claim.assessed_fen, claim.status) == (0, ClaimStatus.UNDER_REVIEW)


async def test_townships_share_a_limit_and_each_may_give_its_part_back(
    database: Database,
) -> None:
    """A machine of limits found it: the counter was the first township's own, as a row."""
    await county_with(database, JIKUNBAO)
    moved = await draft(database, notice(bills=(big_bill("S-a"),)), "settlement")
    first = await submit(database, moved)
    await work(database)
    there = Caller(Role.TOWNSHIP, OTHER_TOWN, OTHER_TOWN + 1000, "key:other-township")
    async with database.transaction(COUNTY) as tx:
        drafted = await draft_notice(tx, notice(bills=(big_bill("S-b"),)), OTHER_TOWN)
    number = drafted.notice.notice_no
    await attach(database, number, "settlement", COUNTY)
    async with database.transaction(COUNTY) as tx:
        await submit_notice(tx, number)
    await work(database)
    assert await used(database, "person_year") == 1_400_000
    async with database.transaction(there) as tx:
        await withdraw_notice(tx, number, "填错")
    assert await used(database, "person_year") == 700_000
    async with database.transaction(TOWNSHIP) as tx:
        await withdraw_notice(tx, first.notice.notice_no, "填错")
    assert await used(database, "person_year") == 0
