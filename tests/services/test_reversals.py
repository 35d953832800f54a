"""Payments undone and money owed back: exactly once, to the fen, in the claim and in the books."""

import asyncio
import contextlib
import itertools
from datetime import date
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.db.invariants import INVARIANTS, check
from app.db.ledger import account_sums
from app.db.session import Database
from app.domain.caller import Caller, Role
from app.domain.errors import Forbidden, IllegalMove, Invalid, NotFound, ReliefError
from app.domain.lifecycle import ClaimStatus, PayoutStatus
from app.domain.notice import Payee
from app.domain.payout import PayoutKind, Receipt, ReceiptWay, RecoveryState
from app.services.payouts.confirm_receipt import confirm_receipt, draw_sample
from app.services.payouts.correct_account import correct_account
from app.services.payouts.recover_payout import (
    demand_back,
    list_recoveries,
    receive_back,
    waive_recovery,
)
from app.services.payouts.reverse_payout import reverse_payout
from app.services.payouts.view import list_payouts
from tests.cases import (
    CHUNAN,
    bill,
    callback_states,
    claim_view,
    county_with,
    decided,
    deliver,
    file,
    notice,
    payout,
    work,
)
from tests.contracts import COUNTY, COUNTY_AREA, OTHER_COUNTY, SYSTEM, TOWNSHIP
from tests.services.test_payouts import ACCOUNT, decided_claim, tell

SECOND = Caller(Role.COUNTY, COUNTY_AREA, 990128000000, "key:second")
HEIRS = tuple(
    Payee(f"继承人{n}", f"620000000000111{n}", "示范农商行", "heir", 5_000) for n in (1, 2)
)


async def standing(database: Database, claim_no: str) -> tuple[object, ...]:
    """Status and what the family has, the payouts, and the accounts of the books."""
    view = await claim_view(database, claim_no)
    async with database.transaction(SYSTEM) as tx:
        sums = await account_sums(tx, view.claim.policy_id)
    books = {one.account: one.amount_fen for one in sums if not one.account.startswith("premium")}
    payouts = [(one.status.value, one.amount_fen) for one in view.payouts]
    return view.claim.status.value, view.claim.paid_fen, payouts, books


async def payout_ids(database: Database, claim_no: str) -> list[UUID]:
    async with database.transaction(COUNTY) as tx:
        return [seen.payout.id for seen in await list_payouts(tx, claim_no)]


async def reverse(
    database: Database, payout_id: UUID, amount_fen: int | None = None, caller: Caller = COUNTY
) -> None:
    async with database.transaction(caller) as tx:
        await reverse_payout(tx, payout_id, "银行冲正", amount_fen)


async def green(database: Database) -> None:
    async with database.transaction(SYSTEM) as tx:
        findings = [await check(tx, invariant) for invariant in INVARIANTS]
    assert {one.invariant.number: one.places for one in findings if one.broken} == {}


async def paid_claim(database: Database, **changed: object) -> tuple[str, UUID]:
    claim_no = await decided_claim(database, **changed)
    await tell(database, claim_no, "paid", settlement_no="N-1")
    return claim_no, (await payout_ids(database, claim_no))[0]


async def test_a_reversal_undoes_a_payment_and_it_is_paid_again_once(database: Database) -> None:
    claim_no, payout_id = await paid_claim(database)
    await reverse(database, payout_id)
    owed = {"incurred": 200_000, "payable": -200_000, "paid": 0}
    assert await standing(database, claim_no) == ("paying", 0, [("returned", 200_000)], owed)
    await green(database)
    for caller in (TOWNSHIP, COUNTY):
        async with database.transaction(caller) as tx:
            await correct_account(tx, payout_id, *ACCOUNT)
    await tell(database, claim_no, "paid", settlement_no="N-2", account_last4="9999")
    paid = {"incurred": 200_000, "payable": 0, "paid": -200_000}
    assert await standing(database, claim_no) == ("closed", 200_000, [("paid", 200_000)], paid)
    await green(database)


