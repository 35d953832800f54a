"""Tell the books of a policy over a period: every account, by insurer's share and by payer."""

from dataclasses import dataclass
from datetime import date

from app.db.ledger import AccountLine, account_lines
from app.db.policies import PolicyRow, read_policy
from app.db.session import Tx
from app.domain.errors import Fault, Invalid


@dataclass(frozen=True, slots=True)
class LedgerView:
    """A policy's accounts; days of Asia/Shanghai, inclusive, None where the period is open.

    What stands on all of them together is always nothing.
    """

    policy: PolicyRow
    from_on: date | None
    to_on: date | None
    lines: tuple[AccountLine, ...]


async def read_ledger(
    tx: Tx, policy_no: str, from_on: date | None, to_on: date | None
) -> LedgerView:
    """Give the accounts of a policy that the caller may see. Raises NotFound, Invalid.

    An officer sees the entries of the own area, an insurer its own share.
    """
    if from_on is not None and to_on is not None and from_on > to_on:
        raise Invalid(
            Fault("/to_on", "validation.failed", "止期早于起期", "the period ends before it begins")
        )
    policy = await read_policy(tx, policy_no)
    lines = await account_lines(tx, policy.id, from_on, to_on)
    return LedgerView(policy, from_on, to_on, tuple(lines))
