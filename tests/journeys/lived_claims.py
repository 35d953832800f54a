"""Claims that are lived through step by step, and what each must have come to.

Each way is a generator: between two steps the worker does whatever is due.
"""

import random
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from uuid import UUID

from app.db.session import Database
from app.domain.money import split_fen, yuan
from app.domain.policy import Payer, Share
from app.domain.recurring import Ended
from app.domain.statement import Direction, StatementLine
from app.domain.terms import Cover
from app.services.claims.appeal_claim import answer_appeal, appeal_claim
from app.services.claims.pay_instalments import stop_instalments
from app.services.notices.withdraw_notice import withdraw_notice
from app.services.payouts.ask_advance import ask_advance
from app.services.payouts.correct_account import correct_account
from app.services.payouts.recover_payout import (
    demand_back,
    list_recoveries,
    receive_back,
    waive_recovery,
)
from app.services.payouts.reverse_payout import reverse_payout
from tests.cases import claim_view, decided, deliver, payout
from tests.contracts import COUNTY, TOWNSHIP
from tests.limits import paying
from tests.paying import SECOND, decide_fund, monthly, with_advance
from tests.settled import DAY

LEAD, RIVAL = "demo-insurer", "rival"
SHARED, MONTHLY, FUND = "P-shared", "P-monthly", "P-fund"
SHARES = {
    SHARED: (Share(LEAD, 3_333, lead=True), Share(RIVAL, 6_667, lead=False)),
    MONTHLY: (Share(LEAD, 10_000, lead=True),),
    FUND: (),
}
PAYERS = (Payer("bureau", "民政", 7_001), Payer("town", "乡镇", 2_999))
NOBODYS = "6200000000000000"  # the bank knows no such account
CORRECTED = "6200000000009999"
PRICE = 10_001


@dataclass
class Life:
    """A claim that is lived, and what it must have come to; fen."""

    year: "Year"
    number: int
    policy_no: str
    claim_no: str
    assessed: int
    decided: int = 0
    paid: int = 0
    recovered: int = 0
    open: bool = False
    told: int = 0

    async def says(self, type_: str, **data: object) -> None:
        await deliver(self.year.database, self.claim_no, type_, **data)

    async def decide(self, amount: int, outcome: str = "partial") -> None:
        """The insurer decides, or two persons do."""
        self.decided = amount
        if self.policy_no == FUND:
            await decide_fund(self.year.database, self.claim_no, amount)
            return
        if not amount:
            await self.says(
                "claim.decided", **decided(outcome, "0.00", clause="第三条", reason_zh="理由")
            )
            return
        await self.says("claim.decided", **decided(outcome, yuan(amount)))

    async def pay(self, amount: int, part: int = 1, on: date = DAY, **more: object) -> str:
        """The insurer tells a payment of part so-and-so, and lists it; gives its settlement."""
        self.paid += amount
        self.told += 1
        settlement = f"N-{self.number}-{self.told}"
        told = {
            "payout_reference": self.reference(part),
            "settlement_no": settlement,
            "account_last4": f"11{self.number:02}",
            "paid_on": on.isoformat(),
        }
        await self.says("payout.paid", **payout(yuan(amount), **(told | more)))
        self.year.enlist(self, part, settlement, amount, Direction.PAID, on)
        return settlement

    def reference(self, part: int) -> str:
        return f"PAY-{self.number}-{part}"

    async def bounce(self, amount: int, settlement: str, part: int = 1) -> None:
        self.paid -= amount
        told = {"payout_reference": self.reference(part), "settlement_no": settlement}
        why = {"failure_code": "account_closed", "account_last4": f"11{self.number:02}"}
        await self.says("payout.returned", **payout(yuan(amount), **(told | why)))
        self.year.enlist(self, part, settlement, amount, Direction.RETURNED, self.year.today)

    async def payouts(self) -> list[UUID]:
        return [one.id for one in (await claim_view(self.year.database, self.claim_no)).payouts]

    async def correct(self, payout_id: UUID) -> None:
        for caller in (TOWNSHIP, COUNTY):
            async with self.year.database.transaction(caller) as tx:
                name = f"张试{self.number}"
                await correct_account(tx, payout_id, name, CORRECTED, "示范农商行")

    async def reverse(self, amount: int, settlement: str) -> None:
        """The county books a payment back; who paid lists that, too."""
        (payout_id,) = await self.payouts()
        self.paid -= amount
        async with self.year.database.transaction(COUNTY) as tx:
            await reverse_payout(tx, payout_id, "银行冲正", amount)
        self.year.enlist(self, 1, settlement, amount, Direction.RETURNED, self.year.today)

    async def appeal(self) -> None:
        version = (await claim_view(self.year.database, self.claim_no)).claim.version
        async with self.year.database.transaction(COUNTY) as tx:
            claim = await appeal_claim(tx, self.claim_no, version, "appeal", "请再核定")
            await answer_appeal(tx, self.claim_no, claim.version, "请重新核定", accepted=True)


