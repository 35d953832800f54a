"""Benefits that are paid month by month: one claim, a schedule, and an end with its reason."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.db.instalments import instalments_of
from app.db.session import Database
from app.domain.calendar_days import months_later
from app.domain.endorsement import NewEndorsement, Removal, RemovalReason
from app.domain.errors import IllegalMove, Invalid
from app.domain.lifecycle import ClaimStatus
from app.domain.limits import Scope
from app.domain.notice import Payee
from app.domain.payout import PayoutKind
from app.domain.recurring import Ended
from app.domain.waiting import WaitStep
from app.services.claims.pay_instalments import stop_instalments
from app.services.funds.read_fund import read_fund
from app.services.payouts.correct_account import correct_account
from app.services.payouts.view import list_payouts
from app.services.policies.endorse import endorse
from app.services.policies.list_members import list_members
from tests.cases import callback_states, claim_view, decided, deliver, payout, work
from tests.contracts import COUNTY, SYSTEM, TOWNSHIP
from tests.limits import ceiling, paying, used
from tests.paying import (
    POLICY,
    advance,
    books,
    claim_of,
    county_paying,
    decide_fund,
    green,
    later,
    monthly,
    payouts,
    with_advance,
)
from tests.services.test_advances import ADVANCED, tell, through_the_bank

YEARLY = replace(paying(100, ceiling(50_000)), recurring=monthly(3, Ended.DIED, Ended.COVER_ENDED))


async def schedule(database: Database, claim_no: str) -> list[tuple[str, int, str]]:
    """Day, fen and state of each part."""
    claim = (await claim_view(database, claim_no)).claim
    async with database.transaction(SYSTEM) as tx:
        found = await instalments_of(tx, claim.id)
    return [(one.due_on.isoformat(), one.amount_fen, one.state.value) for one in found]


async def today(database: Database) -> date:
    async with database.transaction(SYSTEM) as tx:
        return await tx.today()


async def recurring_claim(database: Database, *, amount: str = "10000.00", **more: object) -> str:
    """A claim that was decided today and is paid in three months."""
    await county_paying(database, YEARLY)
    claim_no = await claim_of(database, **more)
    await tell(database, claim_no, "claim.decided", decided(amount=amount))
    return claim_no


async def month(database: Database, number: int) -> None:
    """Move on to the day of a part, and let the worker do what is due."""
    begun = await today(database)
    await later(database, (months_later(begun, number) - begun).days)
    await work(database)


async def paid(database: Database, claim_no: str, number: int, amount: str) -> None:
    told = payout(amount, payout_reference=f"PAY-{number}", settlement_no=f"N-{number}")
    await tell(database, claim_no, "payout.paid", told)


async def test_a_monthly_benefit_is_one_claim_paid_when_each_part_falls_due(
    database: Database,
) -> None:
    claim_no = await recurring_claim(database)
    begun = await today(database)
    days = [months_later(begun, number).isoformat() for number in range(3)]
    assert await schedule(database, claim_no) == [
        (days[0], 333_334, "opened"),
        (days[1], 333_333, "planned"),
        (days[2], 333_333, "planned"),
    ]
    assert await payouts(database, claim_no) == [("instalment", "pending", 333_334)]
    await green(database)
    await paid(database, claim_no, 1, "3333.34")
    seen = await claim_view(database, claim_no)
    assert seen.claim.status is ClaimStatus.PAYING
    assert seen.waiting is not None
    assert (seen.waiting.step, seen.waiting.until) == (
        WaitStep.INSTALMENT,
        date.fromisoformat(days[1]),
    )
    for number in (1, 2):
        await later(database, (date.fromisoformat(days[number]) - begun).days)
        await work(database)
        await later(database, (date.fromisoformat(days[number]) - begun).days)
        await work(database)  # a round that finds nothing more to do
        await paid(database, claim_no, number + 1, "3333.33")
        await green(database)
    claim = (await claim_view(database, claim_no)).claim
    assert (claim.status, claim.paid_fen) == (ClaimStatus.CLOSED, 1_000_000)
    assert await books(database, claim_no) == {"incurred": 1_000_000, "paid": -1_000_000}


async def test_an_insurer_that_pays_a_part_early_is_booked_when_it_is_due(
    database: Database,
) -> None:
    claim_no = await recurring_claim(database)
    await paid(database, claim_no, 1, "3333.34")
    await paid(database, claim_no, 2, "3333.33")
    assert (await callback_states(database, claim_no))[-1] == ("payout.paid", "parked")
    begun = await today(database)
    await later(database, (months_later(begun, 1) - begun).days)
    await work(database)
    assert {state for _, state in await callback_states(database, claim_no)} == {"applied"}
    assert (await claim_view(database, claim_no)).claim.paid_fen == 666_667
    await green(database)


async def test_the_next_part_goes_to_the_account_that_was_corrected(database: Database) -> None:
    claim_no = await recurring_claim(database)
    first = payout("3333.34", payout_reference="PAY-1")
    await tell(database, claim_no, "payout.sent", first)
    await tell(database, claim_no, "payout.failed", {**first, "failure_code": "account_closed"})
    async with database.transaction(COUNTY) as tx:
        (stopped,) = await list_payouts(tx, claim_no)
    for caller in (TOWNSHIP, COUNTY):
        async with database.transaction(caller) as tx:
            await correct_account(tx, stopped.payout.id, "张试1", "6200000000009999", "示范农商行")
    await paid(database, claim_no, 1, "3333.34")
    await month(database, 1)
    async with database.transaction(COUNTY) as tx:
        found = [seen.payout.account_last4 for seen in await list_payouts(tx, claim_no)]
    assert found == ["9999", "9999"]
    await green(database)


async def test_each_part_is_split_over_the_payees(database: Database) -> None:
    payees = tuple(
        Payee(f"监护人{n}", f"620000000000111{n}", "示范农商行", "guardian", share)
        for n, share in enumerate((3_333, 6_667))
    )
    claim_no = await recurring_claim(database, payees=payees)
    async with database.transaction(COUNTY) as tx:
        found = [seen.payout for seen in await list_payouts(tx, claim_no)]
    assert {one.kind for one in found} == {PayoutKind.INSTALMENT}
    assert sum(one.amount_fen for one in found) == 333_334
    assert len({one.instalment_id for one in found}) == 1


async def stop(
    database: Database, claim_no: str, ended_by: Ended = Ended.WITHDRAWN, days: int = 1
) -> None:
    version = (await claim_view(database, claim_no)).claim.version
    from_on = await today(database) + timedelta(days=days)
    async with database.transaction(COUNTY) as tx:
        await stop_instalments(tx, claim_no, version, ended_by, from_on, "本人放弃")


async def test_a_benefit_that_is_given_up_stops_and_frees_what_it_held(
    database: Database,
) -> None:
    claim_no = await recurring_claim(database)
    assert await used(database, Scope.PERSON_YEAR) == [1_000_000]
    await paid(database, claim_no, 1, "3333.34")
    await stop(database, claim_no)
    claim = (await claim_view(database, claim_no)).claim
    assert (claim.status, claim.decided_fen, claim.paid_fen) == (
        ClaimStatus.CLOSED,
        333_334,
        333_334,
    )
    assert await used(database, Scope.PERSON_YEAR) == [333_334]
    assert await books(database, claim_no) == {"incurred": 333_334, "paid": -333_334}
    wire = await work(database)
    assert wire.kinds() == ["withdraw_claim"]
    assert wire.sent[0].content["from_on"]
    await green(database)
    await paid(database, claim_no, 2, "3333.33")  # the insurer goes on: a difference for a person
    assert (await callback_states(database, claim_no))[-1] == ("payout.paid", "parked")
    with pytest.raises(IllegalMove):
        await stop(database, claim_no)


async def test_what_is_due_already_is_paid_although_the_rest_stops(database: Database) -> None:
    claim_no = await recurring_claim(database)
    await stop(database, claim_no, days=40)
    states = [state for *_, state in await schedule(database, claim_no)]
    assert states == ["opened", "planned", "stopped"]
    claim = (await claim_view(database, claim_no)).claim
    assert (claim.status, claim.decided_fen) == (ClaimStatus.PAYING, 666_667)
    version = claim.version
    async with database.transaction(COUNTY) as tx:
        with pytest.raises(Invalid):
            await stop_instalments(
                tx, claim_no, version, Ended.DIED, date(2026, 1, 1), "账号 6200000000001234"
            )
    await green(database)


@pytest.mark.parametrize(
    ("reason", "ended"),
    [(RemovalReason.DIED, "died"), (RemovalReason.NOT_ENTITLED, "cover_ended")],
    ids=["died", "no longer covered"],
)
async def test_a_death_and_the_end_of_cover_stop_what_falls_due_afterwards(
    database: Database, reason: RemovalReason, ended: str
) -> None:
    claim_no = await recurring_claim(database)
    await paid(database, claim_no, 1, "3333.34")
    begun = await today(database)
    async with database.transaction(COUNTY) as tx:
        members = await list_members(tx, POLICY, None, 10)
        claim = await tx.row(
            "SELECT n.person_id FROM claim AS c JOIN notice AS n ON n.id = c.notice_id"
        )
    assert claim is not None
    assert members
    removal = NewEndorsement(
        begun + timedelta(days=45), "批减", removals=(Removal(claim["person_id"], reason),)
    )
    async with database.transaction(SYSTEM) as tx:
        # A removal from before today needs no open claim after it; this one is of the future.
        await endorse(tx, POLICY, removal)
    for number in (1, 2):
        await later(database, (months_later(begun, number) - begun).days)
        await work(database)
    assert [state for *_, state in await schedule(database, claim_no)] == [
        "opened",
        "opened",
        "stopped",
    ]
    async with database.transaction(SYSTEM) as tx:
        row = await tx.row("SELECT ended_by FROM instalment WHERE state = 'stopped'")
    assert row is not None
    assert row["ended_by"] == ended
    await paid(database, claim_no, 2, "3333.33")
    claim_ = (await claim_view(database, claim_no)).claim
    assert (claim_.status, claim_.decided_fen) == (ClaimStatus.CLOSED, 666_667)
    await green(database)


async def test_a_fund_pays_each_part_with_the_batch_of_its_month(database: Database) -> None:
    await county_paying(database, YEARLY, fund=True)
    claim_no = await claim_of(database)
    await decide_fund(database, claim_no, 1_000_000)
    begun = await today(database)
    for number in range(3):
        await later(database, (months_later(begun, number) - begun).days)
        await work(database)
        await through_the_bank(database, f"B{number}")
        await green(database)
        async with database.transaction(COUNTY) as tx:
            balance = await read_fund(tx, POLICY)
        assert balance.committed_fen + balance.spent_fen == 1_000_000
    claim = (await claim_view(database, claim_no)).claim
    assert (claim.status, claim.paid_fen) == (ClaimStatus.CLOSED, 1_000_000)


async def test_a_fund_may_decide_again_on_what_a_stopped_benefit_leaves(
    database: Database,
) -> None:
    await county_paying(database, YEARLY, fund=True)
    claim_no = await claim_of(database)
    await decide_fund(database, claim_no, 1_000_000)
    await stop(database, claim_no)
    async with database.transaction(COUNTY) as tx:
        assert (await read_fund(tx, POLICY)).committed_fen == 333_334
    await through_the_bank(database, "B")
    claim = (await claim_view(database, claim_no)).claim
    assert (claim.status, claim.paid_fen) == (ClaimStatus.CLOSED, 333_334)
    await green(database)


async def test_an_advance_is_taken_off_the_first_parts(database: Database) -> None:
    cover = replace(with_advance(4_000), recurring=monthly(3))
    await county_paying(database, cover)
    claim_no = await claim_of(database)
    await advance(database, claim_no)
    await tell(database, claim_no, "payout.paid", {**ADVANCED, "amount": "4000.00"})
    await deliver(database, claim_no, "claim.decided", **decided(amount="10000.00"))
    await work(database)
    parts = await schedule(database, claim_no)
    assert [fen for _, fen, _ in parts] == [266_667, 333_333]
    assert (await claim_view(database, claim_no)).claim.status is ClaimStatus.PAYING
    await green(database)
