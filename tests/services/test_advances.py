"""Money before a decision: what the terms allow, what is certain after 60 days, and the rest."""

from itertools import permutations
from uuid import uuid4

import pytest

from app.db.advances import advances_of
from app.db.holds import add_hold, list_holds
from app.db.policies import lock_policy
from app.db.session import Database
from app.domain.bank_file import Result, Totals
from app.domain.errors import Forbidden, IllegalMove, Invalid, PayoutsHeld
from app.domain.lifecycle import ClaimStatus
from app.domain.payout import AdvanceBasis, AdvanceState
from app.domain.policy import Share
from app.outside.insurers import Rejected
from app.services.batches.export_batch import export_batch
from app.services.batches.make_batch import make_batch
from app.services.batches.settle_batch import settle_batch
from app.services.claims.read_claim import read_timeline
from app.services.funds.read_fund import read_fund
from app.services.holds.release_hold import release_hold
from app.services.notices.withdraw_notice import withdraw_notice
from app.services.payouts.ask_advance import ask_advance, grant_advance
from app.services.payouts.end_advance import cancel_advance
from tests.cases import (
    Wire,
    callback_states,
    claim_view,
    decided,
    deliver,
    payout,
    work,
)
from tests.contracts import COUNTY, SYSTEM, TOWNSHIP
from tests.limits import paying
from tests.paying import (
    POLICY,
    SECOND,
    advance,
    books,
    claim_of,
    county_paying,
    decide_fund,
    green,
    later,
    payouts,
    with_advance,
)

ADVANCED = payout("1000.00", payout_reference="PRE-1", settlement_no="N-A", purpose="advance")
REST = payout("4000.00", payout_reference="PAY-1", settlement_no="N-1")


async def tell(database: Database, claim_no: str, type_: str, data: dict[str, object]) -> None:
    await deliver(database, claim_no, type_, **data)
    await work(database)


async def asked(database: Database) -> str:
    """A claim whose insurer was asked for the 1,000 yuan that the terms allow."""
    await county_paying(database, with_advance(1_000))
    claim_no = await claim_of(database)
    await advance(database, claim_no)
    await work(database)
    return claim_no


async def test_what_the_terms_allow_is_asked_and_only_the_difference_paid_later(
    database: Database,
) -> None:
    await county_paying(database, with_advance(1_000))
    wire = Wire()
    claim_no = await claim_of(database, wire)
    row = await advance(database, claim_no)
    assert (row.amount_fen, row.basis, row.state) == (
        100_000,
        AdvanceBasis.TERMS,
        AdvanceState.ASKED,
    )
    await work(database, wire)
    assert wire.kinds() == ["refer_claim", "request_advance"]
    assert wire.sent[1].content["amount"] == "1000.00"
    assert wire.sent[1].content["payees"]
    await tell(database, claim_no, "payout.paid", ADVANCED)
    view = await claim_view(database, claim_no)
    assert (view.claim.status, view.claim.paid_fen) == (ClaimStatus.UNDER_REVIEW, 100_000)
    assert view.sentence_zh == "保险公司正在核实（此前已到账 1,000.00 元）"
    assert await books(database, claim_no) == {"advance": 100_000, "paid": -100_000}
    await green(database)
    await tell(database, claim_no, "claim.decided", decided(amount="5000.00"))
    assert await payouts(database, claim_no) == [
        ("advance", "paid", 100_000),
        ("benefit", "pending", 400_000),
    ]
    await green(database)
    await tell(database, claim_no, "payout.paid", REST)
    claim = (await claim_view(database, claim_no)).claim
    assert (claim.status, claim.paid_fen) == (ClaimStatus.CLOSED, 500_000)
    assert await books(database, claim_no) == {"incurred": 500_000, "paid": -500_000}
    await green(database)


TOLD = {
    "decided": ("claim.decided", decided(amount="5000.00")),
    "advanced": ("payout.paid", ADVANCED),
    "rest": ("payout.paid", REST),
}


@pytest.mark.parametrize("order", list(permutations(TOLD)), ids="-".join)
async def test_f36_an_advance_ends_alike_in_every_order_of_news(
    database: Database, order: tuple[str, ...]
) -> None:
    claim_no = await asked(database)
    for name in order:
        await tell(database, claim_no, *TOLD[name])
    claim = (await claim_view(database, claim_no)).claim
    assert (claim.status, claim.paid_fen) == (ClaimStatus.CLOSED, 500_000)
    assert await payouts(database, claim_no) == [
        ("advance", "paid", 100_000),
        ("benefit", "paid", 400_000),
    ]
    assert await books(database, claim_no) == {"incurred": 500_000, "paid": -500_000}
    assert {state for _, state in await callback_states(database, claim_no)} == {"applied"}
    await green(database)


