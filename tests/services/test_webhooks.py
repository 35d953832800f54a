"""Webhooks out: signed as others verify, in order, at least once, bounded whatever the receiver."""

import asyncio
import base64
import gc
import json
import warnings
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import text
from standardwebhooks import Webhook, WebhookVerificationError

from app.db.events import NewEvent, write_event
from app.db.guard import read_gauges
from app.db.session import Database
from app.db.webhook_deliveries import DeliveryRow
from app.db.webhook_endpoints import EndpointRow
from app.domain.caller import Caller
from app.domain.webhook import ATTEMPTS_MAX, PAUSES, Scheme, pause_after, rest_after
from app.outside.webhooks import Messenger, open_client
from app.services.feed.number_events import number_events
from app.services.webhooks.add_endpoint import add_endpoint
from app.services.webhooks.change_endpoint import change_endpoint
from app.services.webhooks.ping_endpoint import ping_endpoint
from app.services.webhooks.read_endpoints import list_deliveries, read_endpoint
from app.services.webhooks.replay import replay_one, replay_since
from app.services.webhooks.rotate_secret import rotate_secret
from app.worker.guard import guard_round
from app.worker.webhooks import Teller
from tests.contracts import COUNTY, INSURER, LOOPBACK, OTHER_COUNTY, SYSTEM, TOWN
from tests.receiver import Letter, Receiver

CLAIM = "990127-2026-000001-1"


async def happened(
    database: Database, *types: str, caller: Caller = COUNTY, insurer: str | None = None
) -> None:
    """Let something happen in a county, each in a transaction of its own."""
    area = TOWN if caller is not OTHER_COUNTY else 990128001000
    for type_ in types:
        async with database.transaction(SYSTEM) as tx:
            found = await tx.sql.execute(text("SELECT count(*) FROM event"))
            version = found.scalar_one() + 1
            await write_event(
                tx,
                NewEvent(
                    type_.partition(".")[0],
                    CLAIM,
                    version,
                    type_,
                    area,
                    insurer_code=insurer,
                    detail={"name": "张试1"},
                ),
            )
    await number_events(database)


async def subscribe(
    database: Database,
    url: str,
    *types: str,
    scheme: Scheme = Scheme.HMAC,
    caller: Caller = COUNTY,
) -> tuple[EndpointRow, str]:
    async with database.transaction(caller) as tx:
        endpoint, secret = await add_endpoint(tx, url, types, scheme)
    return endpoint, secret or ""


@asynccontextmanager
async def teller(database: Database, **changed: float) -> AsyncGenerator[Teller]:
    async with open_client(LOOPBACK) as client:
        messenger = Messenger(client, float(changed.pop("deadline_seconds", 2.0)))
        yield Teller(database, messenger, **changed)


async def tell_all(database: Database, **changed: float) -> int:
    async with teller(database, **changed) as telling:
        return await telling.drain()


async def deliveries(database: Database, endpoint_id: UUID) -> list[DeliveryRow]:
    """All deliveries of an endpoint of the county, oldest first."""
    async with database.transaction(COUNTY) as tx:
        found = await list_deliveries(tx, endpoint_id, state=None, before=None, limit=200)
    return found[::-1]


async def endpoint_now(database: Database, endpoint_id: UUID) -> EndpointRow:
    async with database.transaction(COUNTY) as tx:
        return await read_endpoint(tx, endpoint_id)


async def let_time_pass(database: Database, endpoint_id: UUID) -> None:
    """Let every rest and pause of an endpoint be over."""
    async with database.transaction(SYSTEM) as tx:
        values = {"id": endpoint_id}
        await tx.sql.execute(
            text("UPDATE webhook_endpoint SET rest_until = NULL WHERE id = :id"), values
        )
        await tx.sql.execute(
            text(
                "UPDATE webhook_delivery SET next_at = business_now() "
                "WHERE endpoint_id = :id AND state = 'waiting'"
            ),
            values,
        )


def told(letters: list[Letter]) -> list[str]:
    return [json.loads(letter.body)["type"] for letter in letters]