@dataclass
class Year:
    """A county's year: its claims, and what the insurer lists of each day."""

    database: Database
    lot: random.Random
    today: date
    lives: list[Life] = field(default_factory=list)
    lines: dict[date, list[StatementLine]] = field(default_factory=dict)

    def enlist(
        self, life: Life, part: int, settlement: str, fen: int, direction: Direction, on: date
    ) -> None:
        line = StatementLine(
            life.claim_no, life.reference(part), settlement, "CASE-1", direction, fen, on
        )
        self.lines.setdefault(on, []).append(line)

    def of(self, policy_no: str) -> list[Life]:
        return [life for life in self.lives if life.policy_no == policy_no]

    def part(self, amount: int) -> int:
        """Some part of an amount, neither nothing nor all."""
        return self.lot.randint(1, amount - 1)


Way = Callable[[Life], AsyncGenerator[None]]


async def paid_in_full(life: Life) -> AsyncGenerator[None]:
    await life.decide(life.assessed, "full")
    yield
    await life.pay(life.assessed)


async def paid_in_part(life: Life) -> AsyncGenerator[None]:
    await life.pay(life.year.part(life.assessed))  # the payment's word comes first
    yield
    await life.decide(life.paid)


async def owed(life: Life) -> AsyncGenerator[None]:
    await life.decide(life.year.part(life.assessed))
    yield


async def declined(life: Life) -> AsyncGenerator[None]:
    await life.decide(0, "declined")
    yield


async def below(life: Life) -> AsyncGenerator[None]:
    await life.decide(0, "below_deductible")
    yield


async def waiting(life: Life) -> AsyncGenerator[None]:
    life.open = True
    yield


async def withdrawn(life: Life) -> AsyncGenerator[None]:
    async with life.year.database.transaction(TOWNSHIP) as tx:
        await withdraw_notice(tx, life.claim_no.rpartition("-")[0], "填错")
    yield


async def bounced(life: Life) -> AsyncGenerator[None]:
    await life.decide(life.assessed, "full")
    yield
    settlement = await life.pay(life.assessed)
    yield
    await life.bounce(life.assessed, settlement)


async def bounced_and_corrected(life: Life) -> AsyncGenerator[None]:
    async for _ in bounced(life):
        yield
    yield
    await life.correct((await life.payouts())[0])
    yield
    await life.pay(life.assessed, account_last4="9999")


async def reversed_whole(life: Life) -> AsyncGenerator[None]:
    await life.decide(life.assessed, "full")
    yield
    settlement = await life.pay(life.assessed)
    yield
    await life.reverse(life.assessed, settlement)


async def reversed_in_part(life: Life) -> AsyncGenerator[None]:
    await life.decide(life.assessed, "full")
    yield
    settlement = await life.pay(life.assessed)
    yield
    await life.reverse(life.year.part(life.assessed), settlement)


async def repeated(life: Life) -> AsyncGenerator[None]:
    async for _ in reversed_in_part(life):
        yield
    yield
    await life.pay(life.decided - life.paid, 2)


async def recovered(life: Life) -> AsyncGenerator[None]:
    """Paid wrongly, demanded, received in part."""
    await life.decide(life.assessed, "full")
    yield
    await life.pay(life.assessed)
    yield
    (payout_id,) = await life.payouts()
    wrong = life.year.part(life.assessed) + 1
    life.recovered = life.year.part(wrong)
    async with life.year.database.transaction(COUNTY) as tx:
        recovery = (await demand_back(tx, payout_id, wrong, "付错了人")).recovery
        await receive_back(tx, recovery.id, life.recovered, DAY, f"V-{life.number}")
    yield


async def waived(life: Life) -> AsyncGenerator[None]:
    """And the rest of the demand is let go."""
    async for _ in recovered(life):
        yield
    async with life.year.database.transaction(SECOND) as tx:
        (demand,) = await list_recoveries(tx, (await life.payouts())[0])
        await waive_recovery(tx, demand.recovery.id, "家庭困难")