async def test_f58_a_part_is_reversed_once_and_paid_by_a_payout_of_its_own(
    database: Database,
) -> None:
    claim_no, payout_id = await paid_claim(database)
    with pytest.raises(Invalid):
        await reverse(database, payout_id, 200_001)
    with pytest.raises(Invalid):
        await reverse(database, payout_id, 0)
    await reverse(database, payout_id, 50_001)
    with pytest.raises(IllegalMove):
        await reverse(database, payout_id, 1)
    status, paid_fen, payouts, _ = await standing(database, claim_no)
    assert (status, paid_fen) == ("paying", 149_999)
    assert payouts == [("paid", 200_000), ("pending", 50_001)]
    await green(database)
    await tell(
        database,
        claim_no,
        "paid",
        settlement_no="N-2",
        amount="500.01",
        payout_reference="PAY-2",
    )
    async with database.transaction(COUNTY) as tx:
        kinds = [seen.payout.kind for seen in await list_payouts(tx, claim_no)]
    assert kinds == [PayoutKind.BENEFIT, PayoutKind.REPEAT]
    books = {"incurred": 200_000, "payable": 0, "paid": -200_000}
    expected = ("closed", 200_000, [("paid", 200_000), ("paid", 50_001)], books)
    assert await standing(database, claim_no) == expected
    await green(database)


async def test_f58_after_a_partial_payment_only_what_was_paid_is_reversed(
    database: Database,
) -> None:
    claim_no = await decided_claim(database, payees=HEIRS)
    first, second = await payout_ids(database, claim_no)
    await tell(database, claim_no, "paid", settlement_no="N-1", amount="1000.00")
    with pytest.raises(IllegalMove):
        await reverse(database, second)
    await reverse(database, first)
    with pytest.raises(IllegalMove):
        await reverse(database, first)
    books = {"incurred": 200_000, "payable": -200_000, "paid": 0}
    expected = ("paying", 0, [("returned", 100_000), ("pending", 100_000)], books)
    assert await standing(database, claim_no) == expected
    await green(database)


async def test_f58_a_bank_return_and_a_reversal_of_the_same_payment_count_once(
    database: Database,
) -> None:
    claim_no, payout_id = await paid_claim(database)
    await reverse(database, payout_id)
    await tell(database, claim_no, "returned", settlement_no="N-1", failure_code="account_closed")
    assert (await callback_states(database, claim_no))[-1] == ("payout.returned", "ignored_stale")
    reversed_first = await standing(database, claim_no)
    for caller in (TOWNSHIP, COUNTY):
        async with database.transaction(caller) as tx:
            await correct_account(tx, payout_id, *ACCOUNT)
    await tell(database, claim_no, "paid", settlement_no="N-2")
    await tell(database, claim_no, "returned", settlement_no="N-2", failure_code="other")
    with pytest.raises(IllegalMove):
        await reverse(database, payout_id)
    assert await standing(database, claim_no) == reversed_first
    await tell(database, claim_no, "paid", settlement_no="N-1")  # the old word again
    assert await standing(database, claim_no) == reversed_first


async def test_f58_a_reversal_by_two_at_once_happens_exactly_once(fresh_database: Database) -> None:
    claim_no, payout_id = await paid_claim(fresh_database)

    async def attempt(caller: Caller) -> str:
        try:
            await reverse(fresh_database, payout_id, caller=caller)
        except ReliefError as refused:
            return type(refused).__name__
        return "done"

    done = await asyncio.gather(*(attempt(caller) for caller in (COUNTY, SECOND, COUNTY)))
    assert sorted(done) == ["IllegalMove", "IllegalMove", "done"]
    assert (await claim_view(fresh_database, claim_no)).claim.paid_fen == 0
    await green(fresh_database)


