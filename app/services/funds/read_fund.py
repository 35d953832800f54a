"""Read a fund's balance."""

from app.db.funds import Balance, read_balance
from app.db.session import Tx
from app.services.funds.allot_money import fund


async def read_fund(tx: Tx, policy_no: str) -> Balance:
    """Give what was allotted, committed and spent. Raises NotFound, Invalid for no fund."""
    return await read_balance(tx, (await fund(tx, policy_no)).id)
