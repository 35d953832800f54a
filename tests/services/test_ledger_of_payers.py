"""Payers beside us: later changes, opening balances, exclusive schemes, mistaken identity."""

import asyncio

import pytest
from sqlalchemy import text

from app.db.assessments import latest_assessments
from app.db.session import Database
from app.domain.errors import Invalid
from app.domain.lifecycle import ClaimStatus
from app.domain.notice import PersonRef
from app.services.claims.read_claim import read_timeline
from app.services.notices.record_payer import record_payer
from app.services.policies.bring_in_usage import OpeningUsage, bring_in_usage
from tests.cases import (
    CHUNAN,
    JIKUNBAO,
    claim_view,
    county_with,
    decided,
    deliver,
    draft,
    file,
    notice,
    submit,
    work,
)
from tests.contracts import COUNTY, SYSTEM, TOWNSHIP
from tests.people import id_number
from tests.services.test_coordination import big_bill, used

CAP = "big_illness.year"


async def test_a_payer_who_pays_later_lowers_what_is_left_for_claims_still_here(
    database: Database,
) -> None:
    await county_with(database, CHUNAN, JIKUNBAO)
    filed = await file(database, notice(bills=(big_bill(),)))
    await work(database)
    second = filed.claims[1].claim_no
    assert (await claim_view(database, second)).claim.assessed_fen == 700_000
    async with database.transaction(TOWNSHIP) as tx:
        await record_payer(tx, filed.notice.notice_no, "bill-1", "charity", 1_900_000)
    await work(database)
    assert (await claim_view(database, second)).claim.assessed_fen == 100_000
    first = (await claim_view(database, filed.claims[0].claim_no)).claim
    assert first.assessed_fen == 500_000  # its insurer has it: told as a difference at most


async def test_a_later_change_of_a_referred_claim_is_a_difference_and_never_clawed_back(
    database: Database,
) -> None:
    await county_with(database, JIKUNBAO)
    filed = await file(database, notice(bills=(big_bill(),)))
    claim_no = filed.claims[0].claim_no
    await work(database)
    await deliver(database, claim_no, "claim.decided", **decided(amount="7000.00"))
    await work(database)
    async with database.transaction(TOWNSHIP) as tx:
        await record_payer(tx, filed.notice.notice_no, "bill-1", "charity", 2_000_000)
    await work(database)
    view = await claim_view(database, claim_no)
    assert (view.claim.status, view.claim.decided_fen) == (ClaimStatus.PAYING, 700_000)
    async with database.transaction(COUNTY) as tx:
        events = await read_timeline(tx, claim_no)
        latest = (await latest_assessments(tx, [view.claim.id]))[view.claim.id]
    told = [event for event in events if event.type == "claim.difference"]
    assert [event.detail["difference_fen"] for event in told] == [-200_000]
    assert (latest.seq, latest.amount_fen) == (2, 500_000)
    assert await used(database, "person_year") == 700_000


@pytest.mark.parametrize(
    ("bill", "amount", "pointer"),
    [("bill-2", 100, "/bill"), ("bill-1", 2_600_000, "/bills/0")],
)
async def test_a_payer_that_cannot_be_is_refused(
    database: Database, bill: str, amount: int, pointer: str
) -> None:
    await county_with(database, CHUNAN)
    filed = await file(database, notice(bills=(big_bill(),)))
    async with database.transaction(TOWNSHIP) as tx:
        with pytest.raises(Invalid) as refused:
            await record_payer(tx, filed.notice.notice_no, bill, "charity", amount)
    assert refused.value.faults[0].pointer == pointer


async def limit_codes(database: Database) -> list[str]:
    async with database.transaction(SYSTEM) as tx:
        rows = await tx.sql.execute(text("SELECT DISTINCT code FROM usage_counter"))
        return [row.code for row in rows if "bill" not in row.code]