NEXT = itertools.count(1)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(order=st.permutations(["decided", "paid", "returned", "sent"]), begins=st.integers(0, 3))
async def test_f36_settled_reversed_and_returned_in_any_order_end_alike(
    database: Database, order: list[str], begins: int
) -> None:
    """What the insurer tells in any order, and a county that from some point on reverses."""
    number = next(NEXT)
    claim_no = await undecided(database, number)
    settled = f"N-{number}"
    told: dict[str, tuple[str, dict[str, object]]] = {
        "decided": ("claim.decided", decided()),
        "sent": ("payout.sent", payout(payout_reference=f"PAY-{number}")),
        "paid": (
            "payout.paid",
            payout(payout_reference=f"PAY-{number}", settlement_no=settled),
        ),
        "returned": (
            "payout.returned",
            payout(payout_reference=f"PAY-{number}", settlement_no=settled, failure_code="other"),
        ),
    }
    for place, name in enumerate(order):
        type_, data = told[name]
        await deliver(database, claim_no, type_, **data)
        await work(database)
        for payout_id in await payout_ids(database, claim_no) if place >= begins else ():
            with contextlib.suppress(IllegalMove):
                await reverse(database, payout_id)
    view = await claim_view(database, claim_no)
    assert (view.claim.status, view.claim.paid_fen) == (ClaimStatus.PAYING, 0)
    assert [one.status for one in view.payouts] == [PayoutStatus.RETURNED]
    assert {state for _, state in await callback_states(database, claim_no)} <= {
        "applied",
        "ignored_stale",
    }
    await green(database)


async def undecided(database: Database, number: int) -> str:
    """A claim with its insurer, on a bill that nobody claimed for yet."""
    with contextlib.suppress(ReliefError):  # the first of them founds the county
        await county_with(database, CHUNAN, people=1)
    filed = await file(database, notice(1, bills=(bill(f"S-{number}"),)))
    await work(database)
    return filed.claims[0].claim_no


async def test_money_paid_wrongly_is_demanded_and_received_in_parts(database: Database) -> None:
    claim_no, payout_id = await paid_claim(database)
    async with database.transaction(COUNTY) as tx:
        with pytest.raises(Invalid):
            await demand_back(tx, payout_id, 200_001, "付错了人")
        demanded = await demand_back(tx, payout_id, 150_000, "付错了人")
        with pytest.raises(Invalid):
            await demand_back(tx, payout_id, 50_001, "付错了人")
    recovery_id = demanded.recovery.id
    async with database.transaction(COUNTY) as tx:
        await receive_back(tx, recovery_id, 100_000, date(2026, 11, 1), "R-1")
        with pytest.raises(Invalid):
            await receive_back(tx, recovery_id, 1, date(2026, 11, 1), "R-1")
        with pytest.raises(Invalid):
            await receive_back(tx, recovery_id, 50_001, date(2026, 11, 1), "R-2")
        with pytest.raises(Invalid):
            await receive_back(tx, recovery_id, 1, date(2099, 1, 1), "R-2")
    *_, books = await standing(database, claim_no)
    assert books == {
        "incurred": 200_000,
        "payable": 0,
        "paid": -200_000,
        "receivable": 50_000,
        "wrongly_paid": -150_000,
        "recovered": 100_000,
    }
    await green(database)
    async with database.transaction(COUNTY) as tx:
        done = await receive_back(tx, recovery_id, 50_000, date(2026, 11, 1), "R-2")
        assert done.recovery.state is RecoveryState.RECEIVED
        with pytest.raises(IllegalMove):
            await waive_recovery(tx, recovery_id, "算了")
    view = await claim_view(database, claim_no)
    assert (view.claim.status, view.claim.paid_fen) == (ClaimStatus.CLOSED, 200_000)
    await green(database)


async def test_a_demand_is_let_go_by_another_person_and_the_books_say_so(
    database: Database,
) -> None:
    claim_no, payout_id = await paid_claim(database)
    async with database.transaction(COUNTY) as tx:
        recovery_id = (await demand_back(tx, payout_id, 10_000, "多付")).recovery.id
    async with database.transaction(COUNTY) as tx:
        with pytest.raises(Forbidden):
            await waive_recovery(tx, recovery_id, "家庭困难")
    async with database.transaction(SECOND) as tx:
        waived = await waive_recovery(tx, recovery_id, "家庭困难")
    assert (waived.recovery.state, waived.recovery.left_fen) == (RecoveryState.WAIVED, 0)
    *_, books = await standing(database, claim_no)
    assert (books["receivable"], books["wrongly_paid"]) == (0, 0)  # type: ignore[index]
    await green(database)
    async with database.transaction(OTHER_COUNTY) as tx:
        with pytest.raises(NotFound):
            await list_recoveries(tx, payout_id)