async def test_too_much_is_told_and_left_with_the_family(database: Database) -> None:
    claim_no = await asked(database)
    await tell(database, claim_no, "payout.paid", ADVANCED)
    await tell(database, claim_no, "claim.decided", decided("partial", "600.00"))
    claim = (await claim_view(database, claim_no)).claim
    assert (claim.status, claim.paid_fen, claim.decided_fen) == (
        ClaimStatus.CLOSED,
        100_000,
        60_000,
    )
    assert await books(database, claim_no) == {
        "incurred": 60_000,
        "advance": 40_000,
        "paid": -100_000,
    }
    async with database.transaction(COUNTY) as tx:
        (told,) = [one for one in await read_timeline(tx, claim_no) if one.type == "claim.decide"]
    assert told.detail["advanced_too_much_fen"] == 40_000
    await green(database)


async def test_a_refusal_after_an_advance_closes_the_claim_and_claws_nothing_back(
    database: Database,
) -> None:
    claim_no = await asked(database)
    await tell(database, claim_no, "payout.sent", {**ADVANCED, "settlement_no": None})
    await tell(database, claim_no, "claim.decided", decided("declined", "0.00"))
    await tell(database, claim_no, "payout.paid", ADVANCED)  # it was on its way
    claim = (await claim_view(database, claim_no)).claim
    assert (claim.status, claim.paid_fen) == (ClaimStatus.CLOSED, 100_000)
    assert await books(database, claim_no) == {"advance": 100_000, "paid": -100_000}
    returned = {**ADVANCED, "failure_code": "account_closed"}
    await tell(database, claim_no, "payout.returned", returned)
    claim = (await claim_view(database, claim_no)).claim
    assert (claim.status, claim.paid_fen) == (ClaimStatus.CLOSED, 0)
    assert await books(database, claim_no) == {}
    await green(database)


async def test_an_advance_of_all_that_is_decided_ends_the_claim(database: Database) -> None:
    claim_no = await asked(database)
    await tell(database, claim_no, "payout.paid", ADVANCED)
    await tell(database, claim_no, "claim.decided", decided(amount="1000.00"))
    view = await claim_view(database, claim_no)
    assert (view.claim.status, view.claim.paid_fen) == (ClaimStatus.CLOSED, 100_000)
    assert not any(clock.overdue for clock in view.clocks if clock.kind == "pay")
    await green(database)


async def test_nothing_is_asked_beyond_the_terms_or_twice(database: Database) -> None:
    await county_paying(database, with_advance(1_000))
    claim_no = await claim_of(database)
    for amount in (0, 100_001):
        with pytest.raises(Invalid):
            await advance(database, claim_no, amount)
    await advance(database, claim_no, 60_000)
    with pytest.raises(IllegalMove):
        await advance(database, claim_no, 1)
    first = {**ADVANCED, "amount": "600.00"}
    await tell(database, claim_no, "payout.paid", first)
    assert (await advance(database, claim_no)).amount_fen == 40_000
    await green(database)


async def test_terms_without_an_advance_allow_none_before_the_days_of_the_law(
    database: Database,
) -> None:
    await county_paying(database, paying())
    claim_no = await claim_of(database)
    with pytest.raises(Invalid, match="days of the law"):
        await advance(database, claim_no)
    await later(database, 59)
    wire = await work(database)
    assert wire.kinds() == []


async def test_after_sixty_days_the_certain_part_is_asked_by_itself_once(
    database: Database,
) -> None:
    """Insurance Law art. 25: the day is told on the claim, and the insurer is instructed."""
    await county_paying(database, paying())
    claim_no = await claim_of(database)
    await later(database, 61)
    wire = await work(database)
    assert wire.kinds() == ["request_advance"]
    assert wire.sent[0].content["basis"] == "law"
    assert wire.sent[0].content["amount"] == "10000.00"
    await later(database, 62)
    assert (await work(database)).kinds() == []
    async with database.transaction(COUNTY) as tx:
        types = [one.type for one in await read_timeline(tx, claim_no)]
    assert types.count("claim.advance_due") == types.count("claim.ask_advance") == 1
    await green(database)


async def test_missing_papers_stop_the_days_of_the_law(database: Database) -> None:
    await county_paying(database, paying())
    claim_no = await claim_of(database)
    items = [{"code": "itemised_list", "label_zh": "费用清单"}]
    asked_for = {"items": items, "due_on": "2027-03-01", "reason_zh": "请补充"}
    await tell(database, claim_no, "claim.evidence_requested", asked_for)
    await later(database, 61)
    assert (await work(database)).kinds() == []


