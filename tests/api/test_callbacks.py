"""Callbacks at the door: verified raw bytes, stored once, never a 500."""

import pytest

from app.db.session import Database
from app.domain.caller import Role
from tests.api.conftest import Caller_, Client
from tests.api.story import Insurer, good, sign
from tests.api.test_door import refused
from tests.contracts import SECRET_IN, SECRET_OUT, take_on


@pytest.fixture
async def insurer(database: Database, nobody: Client) -> Insurer:
    await take_on(database)
    return Insurer(nobody, database, "990127-2026-000999-1")


async def test_an_event_for_an_unknown_claim_is_parked(
    insurer: Insurer, client_of: Caller_
) -> None:
    told = good(await insurer.tell("claim.accepted", event_id="evt_1"), 202)
    assert told == {"accepted": True, "duplicate": False, "event_id": "evt_1"}
    operator = await client_of(Role.SYSTEM)
    (parked,) = good(await operator.get("/v1/callback-events?state=parked"))["items"]
    assert (parked["event_id"], parked["reason"]) == ("evt_1", "claim_unknown")
    rival = await client_of(Role.TOWNSHIP, 990127103000)
    refused(await rival.get("/v1/callback-events"), 403, "auth.forbidden")


async def test_the_same_event_again_is_a_duplicate_and_another_body_a_conflict(
    insurer: Insurer,
) -> None:
    await insurer.tell("claim.accepted", event_id="evt_1")
    again = good(await insurer.tell("claim.accepted", event_id="evt_1"), 202)
    assert again["duplicate"] is True
    other = await insurer.tell("claim.accepted", event_id="evt_1", note="changed")
    refused(other, 409, "callback.conflict")


async def test_a_wrong_signature_and_an_old_one_are_refused(insurer: Insurer) -> None:
    insurer.secret = SECRET_OUT
    body = refused(await insurer.tell("claim.accepted"), 401, "callback.signature_invalid")
    assert body["part"] == "webhook-signature"
    insurer.secret = SECRET_IN
    old = await insurer.tell("claim.accepted", at=1_600_000_000)
    assert refused(old, 401, "callback.timestamp_skew")["tolerance_seconds"] == 300
    unknown = await insurer.tell("claim.accepted", insurer="nobody")
    refused(unknown, 401, "callback.signature_invalid")


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"\xff\x00", b'{"data": "\\u0000"}', b"[" * 50_000, b'{"data": []}']
)
async def test_any_signed_bytes_are_kept(insurer: Insurer, raw: bytes) -> None:
    headers = sign(raw, "evt_odd", None, SECRET_IN)
    answer = await insurer.client.post(
        "/v1/callbacks/demo-insurer/events", content=raw, headers=headers
    )
    assert good(answer, 202)["accepted"] is True


async def test_a_callback_has_a_bound_and_needs_its_headers(insurer: Insurer) -> None:
    path = "/v1/callbacks/demo-insurer/events"
    long = await insurer.client.post(path, content=b"x" * 70_000)
    refused(long, 413, "request.too_large")
    bare = await insurer.client.post(path, content=b"{}")
    refused(bare, 401, "callback.signature_invalid")