async def test_money_that_is_being_recovered_is_not_undone_otherwise(database: Database) -> None:
    claim_no, payout_id = await paid_claim(database)
    async with database.transaction(COUNTY) as tx:
        await demand_back(tx, payout_id, 10_000, "多付")
    with pytest.raises(IllegalMove):
        await reverse(database, payout_id)
    await tell(database, claim_no, "returned", settlement_no="N-1", failure_code="other")
    assert (await callback_states(database, claim_no))[-1] == ("payout.returned", "parked")
    assert (await claim_view(database, claim_no)).claim.paid_fen == 200_000


async def test_reasons_hold_no_personal_numbers(database: Database) -> None:
    _, payout_id = await paid_claim(database)
    async with database.transaction(COUNTY) as tx:
        for act in (
            reverse_payout(tx, payout_id, "账号 6200000000001234"),
            demand_back(tx, payout_id, 1, "账号 6200000000001234"),
            confirm_receipt(tx, payout_id, Receipt.RECEIVED, ReceiptWay.RECIPIENT, "13800138000"),
        ):
            with pytest.raises(Invalid):
                await act


async def test_the_recipient_says_whether_the_money_came(database: Database) -> None:
    claim_no = await decided_claim(database)
    (payout_id,) = await payout_ids(database, claim_no)
    async with database.transaction(TOWNSHIP) as tx:
        with pytest.raises(IllegalMove):
            await confirm_receipt(tx, payout_id, Receipt.RECEIVED, ReceiptWay.RECIPIENT, None)
    await tell(database, claim_no, "paid", settlement_no="N-1")
    async with database.transaction(TOWNSHIP) as tx:
        with pytest.raises(Invalid):
            await confirm_receipt(tx, payout_id, Receipt.NOT_RECEIVED, ReceiptWay.SAMPLE, None)
        await confirm_receipt(tx, payout_id, Receipt.NOT_RECEIVED, ReceiptWay.SAMPLE, "卡已注销")
        seen = await confirm_receipt(tx, payout_id, Receipt.RECEIVED, ReceiptWay.RECIPIENT, None)
    assert (seen.payout.receipt, seen.payout.status) == ("received", PayoutStatus.PAID)
    await green(database)


async def test_a_sample_is_drawn_by_its_seed_and_drawn_alike_again(database: Database) -> None:
    claim_no = await decided_claim(
        database,
        payees=tuple(
            Payee(f"继承人{n}", f"62000000000011{n:02}", "示范农商行", "heir", 1_000)
            for n in range(10)
        ),
    )
    for number in range(10):
        told = {"settlement_no": f"N-{number}", "payout_reference": f"PAY-{number}"}
        await tell(database, claim_no, "paid", amount="200.00", paid_on="2026-06-20", **told)

    async def drawn(seed: str, on: date = date(2026, 6, 20)) -> tuple[int, list[UUID]]:
        async with database.transaction(TOWNSHIP) as tx:
            sample = await draw_sample(tx, f"P-{CHUNAN}", on, on, seed, 2_500)
        return sample.of, [seen.payout.id for seen in sample.payouts]

    of, first = await drawn("2026-06")
    assert (of, len(first)) == (10, 3)
    assert await drawn("2026-06") == (of, first)
    assert len({tuple((await drawn(str(seed)))[1]) for seed in range(5)}) > 1
    assert await drawn("2026-06", date(2026, 6, 21)) == (0, [])
    async with database.transaction(TOWNSHIP) as tx:
        with pytest.raises(Invalid):
            await draw_sample(tx, f"P-{CHUNAN}", date(2026, 7, 1), date(2026, 6, 1), "x", 100)
