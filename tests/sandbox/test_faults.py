"""When answers are lost, instructions are not; when either side dies, letters still arrive."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.outside.insurers import (
    Accepted,
    Endpoint,
    NotSent,
    RestDialect,
    SendResult,
    Unknown,
    open_client,
)
from tests.contracts import LOOPBACK
from tests.insurer import INSURER, SECRET, Letters, Mailbox, referral, running_insurer, until
from tests.rude import RudePeer

LETTERS = 48
NUMBERED = {
    "500_after_effect": "F24",
    "503_after_effect": "F24 F31",
    "close_after_effect": "F25",
    "half_body": "F27",
    "hang": "F26",
    "slow_drip": "F28",
    "html_200": "F30",
    "not_json": "F30",
    "duplicate_keys": "F30",
    "floats": "F30",
    "too_large": "F29",
    "redirect": "F31",
}
AFTER_EFFECT = {
    "500_after_effect": Unknown("status_500"),
    "503_after_effect": Unknown("status_503", 7),
    "close_after_effect": Unknown("connection_broken"),
    "half_body": Unknown("connection_broken"),
    "hang": Unknown("deadline"),
    "slow_drip": Unknown("deadline"),
    "html_200": Unknown("not_json_status_200"),
    "not_json": Unknown("not_json_status_202"),
    "duplicate_keys": Unknown("not_json_status_202"),
    "floats": Unknown("not_json_status_202"),
    "too_large": Unknown("answer_too_large"),
    "redirect": Unknown("status_307"),
}


async def script(url: str, *kinds: str) -> int:
    async with httpx.AsyncClient() as client:
        return (await client.post(f"{url}/faults", json={"next": kinds})).status_code


async def paid_counts(url: str) -> dict[str, int]:
    async with httpx.AsyncClient() as client:
        claims = (await client.get(f"{url}/ledger")).json()["claims"]
        return {claim_no: claim["paid_count"] for claim_no, claim in claims.items()}


@pytest.fixture
def own_mailbox() -> Iterator[Mailbox]:
    """A letter box nobody else writes to."""
    with Mailbox().open() as opened:
        yield opened


@pytest.mark.parametrize(
    ("fault", "expected"),
    AFTER_EFFECT.items(),
    ids=[f"{NUMBERED[fault]} {fault}" for fault in AFTER_EFFECT],
)
async def test_a_spoilt_answer_is_doubt_and_the_same_key_pays_once(
    insurer_url: str, mailbox: Letters, claim_no: str, fault: str, expected: SendResult
) -> None:
    assert await script(insurer_url, fault) == 200
    instruction = referral("901", claim_no=claim_no)
    async with open_client(LOOPBACK) as client:
        dialect = RestDialect(client, Endpoint(INSURER, insurer_url, SECRET, 0.7))
        assert await dialect.send(instruction) == expected
        asked = await dialect.ask(instruction.instruction_id)
        assert isinstance(asked, Accepted)
        assert await dialect.send(instruction) == asked
    await asyncio.to_thread(until, lambda: "payout.paid" in mailbox.types)
    assert (await paid_counts(insurer_url))[claim_no] == 1


async def test_a_connection_cut_before_the_effect_is_doubt_until_it_is_asked(
    insurer_url: str, dialect: RestDialect, claim_no: str
) -> None:
    await script(insurer_url, "drop")
    instruction = referral("901", claim_no=claim_no)
    assert await dialect.send(instruction) == Unknown("connection_broken")
    assert await dialect.ask(instruction.instruction_id) == NotSent("insurer_never_had_it")


async def test_a_fault_nobody_knows_is_refused(insurer_url: str) -> None:
    assert await script(insurer_url, "earthquake") == 422


async def test_a_callback_is_sent_until_it_is_taken_and_none_overtakes_it(
    tmp_path: Path, own_mailbox: Mailbox
) -> None:
    mailbox = own_mailbox
    mailbox.answers = [500, 302]
    with running_insurer(tmp_path / "insurer", mailbox.url) as (url, _):
        async with open_client(LOOPBACK) as client:
            await RestDialect(client, Endpoint(INSURER, url, SECRET)).send(referral("901"))
        await asyncio.to_thread(until, lambda: "payout.paid" in mailbox.types)
    sent = [event["type"] for _, event in mailbox.deliveries]
    assert sent == ["claim.accepted"] * 3 + ["claim.decided", "payout.sent", "payout.paid"]
    assert len({event_id for event_id, _ in mailbox.deliveries[:3]}) == 1


async def test_letters_wait_for_a_service_that_is_away(tmp_path: Path) -> None:
    mailbox = Mailbox()
    with running_insurer(tmp_path / "insurer", "http://127.0.0.1:9") as (url, _):
        async with open_client(LOOPBACK) as client:
            await RestDialect(client, Endpoint(INSURER, url, SECRET)).send(referral("901"))
        await asyncio.sleep(0.3)
    with mailbox.open(), running_insurer(tmp_path / "insurer", mailbox.url):
        await asyncio.to_thread(until, lambda: "payout.paid" in mailbox.types)


async def test_letters_outlive_a_service_that_hangs_up_while_they_are_carried_there(
    tmp_path: Path,
) -> None:
    with (
        RudePeer().open() as service,
        running_insurer(tmp_path / "insurer", service.url) as (url, process),
    ):
        async with open_client(LOOPBACK) as client:
            dialect = RestDialect(client, Endpoint(INSURER, url, SECRET))
            for n in range(LETTERS):
                await dialect.send(referral("901", claim_no=f"990127-2026-0003{n:02d}-1"))
        await asyncio.to_thread(until, lambda: service.hung_up > 3 * LETTERS)
        assert process.poll() is None
        assert set((await paid_counts(url)).values()) <= {0, 1}


async def test_an_insurer_killed_at_any_moment_pays_once_and_tells_everything(
    tmp_path: Path, own_mailbox: Mailbox
) -> None:
    mailbox = own_mailbox
    instructions = [referral("901", claim_no=f"990127-2026-00012{n}-1") for n in range(3)]
    deadline = time.monotonic() + 20
    done: set[str] = set()
    wait = 0.0
    while len(done) < len(instructions):
        assert time.monotonic() < deadline
        with running_insurer(tmp_path / "insurer", mailbox.url) as (url, process):
            async with open_client(LOOPBACK) as client:
                dialect = RestDialect(client, Endpoint(INSURER, url, SECRET, 1.0))
                for instruction in instructions:
                    await dialect.send(instruction)
            await asyncio.sleep(wait := wait + 0.04)
            process.kill()
        paid = [e["data"] for e in mailbox.events if e["type"] == "payout.paid"]
        done = {data["claim_no"] for data in paid}
    with running_insurer(tmp_path / "insurer", mailbox.url) as (url, _):
        assert list((await paid_counts(url)).values()) == [1, 1, 1]
    for instruction in instructions:
        mine = [
            event["type"]
            for event in mailbox.events
            if event["data"]["claim_no"] == instruction.content["claim_no"]
        ]
        assert mine == ["claim.accepted", "claim.decided", "payout.sent", "payout.paid"]