async def test_an_insurers_no_ends_the_advance_and_the_whole_is_paid_later(
    database: Database,
) -> None:
    await county_paying(database, with_advance(1_000))
    claim_no = await claim_of(database)
    await advance(database, claim_no)
    wire = Wire()
    wire.answers = [Rejected("advance.not_open", "不预付")]
    await work(database, wire)
    assert await payouts(database, claim_no) == [("advance", "cancelled", 100_000)]
    claim = (await claim_view(database, claim_no)).claim
    async with database.transaction(SYSTEM) as tx:
        (row,) = await advances_of(tx, claim.id)
    assert (row.state, row.reason_zh) == (AdvanceState.REFUSED, "advance.not_open")
    await tell(database, claim_no, "claim.decided", decided(amount="5000.00"))
    assert (await payouts(database, claim_no))[1:] == [("benefit", "pending", 500_000)]
    await tell(database, claim_no, "payout.paid", ADVANCED)
    assert (await callback_states(database, claim_no))[-1] == ("payout.paid", "parked")
    await green(database)


async def test_a_cancelled_advance_is_owed_with_the_rest(database: Database) -> None:
    """An insurer that pays the whole at once: its word is taken when the advance is cancelled."""
    claim_no = await asked(database)
    await tell(database, claim_no, "claim.decided", decided(amount="5000.00"))
    async with database.transaction(COUNTY) as tx:
        await cancel_advance(tx, claim_no, 1, None, "保险公司一次付清")
        with pytest.raises(IllegalMove):
            await cancel_advance(tx, claim_no, 1, None, "再取消")
    assert await payouts(database, claim_no) == [
        ("advance", "cancelled", 100_000),
        ("benefit", "pending", 400_000),
        ("benefit", "pending", 100_000),
    ]
    await green(database)


async def test_what_is_on_its_way_is_not_cancelled(database: Database) -> None:
    claim_no = await asked(database)
    await tell(database, claim_no, "payout.paid", ADVANCED)
    async with database.transaction(COUNTY) as tx:
        with pytest.raises(IllegalMove):
            await cancel_advance(tx, claim_no, 1, None, "太晚")


async def test_a_withdrawal_cancels_what_nobody_has_sent(database: Database) -> None:
    claim_no = await asked(database)
    async with database.transaction(TOWNSHIP) as tx:
        await withdraw_notice(tx, claim_no.rpartition("-")[0], "填错")
    assert await payouts(database, claim_no) == [("advance", "cancelled", 100_000)]
    await tell(database, claim_no, "payout.paid", ADVANCED)
    assert (await callback_states(database, claim_no))[-1] == ("payout.paid", "parked")
    await green(database)


async def test_an_advance_is_split_over_payees_and_insurers_to_the_fen(database: Database) -> None:
    shares = (Share("demo-insurer", 3_333, lead=True), Share("rival", 6_667, lead=False))
    await county_paying(database, with_advance(0.05), shares=shares)
    claim_no = await claim_of(database)
    await advance(database, claim_no)
    small = {"payout_reference": "PRE-1", "settlement_no": "N-A", "purpose": "advance"}
    await tell(database, claim_no, "payout.paid", payout("0.05", **small))
    await tell(database, claim_no, "claim.decided", decided("partial", "0.08"))
    rest = payout("0.03", settlement_no="N-1")
    await tell(database, claim_no, "payout.paid", rest)
    assert await books(database, claim_no) == {"incurred": 8, "paid": -8}
    await green(database)


async def fund_claim(database: Database) -> str:
    await county_paying(database, with_advance(1_000), fund=True)
    return await claim_of(database)


async def through_the_bank(database: Database, number: str) -> None:
    """Make a batch of what is due, hand it over, and let the bank pay all of it."""
    async with database.transaction(COUNTY) as tx:
        batch = await make_batch(tx, POLICY)
        _, text_ = await export_batch(tx, batch.batch_no)
        lines = [line.split(",") for line in text_.splitlines() if f"{batch.batch_no}-" in line]
    found = [next(cell for cell in line if cell.startswith(f"{batch.batch_no}-")) for line in lines]
    async with database.transaction(COUNTY) as tx:
        amounts = {
            row[0]: row[1]
            for row in await tx.rows(
                "SELECT reference, amount_fen FROM payout WHERE batch_id = $1", batch.id
            )
        }
        results = [
            Result(reference, "paid", amounts[reference], f"{number}-{uuid4()}", None, None)
            for reference in found
        ]
        await settle_batch(tx, batch.batch_no, results, Totals(len(found), batch.total_fen, 0, 0))


