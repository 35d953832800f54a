"""台账: the books of a policy, by account, insurer's share and payer, over a period."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from app.api.fields import Day, Labelled, View, Yuan, labelled
from app.api.numbers import Code
from app.api.reading import Reading, Reads
from app.db.ledger import AccountLine
from app.domain.caller import Act
from app.domain.ledger import ACCOUNT_ZH, Account
from app.domain.money import yuan
from app.services.policies.read_ledger import LedgerView as Seen
from app.services.policies.read_ledger import read_ledger as find_ledger

router = APIRouter(tags=["contracts"])

Looking = Annotated[Reading, Depends(Reads(Act.READ_CONTRACTS))]


class Period(BaseModel):
    """Days of Asia/Shanghai, both inclusive; left out: open."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    from_on: Day | None = None
    to_on: Day | None = None


class AccountShown(View):
    """One account of one insurer's share (null: the fund) and, for premium, of one payer.

    `debit` and `credit` were booked in the period; `balance` stands at its end, credits negative.
    """

    account: Labelled
    insurer: str | None
    payer: str | None
    debit: Yuan
    credit: Yuan
    balance: Yuan


class TotalShown(View):
    """An account over all insurers and payers."""

    account: Labelled
    debit: Yuan
    credit: Yuan
    balance: Yuan


class LedgerView(View):
    """The books of a policy; `sum` of all balances is nothing, always."""

    policy_no: str
    from_on: date | None
    to_on: date | None
    currency: str
    totals: list[TotalShown]
    lines: list[AccountShown]
    sum: Yuan


@router.get("/v1/policies/{policy_no}/ledger", response_model=LedgerView)
async def read_ledger(
    policy_no: Code, period: Annotated[Period, Query()], door: Looking
) -> Response:
    """Read where each fen of a policy is: premium, incurred, owed, paid, advanced, recovered."""
    async with door.transaction() as tx:
        seen = await find_ledger(tx, policy_no, period.from_on, period.to_on)
    return door.answer(_shown(seen))


def _shown(seen: Seen) -> LedgerView:
    accounts = [
        (account, [line for line in seen.lines if line.account == account]) for account in Account
    ]
    return LedgerView(
        policy_no=seen.policy.policy_no,
        from_on=seen.from_on,
        to_on=seen.to_on,
        currency="CNY",
        totals=[_total(account, lines) for account, lines in accounts if lines],
        lines=[_line(line) for line in seen.lines],
        sum=yuan(sum(line.stands_fen for line in seen.lines)),
    )


def _total(account: Account, lines: list[AccountLine]) -> TotalShown:
    return TotalShown(
        account=labelled(ACCOUNT_ZH, account),
        debit=yuan(sum(line.debit_fen for line in lines)),
        credit=yuan(sum(line.credit_fen for line in lines)),
        balance=yuan(sum(line.stands_fen for line in lines)),
    )


def _line(line: AccountLine) -> AccountShown:
    return AccountShown(
        account=labelled(ACCOUNT_ZH, Account(line.account)),
        insurer=line.insurer_code,
        payer=line.payer,
        debit=yuan(line.debit_fen),
        credit=yuan(line.credit_fen),
        balance=yuan(line.stands_fen),
    )
