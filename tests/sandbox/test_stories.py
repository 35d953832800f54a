"""The stand-in as a real process: every story, told by signed callbacks in order."""

import asyncio
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from app.outside.insurers import (
    Accepted,
    AccountQuestion,
    Instruction,
    Match,
    NotSent,
    Rejected,
    RestDialect,
)
from app.outside.insurers.rest import render
from app.sandbox.insurer import Insurer, Ways
from app.sandbox.till import happen
from tests.insurer import Letters, Mailbox, about, referral, until

Writes = Callable[..., Instruction]

PAID = ["claim.accepted", "claim.decided", "payout.sent", "payout.paid"]
STORIES = {
    "full": ("901", PAID, ("full", "1600.01")),
    "half, down to the fen": ("902", PAID, ("partial", "800.00")),
    "refused": ("903", PAID[:2], ("declined", "0.00")),
    "below deductible": ("905", PAID[:2], ("below_deductible", "0.00")),
    "bank failure": ("906", [*PAID[:3], "payout.failed"], ("full", "1600.01")),
    "bank return": ("907", [*PAID, "payout.returned"], ("full", "1600.01")),
    "no magic": ("001", PAID, ("full", "1600.01")),
}


async def arrived(mailbox: Letters, types: list[str]) -> None:
    await asyncio.to_thread(until, lambda: mailbox.types == types)


async def accepted(dialect: RestDialect, instruction: Instruction) -> str:
    answer = await dialect.send(instruction)
    assert isinstance(answer, Accepted)
    assert not answer.duplicate
    return answer.insurer_case_no


async def ledger(url: str) -> dict[str, dict[str, object]]:
    async with httpx.AsyncClient() as client:
        claims: dict[str, dict[str, object]] = (await client.get(f"{url}/ledger")).json()["claims"]
        return claims


async def shown(url: str, claim_no: str) -> tuple[dict[str, str], list[dict[str, str]]]:
    """What the stand-in's page tells of a claim: its case and the letters still on the way."""
    async with httpx.AsyncClient() as client:
        page = (await client.get(url)).json()
    [case] = [case for case in page["cases"] if case["claim_no"] == claim_no]
    return case, [letter for letter in page["letters_open"] if letter["claim_no"] == claim_no]


async def silence(url: str, claim_no: str) -> dict[str, str]:
    """Wait until no letter about a claim is on the way; give its case."""
    async with asyncio.timeout(5):
        while (page := await shown(url, claim_no))[1]:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.02)
    return page[0]


@pytest.mark.parametrize(("sequence", "types", "end"), STORIES.values(), ids=STORIES)
async def test_the_sequence_digits_of_the_id_number_choose_the_story(
    dialect: RestDialect,
    mailbox: Letters,
    sequence: str,
    types: list[str],
    end: tuple[str, str],
    refer: Writes,
    claim_no: str,
) -> None:
    case_no = await accepted(dialect, refer(sequence))
    await arrived(mailbox, types)
    decided = mailbox.last("claim.decided")
    assert (decided["outcome"], decided["amount"]) == end
    assert decided["currency"] == "CNY"
    assert decided["clause"]
    assert decided["reason_zh"]
    date.fromisoformat(decided["decided_on"])
    for event in mailbox.events:
        assert event["data"]["claim_no"] == claim_no
        assert event["data"]["insurer_case_no"] == case_no
        assert event["timestamp"].endswith("Z")


async def test_callbacks_come_to_the_insurers_own_address(
    dialect: RestDialect, letter_box: Mailbox, mailbox: Letters, refer: Writes
) -> None:
    await accepted(dialect, refer("908"))
    await arrived(mailbox, ["claim.accepted"])
    assert letter_box.paths == {"/v1/callbacks/demo-insurer/events"}


async def test_money_that_went_out_is_told_with_its_numbers(
    dialect: RestDialect, mailbox: Letters, insurer_url: str, refer: Writes, claim_no: str
) -> None:
    await accepted(dialect, refer("901"))
    await arrived(mailbox, PAID)
    sent, paid = mailbox.last("payout.sent"), mailbox.last("payout.paid")
    assert sent["payout_reference"] == paid["payout_reference"]
    assert sent["amount"] == paid["amount"] == "1600.01"
    assert sent["account_last4"] == paid["account_last4"] == "1234"
    date.fromisoformat(paid["paid_on"])
    assert (await ledger(insurer_url))[claim_no] == {
        "paid_count": 1,
        "returned_count": 0,
        "paid": "1600.01",
        "paid_to": ["1234"],
        "settlement_nos": [paid["settlement_no"]],
    }