async def test_a_funds_advance_takes_two_persons_and_goes_with_a_batch(database: Database) -> None:
    claim_no = await fund_claim(database)
    row = await advance(database, claim_no)
    assert row.state is AdvanceState.PROPOSED
    async with database.transaction(COUNTY) as tx:
        with pytest.raises(Forbidden):
            await grant_advance(tx, claim_no, 1, None)
    async with database.transaction(SECOND) as tx:
        assert (await grant_advance(tx, claim_no, 1, None)).state is AdvanceState.GRANTED
        assert (await read_fund(tx, POLICY)).committed_fen == 100_000
    await through_the_bank(database, "B1")
    claim = (await claim_view(database, claim_no)).claim
    assert (claim.status, claim.paid_fen) == (ClaimStatus.PENDING_APPROVAL, 100_000)
    await green(database)
    await decide_fund(database, claim_no, 500_000)
    async with database.transaction(COUNTY) as tx:
        balance = await read_fund(tx, POLICY)
    assert (balance.committed_fen, balance.spent_fen) == (400_000, 100_000)
    await through_the_bank(database, "B2")
    claim = (await claim_view(database, claim_no)).claim
    assert (claim.status, claim.paid_fen) == (ClaimStatus.CLOSED, 500_000)
    async with database.transaction(COUNTY) as tx:
        balance = await read_fund(tx, POLICY)
    assert (balance.committed_fen, balance.spent_fen) == (0, 500_000)
    await green(database)


@pytest.mark.parametrize("decided_fen", [0, 500_000], ids=["declined", "paid"])
async def test_an_advance_that_nobody_granted_ends_with_the_decision(
    database: Database, decided_fen: int
) -> None:
    claim_no = await fund_claim(database)
    await advance(database, claim_no)
    await decide_fund(database, claim_no, decided_fen)
    claim = (await claim_view(database, claim_no)).claim
    async with database.transaction(COUNTY) as tx:
        (ended,) = await advances_of(tx, claim.id)
        assert (ended.state, ended.reason_zh) == (
            AdvanceState.CANCELLED,
            "赔案已作出结论，未同意的预付随之取消",
        )
        balance = await read_fund(tx, POLICY)
        assert (balance.committed_fen, balance.spent_fen) == (decided_fen, 0)
    with pytest.raises(IllegalMove):
        async with database.transaction(SECOND) as tx:
            await grant_advance(tx, claim_no, 1, None)
    if decided_fen:
        await through_the_bank(database, "B")
        assert (await claim_view(database, claim_no)).claim.paid_fen == decided_fen
    await green(database)


async def test_no_advance_is_asked_while_payouts_are_on_hold(database: Database) -> None:
    await county_paying(database, with_advance(1_000))
    claim_no = await claim_of(database)
    async with database.transaction(SYSTEM) as tx:
        policy = await lock_policy(tx, POLICY)
        await add_hold(tx, policy, 4, "账目不平", [claim_no])
    with pytest.raises(PayoutsHeld):
        await advance(database, claim_no)
    await later(database, 61)
    assert (await work(database)).kinds() == []
    async with database.transaction(SYSTEM) as tx:
        (hold,) = await list_holds(tx, state="open", before=None, limit=9)
        await release_hold(tx, hold.id, "已核对")
    await later(database, 62)
    assert (await work(database)).kinds() == ["request_advance"]


@pytest.mark.parametrize("decided_fen", [0, 60_000, 500_000], ids=["declined", "less", "more"])
async def test_a_fund_keeps_no_money_back_for_an_advance_that_is_cancelled(
    database: Database, decided_fen: int
) -> None:
    claim_no = await fund_claim(database)
    await advance(database, claim_no)
    async with database.transaction(SECOND) as tx:
        await grant_advance(tx, claim_no, 1, None)
    await decide_fund(database, claim_no, decided_fen)
    if decided_fen:
        async with database.transaction(COUNTY) as tx:
            await cancel_advance(tx, claim_no, 1, None, "一并发放")
    async with database.transaction(COUNTY) as tx:
        assert (await read_fund(tx, POLICY)).committed_fen == decided_fen
    await green(database)
    if decided_fen:
        await through_the_bank(database, "B")
        claim = (await claim_view(database, claim_no)).claim
        assert (claim.status, claim.paid_fen) == (ClaimStatus.CLOSED, decided_fen)
    await green(database)


async def test_only_a_claim_that_is_looked_at_takes_an_advance(database: Database) -> None:
    claim_no = await asked(database)
    await tell(database, claim_no, "payout.paid", ADVANCED)
    await tell(database, claim_no, "claim.decided", decided(amount="5000.00"))
    async with database.transaction(COUNTY) as tx:
        with pytest.raises(IllegalMove):
            await ask_advance(tx, claim_no, None)
        with pytest.raises(Invalid):
            await ask_advance(tx, claim_no, None, 1, "账号 6200000000001234")
