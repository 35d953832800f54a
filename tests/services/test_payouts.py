"""Money on its way: bounces, corrected accounts, and every order in which news may arrive."""

from itertools import permutations

import pytest

from app.db.session import Database
from app.domain.errors import Forbidden, IllegalMove, Invalid
from app.domain.lifecycle import ClaimStatus, PayoutStatus
from app.domain.notice import Payee
from app.services.payouts.correct_account import correct_account
from app.services.payouts.view import read_payout
from tests.cases import (
    CHUNAN,
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
from tests.contracts import COUNTY, TOWNSHIP

ACCOUNT = ("张试1", "6200000000009999", "示范农商行")


async def decided_claim(database: Database, **changed: object) -> str:
    await county_with(database, CHUNAN)
    claim_no = (await file(database, notice(**changed))).claims[0].claim_no
    await work(database)
    await deliver(database, claim_no, "claim.decided", **decided())
    await work(database)
    return claim_no


async def tell(database: Database, claim_no: str, state: str, **more: object) -> None:
    await deliver(database, claim_no, f"payout.{state}", **payout(**more))
    await work(database)


async def test_a_bank_return_is_corrected_by_two_persons_and_paid_once(database: Database) -> None:
    claim_no = await decided_claim(database)
    await tell(database, claim_no, "sent")
    await tell(database, claim_no, "paid", settlement_no="N-1")
    await tell(database, claim_no, "returned", settlement_no="N-1", failure_code="account_closed")
    bounced = await claim_view(database, claim_no)
    assert (bounced.claim.status, bounced.claim.paid_fen) == (ClaimStatus.PAYING, 0)
    assert bounced.payouts[0].status is PayoutStatus.RETURNED
    assert bounced.sentence_zh == "银行未能入账，请核对并更正收款账户，更正后重新发放"

    payout_id = bounced.payouts[0].id
    async with database.transaction(TOWNSHIP) as tx:
        proposed = await correct_account(tx, payout_id, *ACCOUNT)
    assert proposed.awaits_second_person
    async with database.transaction(TOWNSHIP) as tx:
        with pytest.raises(Forbidden):
            await correct_account(tx, payout_id, *ACCOUNT)
    async with database.transaction(COUNTY) as tx:
        with pytest.raises(Invalid):
            await correct_account(tx, payout_id, ACCOUNT[0], "6200000000009998", ACCOUNT[2])
        confirmed = await correct_account(tx, payout_id, *ACCOUNT)
    assert (confirmed.awaits_second_person, confirmed.payout.account_last4) == (False, "9999")

    wire = await work(database)
    assert wire.kinds() == ["correct_account"]
    assert wire.sent[0].content["payout_reference"] == "PAY-1"
    await tell(database, claim_no, "sent", account_last4="9999")
    await tell(database, claim_no, "paid", settlement_no="N-2", account_last4="9999")
    closed = await claim_view(database, claim_no)
    assert (closed.claim.status, closed.claim.paid_fen) == (ClaimStatus.CLOSED, 200_000)
    async with database.transaction(COUNTY) as tx:
        attempts = (await read_payout(tx, payout_id)).attempts
    assert [(one.seq, one.status, one.settlement_no) for one in attempts] == [
        (1, "returned", "N-1"),
        (2, "paid", "N-2"),
    ]


async def test_a_payment_that_never_arrived_is_corrected_too(database: Database) -> None:
    claim_no = await decided_claim(database)
    await tell(database, claim_no, "sent")
    await tell(database, claim_no, "failed", failure_code="account_wrong")
    view = await claim_view(database, claim_no)
    assert view.payouts[0].status is PayoutStatus.FAILED
    for caller in (TOWNSHIP, COUNTY):
        async with database.transaction(caller) as tx:
            await correct_account(tx, view.payouts[0].id, *ACCOUNT)
    async with database.transaction(COUNTY) as tx:
        with pytest.raises(IllegalMove):
            await correct_account(tx, view.payouts[0].id, *ACCOUNT)


@pytest.mark.parametrize(
    "order",
    [
        *permutations(("decided", "sent", "paid", "returned")),
        ("accepted", "returned", "paid", "sent", "decided"),
        ("paid", "decided", "accepted", "returned", "sent"),
    ],
    ids="-".join,
)
async def test_f36_every_order_of_arrival_ends_in_the_same_state(
    database: Database, order: tuple[str, ...]
) -> None:
    await county_with(database, CHUNAN)
    claim_no = (await file(database, notice())).claims[0].claim_no
    await work(database)
    told = {
        "accepted": ("claim.accepted", {}),
        "decided": ("claim.decided", decided()),
        "sent": ("payout.sent", payout()),
        "paid": ("payout.paid", payout(settlement_no="N-1")),
        "returned": (
            "payout.returned",
            payout(settlement_no="N-1", failure_code="account_closed"),
        ),
    }
    for name in order:
        type_, data = told[name]
        await deliver(database, claim_no, type_, **data)
        await work(database)
    view = await claim_view(database, claim_no)
    assert (view.claim.status, view.claim.paid_fen) == (ClaimStatus.PAYING, 0)
    assert view.payouts[0].status is PayoutStatus.RETURNED
    assert {state for _, state in await callback_states(database, claim_no)} <= {
        "applied",
        "ignored_stale",
    }


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"amount": "2000.01"}, "more"),
        ({"amount": "1999.99"}, "less"),
        ({"amount": "0.00"}, "nothing"),
        ({"payout_reference": "PAY-2"}, "another payout"),
        ({"settlement_no": "N-9"}, "paid again"),
        ({"amount": "-2000.00"}, "negative"),
        ({"amount": "2000.000"}, "three decimals"),
        ({"amount": "1000000000000000.00"}, "10^15"),
        ({"amount": 2000}, "a number"),
        ({"currency": "USD"}, "dollars"),
        ({"purpose": "gift"}, "for what"),
    ],
    ids=lambda case: case if isinstance(case, str) else "",
)
async def test_f40_money_that_does_not_fit_to_the_fen_is_parked_and_never_booked(
    database: Database, told: dict[str, object], reason: str
) -> None:
    claim_no = await decided_claim(database)
    await tell(database, claim_no, "paid", settlement_no="N-1")
    await tell(database, claim_no, "paid", **{"settlement_no": "N-2", **told})
    assert (await callback_states(database, claim_no))[-1] == ("payout.paid", "parked")
    assert (await claim_view(database, claim_no)).claim.paid_fen == 200_000