@pytest.mark.parametrize(
    ("total", "outcome"),
    [("50000.01", "full"), ("50000.02", "partial"), ("50000.03", "declined"), ("50000.99", "full")],
)
async def test_without_magic_digits_the_fen_of_the_first_bill_do(
    dialect: RestDialect, mailbox: Letters, total: str, outcome: str, refer: Writes
) -> None:
    person = {"name": "测试乙", "id_type": "none", "id_number": None}
    await accepted(dialect, refer(person=person, bills=[{"kind": "x", "total": total}]))
    await asyncio.to_thread(until, lambda: "claim.decided" in mailbox.types)
    assert mailbox.last("claim.decided")["outcome"] == outcome


@pytest.mark.parametrize(
    ("sentences", "outcome"),
    [(["起付线 10,000.00 元，未达到"], "below_deductible"), ([], "nil")],
    ids=["deductible", "nothing"],
)
async def test_a_claim_that_came_to_nothing_is_decided_at_nothing_and_not_refused(
    dialect: RestDialect, mailbox: Letters, sentences: list[str], outcome: str, refer: Writes
) -> None:
    covers = [{"code": "inpatient", "amount": "0.00", "sentences": sentences}]
    await accepted(dialect, refer("901", assessment={"amount": "0.00", "covers": covers}))
    await arrived(mailbox, PAID[:2])
    assert mailbox.last("claim.decided")["outcome"] == outcome
    assert mailbox.last("claim.decided")["amount"] == "0.00"


async def test_papers_are_asked_for_once_and_then_it_is_decided_in_full(
    dialect: RestDialect, mailbox: Letters, refer: Writes, tell: Writes
) -> None:
    await accepted(dialect, refer("904"))
    await arrived(mailbox, ["claim.accepted", "claim.evidence_requested"])
    asked = mailbox.last("claim.evidence_requested")
    assert set(asked["items"][0]) == {"code", "label_zh"}
    assert date.fromisoformat(asked["due_on"]) > date(2026, 1, 1)
    assert asked["reason_zh"]
    papers = [{"kind": "itemised_list", "sha256": "0" * 64}]
    await accepted(dialect, tell("supply_papers", documents=papers))
    await accepted(dialect, tell("supply_papers", documents=papers))
    await arrived(mailbox, ["claim.accepted", "claim.evidence_requested", *PAID[1:]])
    assert mailbox.last("claim.decided")["outcome"] == "full"


@pytest.mark.parametrize("sequence", ["906", "907"])
async def test_a_corrected_account_is_paid_under_the_same_reference_with_a_new_settlement(
    dialect: RestDialect,
    mailbox: Letters,
    insurer_url: str,
    sequence: str,
    refer: Writes,
    tell: Writes,
    claim_no: str,
) -> None:
    await accepted(dialect, refer(sequence))
    bounced = "payout.failed" if sequence == "906" else "payout.returned"
    await asyncio.to_thread(until, lambda: bounced in mailbox.types)
    bounce = mailbox.last(bounced)
    assert bounce["failure_code"] in {"account_wrong", "account_closed"}
    payee = {"name": "测试甲", "account": "6200000000005678", "bank": "示例银行"}
    correction = tell("correct_account", payout_reference=bounce["payout_reference"], payee=payee)
    await accepted(dialect, correction)
    await asyncio.to_thread(until, lambda: mailbox.types[-2:] == ["payout.sent", "payout.paid"])
    paid = mailbox.last("payout.paid")
    assert paid["payout_reference"] == bounce["payout_reference"]
    assert paid["settlement_no"] != bounce.get("settlement_no")
    assert paid["account_last4"] == "5678"
    [claim] = [(await ledger(insurer_url))[claim_no]]
    assert (claim["paid_count"], claim["paid"]) == (1, "1600.01")
    assert claim["returned_count"] == int(sequence == "907")
    again = tell("correct_account", payout_reference=bounce["payout_reference"], payee=payee)
    assert await dialect.send(again) == Rejected("payout.not_correctable", "该笔赔款无需更正账户")


async def test_without_an_account_the_payment_fails_until_one_is_given(
    dialect: RestDialect, mailbox: Letters, refer: Writes
) -> None:
    await accepted(dialect, refer("901", payees=[]))
    await arrived(mailbox, [*PAID[:3], "payout.failed"])
    assert mailbox.last("payout.failed")["failure_code"] == "account_wrong"