async def test_events_are_told_in_their_order_signed_and_thin(fresh_database: Database) -> None:
    async with Receiver().open() as receiver:
        endpoint, secret = await subscribe(fresh_database, receiver.url)
        await happened(fresh_database, "claim.open", "claim.accept", "claim.decide")
        await tell_all(fresh_database)
        assert told(receiver.letters) == ["claim.open", "claim.accept", "claim.decide"]
        for letter in receiver.letters:
            Webhook(secret).verify(letter.body, letter.headers)
            message = json.loads(letter.body)
            assert message.keys() == {"type", "timestamp", "data"}
            assert message["data"].keys() == {"resource", "id", "version", "seq"}
            assert "张试" not in letter.body.decode()
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(receiver.letters[0].body + b" ", receiver.letters[0].headers)
        assert await tell_all(fresh_database) == 0
    rows = await deliveries(fresh_database, endpoint.id)
    assert [(row.state, row.status, row.attempts) for row in rows] == [("delivered", 204, 1)] * 3
    assert len({letter.headers["webhook-id"] for letter in receiver.letters}) == 3


async def test_ed25519_is_verified_by_another_library(fresh_database: Database) -> None:
    async with Receiver().open() as receiver:
        endpoint, secret = await subscribe(fresh_database, receiver.url, scheme=Scheme.ED25519)
        assert secret == ""
        await happened(fresh_database, "claim.open")
        await tell_all(fresh_database)
    (letter,) = receiver.letters
    assert endpoint.public_key is not None
    raw = base64.b64decode(endpoint.public_key.removeprefix("whpk_"))
    version, _, signature = letter.headers["webhook-signature"].partition(",")
    assert version == "v1a"
    key = Ed25519PublicKey.from_public_bytes(raw)
    signed = (
        f"{letter.headers['webhook-id']}.{letter.headers['webhook-timestamp']}.".encode()
        + letter.body
    )
    key.verify(base64.b64decode(signature), signed)
    with pytest.raises(InvalidSignature):
        key.verify(base64.b64decode(signature), signed + b" ")


async def test_only_what_is_in_its_scope_and_of_its_types_is_told(
    fresh_database: Database,
) -> None:
    async with Receiver().open() as ours, Receiver().open() as theirs, Receiver().open() as firm:
        await subscribe(fresh_database, ours.url, "claim.decide", "payout")
        await subscribe(fresh_database, theirs.url, caller=OTHER_COUNTY)
        await subscribe(fresh_database, firm.url, caller=INSURER)
        await happened(fresh_database, "claim.open", "claim.decide", "payout.paid")
        await happened(fresh_database, "claim.assess", insurer="demo-insurer")
        await happened(fresh_database, "claim.close", insurer="rival")
        await tell_all(fresh_database)
    assert told(ours.letters) == ["claim.decide", "payout.paid"]
    assert told(theirs.letters) == []
    assert told(firm.letters) == ["claim.assess"]