async def test_f41_a_settlement_number_pays_one_claim_only(database: Database) -> None:
    first = await decided_claim(database)
    await tell(database, first, "paid", settlement_no="N-1")
    second = (await file(database, notice(2))).claims[0].claim_no
    await work(database)
    await deliver(database, second, "claim.decided", **decided())
    await tell(database, second, "paid", settlement_no="N-1", payout_reference="PAY-2")
    assert (await callback_states(database, second))[-1] == ("payout.paid", "parked")


async def test_f42_parts_that_together_go_beyond_the_decision_are_parked_at_the_crossing_one(
    database: Database,
) -> None:
    payees = tuple(
        Payee(f"继承人{n}", f"620000000000111{n}", "示范农商行", "heir", 5_000) for n in (1, 2)
    )
    claim_no = await decided_claim(database, payees=payees)
    for number in (1, 2, 3):
        told = {"settlement_no": f"N-{number}", "payout_reference": f"PAY-{number}"}
        await tell(database, claim_no, "paid", amount="1000.00", **told)
    states = [state for _, state in await callback_states(database, claim_no)]
    assert states == ["applied", "applied", "applied", "parked"]
    assert (await claim_view(database, claim_no)).claim.paid_fen == 200_000


async def test_shares_of_several_payees_sum_to_the_decided_amount(database: Database) -> None:
    payees = tuple(
        Payee(f"继承人{n}", f"620000000000111{n}", "示范农商行", "heir", share)
        for n, share in enumerate((3_333, 3_333, 3_334))
    )
    claim_no = await decided_claim(database, payees=payees)
    view = await claim_view(database, claim_no)
    assert sum(one.amount_fen for one in view.payouts) == 200_000
    for number, one in enumerate(view.payouts, start=1):
        amount = f"{one.amount_fen // 100}.{one.amount_fen % 100:02d}"
        await tell(
            database,
            claim_no,
            "paid",
            settlement_no=f"N-{number}",
            payout_reference=f"PAY-{number}",
            amount=amount,
        )
    assert (await claim_view(database, claim_no)).claim.status is ClaimStatus.CLOSED


async def returned_and_corrected(database: Database) -> str:
    """A claim whose first transfer came back, `payout.sent` of it still on its way to us."""
    claim_no = await decided_claim(database)
    await tell(database, claim_no, "paid", settlement_no="N-1")
    await tell(database, claim_no, "returned", settlement_no="N-1", failure_code="account_closed")
    bounced = (await claim_view(database, claim_no)).payouts[0]
    for caller in (TOWNSHIP, COUNTY):
        async with database.transaction(caller) as tx:
            await correct_account(tx, bounced.id, *ACCOUNT)
    return claim_no


@pytest.mark.parametrize("told", [(), ("sent",), ("sent", "paid")], ids="-".join)
async def test_f36_late_news_of_the_first_try_is_never_the_second_try(
    database: Database, told: tuple[str, ...]
) -> None:
    claim_no = await returned_and_corrected(database)
    assert (await work(database)).kinds() == ["correct_account"]
    second = {"sent": {}, "paid": {"settlement_no": "N-2"}}
    for state in told:
        await tell(database, claim_no, state, account_last4="9999", **second[state])
    await tell(database, claim_no, "sent")  # of the first try: it names the account ending in 1234
    for state in ("sent", "paid"):
        if state not in told:
            await tell(database, claim_no, state, account_last4="9999", **second[state])
    closed = await claim_view(database, claim_no)
    assert (closed.claim.status, closed.claim.paid_fen) == (ClaimStatus.CLOSED, 200_000)
    async with database.transaction(COUNTY) as tx:
        attempts = (await read_payout(tx, closed.payouts[0].id)).attempts
    assert [(one.status, one.account_last4) for one in attempts] == [
        ("returned", "1234"),
        ("paid", "9999"),
    ]


async def test_an_attempt_keeps_the_account_that_the_money_went_to(database: Database) -> None:
    claim_no = await returned_and_corrected(database)
    await work(database)
    await tell(database, claim_no, "sent", account_last4=None)
    await tell(database, claim_no, "paid", settlement_no="N-2", account_last4="9999")
    paid = (await claim_view(database, claim_no)).payouts[0]
    async with database.transaction(COUNTY) as tx:
        attempts = (await read_payout(tx, paid.id)).attempts
    assert [(one.status, one.account_last4) for one in attempts][1:] == [("paid", "9999")]