async def test_several_payees_are_paid_their_parts_to_the_fen(
    dialect: RestDialect, mailbox: Letters, insurer_url: str, refer: Writes, claim_no: str
) -> None:
    payees = [
        {"account": f"62000000000000{n}{n}", "share_bp": bp} for n, bp in ((1, 3333), (2, 6667))
    ]
    await accepted(dialect, refer("901", payees=payees))
    await asyncio.to_thread(until, lambda: mailbox.types.count("payout.paid") == 2)
    paid = [event["data"] for event in mailbox.events if event["type"] == "payout.paid"]
    assert [data["amount"] for data in paid] == ["533.28", "1066.73"]
    assert len({data["payout_reference"] for data in paid}) == 2
    [claim] = [(await ledger(insurer_url))[claim_no]]
    assert claim["paid"] == "1600.01"


async def test_a_withdrawn_claim_is_never_paid(
    dialect: RestDialect,
    mailbox: Letters,
    insurer_url: str,
    refer: Writes,
    tell: Writes,
    claim_no: str,
) -> None:
    await accepted(dialect, refer("909"))
    await arrived(mailbox, ["claim.accepted"])
    await accepted(dialect, tell("withdraw_claim"))
    case = await silence(insurer_url, claim_no)
    assert case["stage"] == "withdrawn"
    assert claim_no not in await ledger(insurer_url)


async def test_the_silent_story_accepts_and_says_no_more(
    dialect: RestDialect, mailbox: Letters, insurer_url: str, refer: Writes, claim_no: str
) -> None:
    await accepted(dialect, refer("908"))
    await arrived(mailbox, ["claim.accepted"])
    case = await silence(insurer_url, claim_no)
    assert (case["story"], case["assessed"]) == ("silent", "1600.01")
    assert mailbox.types == ["claim.accepted"]


async def test_the_slow_story_decides_after_five_seconds(
    dialect: RestDialect, mailbox: Letters, refer: Writes
) -> None:
    await accepted(dialect, refer("909"))
    await asyncio.sleep(0.5)
    assert mailbox.types == ["claim.accepted"]
    await arrived(mailbox, PAID)


async def test_the_same_key_is_carried_out_once_and_answered_alike(
    dialect: RestDialect, mailbox: Letters, insurer_url: str, refer: Writes, claim_no: str
) -> None:
    instruction = refer("901")
    case_no = await accepted(dialect, instruction)
    for _ in range(3):
        assert await dialect.send(instruction) == Accepted(case_no, duplicate=True)
    assert await dialect.ask(instruction.instruction_id) == Accepted(case_no, duplicate=True)
    await arrived(mailbox, PAID)
    [claim] = [(await ledger(insurer_url))[claim_no]]
    assert claim["paid_count"] == 1


async def test_the_same_key_with_another_body_is_refused(
    dialect: RestDialect, refer: Writes
) -> None:
    await accepted(dialect, refer("901", key := uuid4()))
    assert await dialect.send(refer("902", key)) == Rejected(
        "idempotency.conflict", "同一指令号内容不同"
    )


async def test_a_key_it_never_saw_is_said_to_be_so(dialect: RestDialect) -> None:
    assert await dialect.ask(uuid4()) == NotSent("insurer_never_had_it")


@pytest.mark.parametrize(
    "instruction",
    [about("supply_papers"), about("withdraw_claim"), about("dance"),
     about("correct_account", payout_reference="x", payee={}),
     referral(assessment={"amount": "1600"}), referral(assessment={"amount": 1600}),
     Instruction(uuid4(), {"kind": "refer_claim"})],
    ids=["papers", "withdrawal", "kind", "correction", "precision", "number", "empty"],
)  # fmt: skip
async def test_what_makes_no_sense_is_refused_and_leaves_nothing(
    dialect: RestDialect, instruction: Instruction
) -> None:
    answer = await dialect.send(instruction)
    assert isinstance(answer, Rejected)
    assert not answer.may_retry
    assert await dialect.ask(instruction.instruction_id) == NotSent("insurer_never_had_it")


async def test_who_cannot_sign_is_turned_away(insurer_url: str) -> None:
    async with httpx.AsyncClient() as client:
        body = json.dumps({"kind": "withdraw_claim"})
        for headers in (
            {},
            {"idempotency-key": "x"},
            {"idempotency-key": "x", "webhook-id": "x", "webhook-timestamp": "nan",
             "webhook-signature": "v1"},
        ):  # fmt: skip
            answer = await client.post(
                f"{insurer_url}/v1/instructions", content=body, headers=headers
            )
            assert answer.status_code == 401
        assert (await client.get(f"{insurer_url}/v1/instructions/x")).status_code == 401