async def test_what_was_used_before_go_live_counts(database: Database) -> None:
    await county_with(database, JIKUNBAO)
    probe = await file(database, notice(2, bills=(big_bill("S-probe"),)))
    await work(database)
    (code,) = await limit_codes(database)
    before = [OpeningUsage(code, 14_800_000, id_number=id_number(1))]
    async with database.transaction(COUNTY) as tx:
        assert await bring_in_usage(tx, f"P-{JIKUNBAO}", before, "旧系统导出") == 1
    async with database.transaction(COUNTY) as tx:
        with pytest.raises(Invalid):
            await bring_in_usage(tx, f"P-{JIKUNBAO}", before, "再次导入")
    filed = await file(database, notice(bills=(big_bill(),)))
    await work(database)
    assert (await claim_view(database, filed.claims[0].claim_no)).claim.assessed_fen == 200_000
    assert (await claim_view(database, probe.claims[0].claim_no)).claim.assessed_fen == 700_000
    assert await used(database, "person_year") == 15_000_000 + 700_000


async def test_the_same_balance_brought_in_twice_at_once_counts_once(
    fresh_database: Database,
) -> None:
    await county_with(fresh_database, JIKUNBAO)
    line = OpeningUsage(CAP, 100, id_number=id_number(1))

    async def bring() -> bool:
        try:
            async with fresh_database.transaction(COUNTY) as tx:
                await bring_in_usage(tx, f"P-{JIKUNBAO}", [line], "旧系统导出")
        except Invalid:
            return False
        return True

    done = await asyncio.gather(*(bring() for _ in range(4)))
    assert sorted(done) == [False, False, False, True]
    assert await used(fresh_database, "person_year") == 100


@pytest.mark.parametrize(
    ("line", "pointer"),
    [
        (OpeningUsage("nothing.year", 1, id_number=id_number(1)), "/usage/0/limit"),
        (OpeningUsage(CAP, 0, id_number=id_number(1)), "/usage/0/used"),
        (OpeningUsage(CAP, 1, id_number=id_number(99)), "/usage/0/person"),
    ],
)
async def test_an_opening_balance_that_cannot_be_is_refused(
    database: Database, line: OpeningUsage, pointer: str
) -> None:
    await county_with(database, JIKUNBAO)
    async with database.transaction(COUNTY) as tx:
        with pytest.raises(Invalid) as refused:
            await bring_in_usage(tx, f"P-{JIKUNBAO}", [line], "旧系统")
    assert pointer in [fault.pointer for fault in refused.value.faults]


async def test_of_exclusive_schemes_only_the_first_payer_opens_a_claim(database: Database) -> None:
    await county_with(database, CHUNAN, JIKUNBAO, exclusive_group="补充医疗")
    filed = await file(database, notice(bills=(big_bill(),)))
    assert [claim.scheme_code for claim in filed.claims] == [CHUNAN]
    assert [remark["code"] for remark in filed.notice.coverage] == ["coverage.exclusive"]


async def test_anothers_name_beside_a_number_is_refused(database: Database) -> None:
    await county_with(database, CHUNAN)
    other = notice(1, person=PersonRef(id_number=id_number(1), name="王另一"))
    number = await draft(database, other, "settlement")
    with pytest.raises(Invalid) as refused:
        await submit(database, number)
    assert [fault.pointer for fault in refused.value.faults] == ["/person/name"]


async def test_races_over_one_bill_never_hold_more_than_is_left(fresh_database: Database) -> None:
    await county_with(fresh_database, CHUNAN, JIKUNBAO)
    filed = await file(fresh_database, notice(bills=(big_bill(),)))

    async def pay(amount: int) -> None:
        async with fresh_database.transaction(TOWNSHIP) as tx:
            await record_payer(tx, filed.notice.notice_no, "bill-1", f"payer-{amount}", amount)

    await asyncio.gather(*(pay(amount) for amount in (100, 200, 300)), work(fresh_database))
    await work(fresh_database)
    claims = [(await claim_view(fresh_database, c.claim_no)).claim for c in filed.claims]
    assert sum(claim.assessed_fen or 0 for claim in claims) <= 2_500_000
    assert await used(fresh_database, "bill") == sum(claim.assessed_fen or 0 for claim in claims)