async def topped_up(life: Life) -> AsyncGenerator[None]:
    await life.decide(life.year.part(life.assessed))
    yield
    await life.pay(life.decided)
    yield
    await life.appeal()
    yield
    await life.decide(life.assessed, "full")
    yield
    await life.pay(life.assessed - life.paid, 2)


async def lowered(life: Life) -> AsyncGenerator[None]:
    """A later word of less is laid aside for a person: what was decided and paid stands."""
    await life.decide(life.assessed, "full")
    yield
    await life.pay(life.assessed)
    yield
    await life.appeal()
    yield
    await life.decide(life.year.part(life.assessed))
    life.decided = life.paid
    life.open = True


async def advanced(life: Life) -> AsyncGenerator[None]:
    async with life.year.database.transaction(COUNTY) as tx:
        row = await ask_advance(tx, life.claim_no, None, None)
    yield
    await life.pay(row.amount_fen, 9, purpose="advance")
    life.open = True
    yield


async def advanced_then_the_rest(life: Life) -> AsyncGenerator[None]:
    async for _ in advanced(life):
        yield
    life.open = False
    await life.decide(life.assessed, "full")
    yield
    await life.pay(life.assessed - life.paid)


async def advanced_too_much(life: Life) -> AsyncGenerator[None]:
    async for _ in advanced(life):
        yield
    life.open = False
    await life.decide(life.year.part(life.paid))


async def of_two_heirs(life: Life) -> AsyncGenerator[None]:
    """Two payees; the money of the first comes, that of the second bounces."""
    await life.decide(life.assessed, "full")
    yield
    view = await claim_view(life.year.database, life.claim_no)
    first, second = [one.amount_fen for one in view.payouts]
    await life.pay(first, 1, account_last4="1111")
    settlement = await life.pay(second, 2, account_last4="1112")
    yield
    await life.bounce(second, settlement, 2)


async def monthly_part(life: Life) -> AsyncGenerator[None]:
    """The part of the first month is paid; that of the next comes in `next_month`."""
    await life.decide(life.assessed, "full")
    yield
    await life.pay(split_fen(life.assessed, (1, 1, 1))[0])
    yield


async def stopped_after_one(life: Life) -> AsyncGenerator[None]:
    """The rest of a monthly benefit ends with a death: no longer incurred."""
    async for _ in monthly_part(life):
        yield
    claim = (await claim_view(life.year.database, life.claim_no)).claim
    async with life.year.database.transaction(COUNTY) as tx:
        on = await tx.today() + timedelta(days=1)
        await stop_instalments(tx, life.claim_no, claim.version, Ended.DIED, on, "已去世")
    life.decided = life.paid


async def through_the_bank(life: Life) -> AsyncGenerator[None]:
    await life.decide(life.year.part(life.assessed))
    yield


async def corrected_for_the_bank(life: Life) -> AsyncGenerator[None]:
    async for _ in through_the_bank(life):
        yield
    yield
    await life.correct((await life.payouts())[0])
    yield


async def reversed_by_the_bank(life: Life) -> AsyncGenerator[None]:
    async for _ in through_the_bank(life):
        yield
    yield
    life.paid -= life.decided
    async with life.year.database.transaction(COUNTY) as tx:
        await reverse_payout(tx, (await life.payouts())[0], "银行冲正", None)


WAYS: dict[str, tuple[Way, ...]] = {
    SHARED: (
        *(paid_in_full, paid_in_part, owed, declined, below, waiting, withdrawn) * 3,
        *(bounced, bounced_and_corrected, reversed_whole, reversed_in_part, repeated) * 2,
        *(recovered, waived, topped_up, lowered, of_two_heirs) * 2,
        *(advanced, advanced_then_the_rest, advanced_too_much) * 2,
    ),
    MONTHLY: (monthly_part, stopped_after_one, owed, declined, waiting),
    FUND: (
        *(through_the_bank,) * 4,
        corrected_for_the_bank,
        reversed_by_the_bank,
        declined,
        waiting,
        withdrawn,
    ),
}
COVERS: dict[str, Cover] = {
    SHARED: with_advance(100),
    MONTHLY: replace(paying(), recurring=monthly(3, Ended.DIED)),
    FUND: paying(),
}
COUNT = sum(len(ways) for ways in WAYS.values())