async def test_an_advance_is_paid_before_the_decision_and_taken_off_what_follows(
    dialect: RestDialect,
    mailbox: Letters,
    insurer_url: str,
    refer: Writes,
    tell: Writes,
    claim_no: str,
) -> None:
    await accepted(dialect, refer("904"))
    await arrived(mailbox, ["claim.accepted", "claim.evidence_requested"])
    payees = [{"name": "测试甲", "account": "6200000000001234", "share_bp": 10000}]
    await accepted(dialect, tell("request_advance", amount="600.00", payees=payees))
    await asyncio.to_thread(until, lambda: "payout.paid" in mailbox.types)
    first = mailbox.last("payout.paid")
    assert (first["amount"], first["purpose"]) == ("600.00", "advance")
    await accepted(dialect, tell("supply_papers"))
    await asyncio.to_thread(until, lambda: mailbox.types.count("payout.paid") == 2)
    assert mailbox.last("claim.decided")["amount"] == "1600.01"
    assert mailbox.last("payout.paid")["amount"] == "1000.01"
    [claim] = [(await ledger(insurer_url))[claim_no]]
    assert claim["paid"] == "1600.01"
    late = await dialect.send(tell("request_advance", amount="1.00", payees=payees))
    assert isinstance(late, Rejected)
    assert late.code == "advance.not_open"


async def test_an_advance_on_a_claim_that_is_being_decided_leaves_the_difference(
    dialect: RestDialect, mailbox: Letters, refer: Writes, tell: Writes
) -> None:
    await accepted(dialect, refer("909"))
    payees = [{"name": "测试甲", "account": "6200000000001234", "share_bp": 10000}]
    await accepted(dialect, tell("request_advance", amount="1600.01", payees=payees))
    await arrived(mailbox, ["claim.accepted", *PAID[2:], "claim.decided"])
    assert mailbox.last("claim.decided")["amount"] == "1600.01"


@pytest.mark.parametrize(
    ("last4", "match"), [("1234", Match.YES), ("4001", Match.NO), ("4002", Match.UNKNOWN)]
)
async def test_the_end_of_an_account_says_whose_it_is(
    dialect: RestDialect, last4: str, match: Match
) -> None:
    question = AccountQuestion(uuid4(), "测试甲", f"620000000000{last4}", "示范农商行")
    assert await dialect.check_account(question) is match


async def test_a_payment_that_waits_for_an_account_is_made_to_the_first_that_is_given(
    dialect: RestDialect, refer: Writes, tell: Writes, mailbox: Mailbox
) -> None:
    nobody = [{"name": "测试甲", "account": "", "share_bp": 10000}]
    await accepted(dialect, refer("901", payees=nobody))
    given = {"payout_reference": None, "payee": {"name": "测试甲", "account": "6200000000007721"}}
    await accepted(dialect, tell("correct_account", **given))
    await asyncio.to_thread(until, lambda: "payout.paid" in mailbox.types)
    assert mailbox.last("payout.paid")["account_last4"] == "7721"
    assert isinstance(await dialect.send(tell("correct_account", **given)), Rejected)


@pytest.mark.parametrize(("honours_keys", "payments"), [(True, 1), (False, 2)])
def test_who_honours_no_keys_pays_a_correction_as_often_as_it_comes(
    tmp_path: Path, honours_keys: bool, payments: int
) -> None:
    """Or a service that sends one twice would never be found out."""
    ways = Ways(delay_seconds=0.0, honours_keys=honours_keys)
    state = tmp_path / "books.sqlite3"
    insurer = Insurer(code="x", state=state, callback_url="http://127.0.0.1:9", ways=ways)
    first = referral("906")
    insurer.receive(str(first.instruction_id), render(first))
    happen(insurer.books)
    [failed] = insurer.books.all("SELECT reference FROM payment WHERE state = 'failed'")
    right = {"name": "测试甲", "account": "6200000000007721", "bank": "示范农商行"}
    corrected = about("correct_account", payout_reference=failed["reference"], payee=right)
    for _ in range(2):
        insurer.receive(str(corrected.instruction_id), render(corrected))
        happen(insurer.books)
    assert len(insurer.books.all("SELECT 1 FROM settlement WHERE state = 'paid'")) == payments
    insurer.books.close()
