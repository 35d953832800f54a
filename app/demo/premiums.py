"""The premium of the county's policies: each payer has paid its part when the roster was full."""

from collections.abc import Sequence
from datetime import timedelta

from app.db.session import Database
from app.demo.contracts import Contract
from app.domain.caller import Caller
from app.services.policies.read_premium import read_premium
from app.services.policies.record_premium import Payment, record_premium

PAID_AFTER = timedelta(days=15)


async def pay(database: Database, county: Caller, contracts: Sequence[Contract]) -> None:
    """Book what each payer owes, once; what an earlier run booked is not repeated."""
    for contract in contracts:
        number = contract.policy.policy_no
        paid_on = contract.policy.period_from + PAID_AFTER
        async with database.transaction(county) as tx:
            for each in (await read_premium(tx, number)).payers:
                owed = each.due_fen - each.paid_fen
                if owed > 0 and each.paid_fen == 0:
                    reference = f"{number}-{each.payer.code}"
                    await record_premium(
                        tx, number, Payment(each.payer.code, owed, paid_on, reference)
                    )
