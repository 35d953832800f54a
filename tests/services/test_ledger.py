"""The books follow the claim: incurred, payable, paid, to the fen and never changed."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.db.ledger import account_sums
from app.db.session import Database
from tests.cases import claim_view
from tests.contracts import SYSTEM
from tests.services.test_payouts import decided_claim, tell


async def sums(database: Database, claim_no: str) -> dict[str, int]:
    claim = (await claim_view(database, claim_no)).claim
    async with database.transaction(SYSTEM) as tx:
        found = await account_sums(tx, claim.policy_id)
    return {one.account: one.amount_fen for one in found}


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