async def test_while_keys_rotate_either_verifies_and_a_day_later_the_new_one_alone(
    fresh_database: Database,
) -> None:
    async with Receiver().open() as receiver:
        endpoint, old = await subscribe(fresh_database, receiver.url)
        async with fresh_database.transaction(COUNTY) as tx:
            _, new = await rotate_secret(tx, endpoint.id)
        await happened(fresh_database, "claim.open")
        await tell_all(fresh_database)
        async with fresh_database.transaction(SYSTEM) as tx:
            await tx.sql.execute(text("SET LOCAL ROLE NONE"))
            await tx.sql.execute(text("UPDATE sandbox_clock SET ahead = interval '25 hours'"))
        await happened(fresh_database, "claim.accept")
        await tell_all(fresh_database)
    assert new is not None
    both, alone = receiver.letters
    for secret in (old, new):
        Webhook(secret).verify(both.body, both.headers)
    Webhook(new).verify(alone.body, alone.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(alone.body, alone.headers)


BAD_MANNERS: dict[int | str, tuple[int | None, str | None]] = {
    500: (500, None),
    "redirect": (302, "redirected"),
    "hang": (None, "deadline"),
    "drip": (None, "deadline"),
    "garbage": (None, "not_http"),
}


async def test_what_goes_wrong_is_named_and_tried_again_by_the_table(
    fresh_database: Database,
) -> None:
    async with AsyncExitStack() as open_ones:
        bad: dict[int | str, tuple[Receiver, UUID]] = {}
        for manner in BAD_MANNERS:
            receiver = Receiver(manner)
            await open_ones.enter_async_context(receiver.open())
            bad[manner] = (receiver, (await subscribe(fresh_database, receiver.url))[0].id)
        await happened(fresh_database, "claim.open")
        await tell_all(fresh_database, deadline_seconds=0.5)
        for manner, (status, reason) in BAD_MANNERS.items():
            receiver, endpoint_id = bad[manner]
            (row,) = await deliveries(fresh_database, endpoint_id)
            found = (row.state, row.attempts, row.status, row.reason)
            assert found == ("waiting", 1, status, reason), manner
            assert row.tried_at is not None
            assert timedelta(seconds=4) < row.next_at - row.tried_at < timedelta(seconds=6)
            assert {letter.path for letter in receiver.letters} <= {"/hook"}  # never /inside
            receiver.manner = 200
            await let_time_pass(fresh_database, endpoint_id)
        await tell_all(fresh_database)
        for manner in BAD_MANNERS:
            (row,) = await deliveries(fresh_database, bad[manner][1])
            assert (row.state, row.attempts) == ("delivered", 2), manner


async def test_garbage_in_the_place_of_tls_is_named(fresh_database: Database) -> None:
    async with Receiver("garbage").open() as receiver:
        url = receiver.url.replace("http://", "https://")
        endpoint, _ = await subscribe(fresh_database, url)
        await happened(fresh_database, "claim.open")
        with warnings.catch_warnings():
            # The client's library leaves the socket of a failed handshake to the collector.
            warnings.simplefilter("ignore", ResourceWarning)
            await tell_all(fresh_database)
            gc.collect()
    (row,) = await deliveries(fresh_database, endpoint.id)
    assert (row.state, row.reason) == ("waiting", "tls")


async def test_two_gigabytes_of_answer_are_not_read(fresh_database: Database) -> None:
    async with Receiver("huge").open() as receiver:
        endpoint, _ = await subscribe(fresh_database, receiver.url)
        await happened(fresh_database, "claim.open")
        await tell_all(fresh_database, deadline_seconds=10.0)
    (row,) = await deliveries(fresh_database, endpoint.id)
    assert (row.state, row.status) == ("delivered", 200)  # it has the message: 200 came first
    assert receiver.written < 64 * 1024**2  # what the sockets between us hold, and no more


async def test_a_name_that_comes_to_lead_inside_is_refused_when_connecting(
    fresh_database: Database,
) -> None:
    async with Receiver().open() as receiver:
        url = receiver.url.replace("127.0.0.1", "localhost")
        endpoint, _ = await subscribe(fresh_database, url)
        await happened(fresh_database, "claim.open")
        async with open_client(()) as client:
            await Teller(fresh_database, Messenger(client, 2.0)).drain()
    (row,) = await deliveries(fresh_database, endpoint.id)
    assert (row.state, row.reason, receiver.letters) == ("waiting", "address_inside", [])


async def test_one_that_hangs_slows_nobody_else(fresh_database: Database) -> None:
    async with (
        Receiver().open() as good,
        teller(fresh_database, deadline_seconds=60.0, poll_seconds=0.05) as telling,
    ):
        async with Receiver("hang").open() as bad:
            await subscribe(fresh_database, bad.url)
            await subscribe(fresh_database, good.url)
            await happened(fresh_database, *["claim.open"] * 5)
            running = asyncio.create_task(telling.run())
            await bad.arrived(1)
            await good.arrived(5, 45.0)  # less than the first call to the bad one takes
        telling.stop()
        await running
    assert len(bad.letters) == 1


async def test_a_dead_receiver_rests_and_is_asked_with_one_message_at_a_time(
    fresh_database: Database,
) -> None:
    async with Receiver(503).open() as receiver:
        endpoint, _ = await subscribe(fresh_database, receiver.url)
        await happened(fresh_database, *["claim.open"] * 8)
        await tell_all(fresh_database)
        now = await endpoint_now(fresh_database, endpoint.id)
        assert now.failures == len(receiver.letters)
        assert 3 <= now.failures < 8  # it rests after three; a slow machine outlasts a rest
        assert now.rest_until is not None
        receiver.manner = 204
        await let_time_pass(fresh_database, endpoint.id)
        await tell_all(fresh_database)
    rows = await deliveries(fresh_database, endpoint.id)
    assert {row.state for row in rows} == {"delivered"}
    assert (await endpoint_now(fresh_database, endpoint.id)).failures == 0


async def test_one_message_that_is_refused_holds_back_no_other(fresh_database: Database) -> None:
    async with Receiver(refuse=lambda letter: b"claim.accept" in letter.body).open() as receiver:
        endpoint, _ = await subscribe(fresh_database, receiver.url)
        await happened(fresh_database, "claim.open", "claim.accept", "claim.decide")
        await tell_all(fresh_database)
    rows = await deliveries(fresh_database, endpoint.id)
    assert [row.state for row in rows] == ["delivered", "waiting", "delivered"]


async def test_who_watches_sees_what_was_not_told_and_for_how_long_and_no_address(
    fresh_database: Database,
) -> None:
    async with Receiver(refuse=lambda letter: b"claim.accept" in letter.body).open() as receiver:
        endpoint, _ = await subscribe(fresh_database, receiver.url)
        await happened(fresh_database, "claim.open", "claim.accept")
        await tell_all(fresh_database)
    async with fresh_database.transaction(SYSTEM) as tx:
        await tx.sql.execute(
            text("UPDATE webhook_delivery SET happened_at = happened_at - interval '2 hours'")
        )
    first = await webhook_figures(fresh_database)
    assert first["relief_webhook_deliveries_total"] == [
        ({"result": "delivered"}, 1),
        ({"result": "waiting"}, 1),
    ]
    ((labels, age),) = first["relief_webhook_oldest_seconds"]
    assert (labels, 7_200 <= age < 7_500) == ({}, True)
    async with fresh_database.transaction(SYSTEM) as tx:
        await tx.sql.execute(
            text("UPDATE webhook_endpoint SET state = 'disabled', reason = 'gone' WHERE id = :id"),
            {"id": endpoint.id},
        )
    switched_off = await webhook_figures(fresh_database)
    assert switched_off["relief_webhook_oldest_seconds"] == [({}, 0)]


async def webhook_figures(database: Database) -> dict[str, list[tuple[dict[str, str], float]]]:
    await guard_round(database, 30)
    async with database.transaction(SYSTEM) as tx:
        gauges = await read_gauges(tx)
    return {
        one.name: [(dict(labels), value) for labels, value in one.samples]
        for one in gauges
        if "webhook" in one.name
    }


async def test_410_switches_an_endpoint_off_and_says_so(fresh_database: Database) -> None:
    async with Receiver(410).open() as receiver:
        endpoint, _ = await subscribe(fresh_database, receiver.url)
        await happened(fresh_database, "claim.open", "claim.accept")
        await tell_all(fresh_database)
        assert len(receiver.letters) == 1
    now = await endpoint_now(fresh_database, endpoint.id)
    assert (now.state, now.reason, now.version) == ("disabled", "gone", 2)
    async with fresh_database.transaction(COUNTY) as tx:
        found = await tx.sql.execute(
            text("SELECT actor FROM event WHERE type = 'webhook.disable' AND number = :id"),
            {"id": str(endpoint.id)},
        )
        assert found.scalar_one() == f"webhook:{endpoint.id}"


async def test_after_the_whole_table_it_is_switched_off_and_goes_on_where_it_stood(
    fresh_database: Database,
) -> None:
    async with Receiver(500).open() as receiver:
        endpoint, _ = await subscribe(fresh_database, receiver.url)
        await happened(fresh_database, "claim.open")
        for _ in range(ATTEMPTS_MAX):
            await let_time_pass(fresh_database, endpoint.id)
            await tell_all(fresh_database)
        now = await endpoint_now(fresh_database, endpoint.id)
        assert (now.state, now.reason) == ("disabled", "unreachable")
        (row,) = await deliveries(fresh_database, endpoint.id)
        assert (row.state, row.attempts) == ("failed", ATTEMPTS_MAX)
        await happened(fresh_database, "claim.accept")
        assert await tell_all(fresh_database) == 0
        receiver.manner, receiver.letters = 204, []
        async with fresh_database.transaction(COUNTY) as tx:
            await change_endpoint(tx, endpoint.id, now.version, active=True)
            assert await replay_since(tx, endpoint.id, row.happened_at) == 1
        await tell_all(fresh_database)
    assert told(receiver.letters) == ["claim.open", "claim.accept"]
    assert receiver.letters[0].headers["webhook-id"] == str(row.id)  # the same message as before


async def test_a_ping_and_a_replay_are_sent_whatever_the_types(fresh_database: Database) -> None:
    async with Receiver().open() as receiver:
        endpoint, secret = await subscribe(fresh_database, receiver.url, "payout")
        async with fresh_database.transaction(COUNTY) as tx:
            await ping_endpoint(tx, endpoint.id)
        await tell_all(fresh_database)
        (row,) = await deliveries(fresh_database, endpoint.id)
        async with fresh_database.transaction(COUNTY) as tx:
            await replay_one(tx, endpoint.id, row.id)
        await tell_all(fresh_database)
    assert told(receiver.letters) == ["webhook.ping"] * 2
    assert len({letter.headers["webhook-id"] for letter in receiver.letters}) == 1
    Webhook(secret).verify(receiver.letters[1].body, receiver.letters[1].headers)


async def test_two_tellers_tell_nothing_twice_and_lose_nothing(fresh_database: Database) -> None:
    async with Receiver().open() as receiver:
        await subscribe(fresh_database, receiver.url)
        async with (
            teller(fresh_database, poll_seconds=0.02) as one,
            teller(fresh_database, poll_seconds=0.02) as two,
        ):
            running = [asyncio.create_task(each.run()) for each in (one, two)]
            await happened(fresh_database, *["claim.open"] * 30)
            await receiver.arrived(30)
            one.stop()
            two.stop()
            await asyncio.gather(*running)
    told_of = [json.loads(letter.body)["data"]["version"] for letter in receiver.letters]
    assert told_of == sorted(set(told_of))
    assert len(told_of) == 30


async def test_a_turn_that_was_taken_over_writes_nothing(fresh_database: Database) -> None:
    async with Receiver("hang").open() as receiver:
        endpoint, _ = await subscribe(fresh_database, receiver.url)
        await happened(fresh_database, "claim.open")
        async with teller(fresh_database, deadline_seconds=1.0) as telling:
            slow = asyncio.create_task(telling.drain())
            await receiver.arrived(1)
            async with fresh_database.transaction(SYSTEM) as tx:  # its lease ran out
                await tx.sql.execute(text("UPDATE webhook_endpoint SET fence = fence + 1"))
            await slow
    (row,) = await deliveries(fresh_database, endpoint.id)
    assert (row.state, row.attempts) == ("waiting", 0)


def test_the_table_of_retries_is_that_of_the_specification() -> None:
    assert sum(PAUSES, timedelta()) == timedelta(hours=75, minutes=35, seconds=5)
    assert [pause_after(n, 0) for n in (1, 2, 9, 10)] == [PAUSES[0], PAUSES[1], PAUSES[8], None]
    assert pause_after(1, 100) == PAUSES[0] * 1.1
    assert [rest_after(n).total_seconds() for n in (2, 3, 4, 9, 99)] == [0, 5, 10, 300, 300]
