"""A fund's money through the bank: control totals, failures corrected and sent again."""

from dataclasses import replace

import pytest

from app.db.batches import BatchRow
from app.db.payouts import payouts_of
from app.db.session import Database
from app.domain.bank_file import Result, Totals
from app.domain.errors import IllegalMove, Invalid, OutOfArea
from app.domain.lifecycle import ClaimStatus, PayoutStatus
from app.services.batches.export_batch import export_batch
from app.services.batches.make_batch import make_batch
from app.services.batches.settle_batch import settle_batch
from app.services.claims.approve_claim import approve_claim
from app.services.funds.read_fund import read_fund
from app.services.payouts.correct_account import correct_account
from tests.cases import claim_view
from tests.contracts import COUNTY, TOWNSHIP
from tests.services.test_funds import PAPERS, POLICY, delegate, fund, pending


async def decided(database: Database, people: int = 2) -> list[str]:
    await fund(database)
    await delegate(database, 10_000_000)
    numbers = []
    for n in range(1, people + 1):
        claim = await pending(database, n, *PAPERS)
        async with database.transaction(TOWNSHIP) as tx:
            numbers.append((await approve_claim(tx, claim.claim_no, claim.version)).claim_no)
    return numbers


async def handed_over(database: Database) -> BatchRow:
    async with database.transaction(COUNTY) as tx:
        batch = await make_batch(tx, POLICY)
    async with database.transaction(COUNTY) as tx:
        return (await export_batch(tx, batch.batch_no))[0]


def paid(batch: BatchRow, place: int, amount: int) -> Result:
    return Result(f"{batch.batch_no}-{place:04d}", "paid", amount, f"BANK-{place}", None, None)


def totals(*results: Result) -> Totals:
    good = [one.amount_fen for one in results if one.state == "paid"]
    bad = [one.amount_fen for one in results if one.state == "failed"]
    return Totals(len(good), sum(good), len(bad), sum(bad))


async def test_a_batch_pays_a_funds_claims_to_the_fen(database: Database) -> None:
    claims = await decided(database)
    amount = (await claim_view(database, claims[0])).claim.decided_fen
    assert amount
    async with database.transaction(TOWNSHIP) as tx:
        with pytest.raises(OutOfArea):
            await make_batch(tx, POLICY)
    async with database.transaction(COUNTY) as tx:
        batch = await make_batch(tx, POLICY)
        assert (batch.count, batch.total_fen) == (2, 2 * amount)
        with pytest.raises(Invalid):  # nothing is left that is due
            await make_batch(tx, POLICY)
        exported, text = await export_batch(tx, batch.batch_no)
        again, same = await export_batch(tx, batch.batch_no)
    assert (text, exported.sha256) == (same, again.sha256)
    lines = text.split("\r\n")
    assert lines[0].startswith(f"批次号,{batch.batch_no},笔数,2,总金额(元),")
    assert "6200000000001234" in lines[2]
    results = [paid(batch, 1, amount), paid(batch, 2, amount)]
    async with database.transaction(COUNTY) as tx:
        settled = await settle_batch(tx, batch.batch_no, results, totals(*results))
        balance = await read_fund(tx, POLICY)
    assert settled.status == "settled"
    assert (balance.committed_fen, balance.spent_fen) == (0, 2 * amount)
    for number in claims:
        claim = (await claim_view(database, number)).claim
        assert (claim.status, claim.paid_fen) == (ClaimStatus.CLOSED, amount)
    async with database.transaction(COUNTY) as tx:
        with pytest.raises(Invalid):
            await settle_batch(tx, batch.batch_no, results, totals(*results))


async def test_wrong_totals_take_not_a_single_line(database: Database) -> None:
    claims = await decided(database)
    amount = (await claim_view(database, claims[0])).claim.decided_fen or 0
    batch = await handed_over(database)
    good = [paid(batch, 1, amount), paid(batch, 2, amount)]
    wrong = [
        (good, replace(totals(*good), paid_fen=1), "/totals"),
        (good[:1], totals(*good[:1]), "/results/1"),
        ([good[0], replace(good[1], reference="X-1")], totals(*good), "/results/1"),
        ([good[0], replace(good[1], amount_fen=amount + 1)], None, "/results/1"),
        ([good[0], good[0]], totals(good[0], good[0]), "/results/1"),
        ([good[0], replace(good[1], settlement_no=None)], totals(*good), "/results/1"),
        ([good[0], replace(good[1], settlement_no="BANK-1")], totals(*good), "/results/1"),
    ]
    for results, stated, pointer in wrong:
        with pytest.raises(Invalid) as refused:
            async with database.transaction(COUNTY) as tx:
                await settle_batch(tx, batch.batch_no, results, stated or totals(*results))
        assert refused.value.faults[0].pointer == pointer
    assert {(await claim_view(database, n)).claim.paid_fen for n in claims} == {0}


async def test_a_failed_transfer_is_corrected_and_goes_with_the_next_batch(
    database: Database,
) -> None:
    (number,) = await decided(database, people=1)
    amount = (await claim_view(database, number)).claim.decided_fen or 0
    batch = await handed_over(database)
    failed = Result(
        f"{batch.batch_no}-0001", "failed", amount, None, "account_closed", "账户已销户"
    )
    async with database.transaction(COUNTY) as tx:
        await settle_batch(tx, batch.batch_no, [failed], totals(failed))
    view = await claim_view(database, number)
    assert view.payouts[0].status is PayoutStatus.FAILED
    account = ("张试1", "6200000000009999", "示范农商行")
    for caller in (TOWNSHIP, COUNTY):
        async with database.transaction(caller) as tx:
            await correct_account(tx, view.payouts[0].id, *account)
    second = await handed_over(database)
    assert second.batch_no != batch.batch_no
    result = paid(second, 1, amount)
    async with database.transaction(COUNTY) as tx:
        await settle_batch(tx, second.batch_no, [result], totals(result))
        payouts = await payouts_of(tx, [view.claim.id])
    assert [one.status for one in payouts] == [PayoutStatus.PAID]
    assert (await claim_view(database, number)).claim.status is ClaimStatus.CLOSED


async def test_a_batch_is_answered_only_after_it_was_handed_over(database: Database) -> None:
    (number,) = await decided(database, people=1)
    amount = (await claim_view(database, number)).claim.decided_fen or 0
    async with database.transaction(COUNTY) as tx:
        batch = await make_batch(tx, POLICY)
    result = paid(batch, 1, amount)
    with pytest.raises(IllegalMove):
        async with database.transaction(COUNTY) as tx:
            await settle_batch(tx, batch.batch_no, [result], totals(result))
