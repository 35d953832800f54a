"""The books follow the claim: incurred, payable, paid, to the fen and never changed."""

from collections import Counter
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.db.ledger import account_sums
from app.db.session import Database
from app.domain.errors import Invalid, NotFound
from app.domain.policy import Payer, Share
from app.services.policies.cancel_policy import cancel_policy
from app.services.policies.read_ledger import LedgerView, read_ledger
from app.services.policies.read_policy import read_policy
from app.services.policies.read_premium import read_premium
from app.services.policies.record_premium import Payment, record_premium
from tests.cases import (
    CHUNAN,
    claim_view,
    county_with,
    decided,
    deliver,
    file,
    notice,
    payout,
    work,
)
from tests.contracts import COUNTY, INSURER, OTHER_INSURER, SYSTEM, take_on
from tests.services.test_payouts import decided_claim, tell


async def sums(database: Database, claim_no: str) -> dict[str, int]:
    claim = (await claim_view(database, claim_no)).claim
    async with database.transaction(SYSTEM) as tx:
        found = await account_sums(tx, claim.policy_id)
    return {one.account: one.amount_fen for one in found if not one.account.startswith("premium")}


async def test_the_accounts_of_a_claim_tell_where_each_fen_is(database: Database) -> None:
    claim_no = await decided_claim(database)
    assert await sums(database, claim_no) == {"incurred": 200_000, "payable": -200_000}
    await tell(database, claim_no, "paid", settlement_no="N-1")
    paid = {"incurred": 200_000, "payable": 0, "paid": -200_000}
    assert await sums(database, claim_no) == paid
    await tell(database, claim_no, "returned", settlement_no="N-1", failure_code="account_closed")
    back = {"incurred": 200_000, "payable": -200_000, "paid": 0}
    assert await sums(database, claim_no) == back
    await tell(database, claim_no, "paid", settlement_no="N-2")
    assert await sums(database, claim_no) == paid


async def test_a_set_that_does_not_sum_to_zero_is_refused_at_commit(database: Database) -> None:
    claim_no = await decided_claim(database)
    claim = (await claim_view(database, claim_no)).claim
    with pytest.raises(DBAPIError, match="sum to zero"):
        async with database.transaction(SYSTEM) as tx:
            await tx.sql.execute(
                text(
                    "INSERT INTO ledger_entry (set_id, area_code, policy_id, claim_id, booking, "
                    "account, amount_fen, actor) VALUES (gen_random_uuid(), :area, :policy, "
                    ":claim, 'paid', 'paid', 1, 'x')"
                ),
                {"area": claim.area_code, "policy": claim.policy_id, "claim": claim.id},
            )


SHARED = (Share("demo-insurer", 3_333, lead=True), Share("rival", 6_667, lead=False))
PAYERS = (Payer("bureau", "民政", 7_001), Payer("town", "乡镇", 2_999))


async def shared_county(database: Database) -> None:
    """Two insurers and two payers whose parts never come out even; 3 people, 100.01 yuan each."""
    await take_on(database, "rival")
    await county_with(
        database,
        CHUNAN,
        people=3,
        shares=SHARED,
        payers=PAYERS,
        premium_per_person_fen=10_001,
    )


async def books(database: Database, caller: object = COUNTY, **period: date) -> LedgerView:
    async with database.transaction(caller) as tx:  # type: ignore[arg-type]
        return await read_ledger(tx, f"P-{CHUNAN}", period.get("from_on"), period.get("to_on"))


def stands(seen: LedgerView, account: str) -> Counter[str | None]:
    found: Counter[str | None] = Counter()
    for line in seen.lines:
        if line.account == account:
            found[line.insurer_code] += line.stands_fen
    return found


async def test_the_books_of_a_premium_follow_its_payers_to_the_fen(database: Database) -> None:
    await shared_county(database)
    for reference, payer, amount in (
        ("V1", "town", 5_000),
        ("V2", "town", -700),
        ("V3", "bureau", 1),
    ):
        async with database.transaction(COUNTY) as tx:
            payment = Payment(payer, amount, date(2026, 3, 1), reference)
            await record_premium(tx, f"P-{CHUNAN}", payment)
    seen = await books(database)
    async with database.transaction(COUNTY) as tx:
        premium = await read_premium(tx, f"P-{CHUNAN}")
    by_payer = {
        each.payer.code: (
            -sum(
                line.stands_fen
                for line in seen.lines
                if (line.account, line.payer) == ("premium", each.payer.code)
            ),
            sum(
                line.stands_fen
                for line in seen.lines
                if (line.account, line.payer) == ("premium_paid", each.payer.code)
            ),
        )
        for each in premium.payers
    }
    assert by_payer == {each.payer.code: (each.due_fen, each.paid_fen) for each in premium.payers}
    gap = sum(each.due_fen - each.paid_fen for each in premium.payers)
    assert stands(seen, "premium_due").total() == gap == 30_003 - 4_301
    assert sum(line.stands_fen for line in seen.lines) == 0


async def test_a_cancelled_policy_gives_premium_back_in_the_books_too(database: Database) -> None:
    await shared_county(database)
    async with database.transaction(COUNTY) as tx:
        version = (await read_policy(tx, f"P-{CHUNAN}")).policy.version
        seen = await cancel_policy(tx, f"P-{CHUNAN}", version, date(2026, 7, 1), "协商解除")
    assert -stands(await books(database), "premium").total() == seen.policy.premium_due_fen
    assert 0 < seen.policy.premium_due_fen < 30_003


async def test_co_insurers_stand_where_the_totals_put_them_whatever_the_pieces(
    database: Database,
) -> None:
    """Paid, returned and paid again in three parts: each insurer's share is that of the whole."""
    await shared_county(database)
    claim_no = (await file(database, notice())).claims[0].claim_no
    await work(database)
    await deliver(database, claim_no, "claim.decided", **decided(amount="0.05", outcome="partial"))
    for state, number in (("paid", "N-1"), ("returned", "N-1"), ("paid", "N-2")):
        told = payout("0.05", settlement_no=number, failure_code="other")
        await deliver(database, claim_no, f"payout.{state}", **told)
    await work(database)
    seen = await books(database)
    assert stands(seen, "incurred") == {"demo-insurer": 2, "rival": 3}
    assert stands(seen, "paid") == {"demo-insurer": -2, "rival": -3}
    assert stands(seen, "payable") == {"demo-insurer": 0, "rival": 0}
    for insurer in ("demo-insurer", "rival"):
        assert sum(line.stands_fen for line in seen.lines if line.insurer_code == insurer) == 0


async def test_a_period_shows_what_was_booked_in_it_and_where_that_led(database: Database) -> None:
    await shared_county(database)
    late = date(2099, 1, 1)
    before, after = (
        await books(database, to_on=date(2020, 1, 1)),
        await books(database, from_on=late),
    )
    assert before.lines == ()
    assert {line.debit_fen + line.credit_fen for line in after.lines} == {0}
    assert stands(after, "premium").total() == -30_003
    with pytest.raises(Invalid):
        await books(database, from_on=late, to_on=date(2020, 1, 1))


async def test_an_insurer_reads_its_own_share_of_its_own_policies(database: Database) -> None:
    await shared_county(database)
    seen = await books(database, INSURER)
    assert {line.insurer_code for line in seen.lines} == {"demo-insurer"}
    with pytest.raises(NotFound):
        await books(database, OTHER_INSURER)
