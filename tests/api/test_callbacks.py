"""Callbacks at the door: verified raw bytes, stored once, never a 500."""

import base64
import json

import pytest
from httpx import Response
from sqlalchemy import text

from app.db.session import Database
from app.domain.caller import Role
from app.services.insurers import add_insurer
from tests import contracts
from tests.api.conftest import Caller_, Client
from tests.api.story import Insurer, good, sign
from tests.api.test_door import refused
from tests.contracts import SECRET_IN, SECRET_OUT, SYSTEM, take_on


async def post(insurer: Insurer, raw: bytes, headers: dict[str, str]) -> Response:
    path = "/v1/callbacks/demo-insurer/events"
    return await insurer.client.post(path, content=raw, headers=headers)


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


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\x00", b"[" * 50_000, b"[]", b"7", b"null"])
async def test_f44_well_signed_bytes_that_are_no_object_are_refused_and_kept(
    insurer: Insurer, client_of: Caller_, raw: bytes
) -> None:
    for _ in range(2):
        answer = await post(insurer, raw, sign(raw, "evt_odd", None, SECRET_IN))
        refused(answer, 400, "request.malformed")
    operator = await client_of(Role.SYSTEM)
    (kept,) = good(await operator.get("/v1/callback-events?state=failed"))["items"]
    assert (kept["event_id"], kept["reason"]) == ("evt_odd", "not_json")


@pytest.mark.parametrize("raw", [b'{"data": "\\u0000"}', b'{"data": []}', b"{}"])
async def test_an_object_that_names_no_claim_is_parked(
    insurer: Insurer, client_of: Caller_, raw: bytes
) -> None:
    answer = await post(insurer, raw, sign(raw, "evt_odd", None, SECRET_IN))
    assert good(answer, 202)["accepted"] is True
    operator = await client_of(Role.SYSTEM)
    (kept,) = good(await operator.get("/v1/callback-events?state=parked"))["items"]
    assert kept["reason"] == "claim_no_missing"


async def test_f33_another_body_under_a_known_id_is_a_security_event_once_per_body(
    insurer: Insurer, database: Database
) -> None:
    await insurer.tell("claim.accepted", event_id="evt_1")
    for note in ("a", "a", "b"):
        other = await insurer.tell("claim.accepted", event_id="evt_1", note=note)
        refused(other, 409, "callback.conflict")
    async with database.transaction(SYSTEM) as tx:
        found = await tx.sql.execute(
            text("SELECT version FROM event WHERE type = 'callback.conflict' ORDER BY seq")
        )
        assert found.scalars().all() == [1, 2]
        kept = await tx.sql.execute(text("SELECT count(*) FROM callback_event"))
        assert kept.scalar_one() == 1


async def test_f47_the_key_of_one_insurer_opens_no_other_insurers_path(
    insurer: Insurer, database: Database
) -> None:
    rival_in = "whsec_" + base64.b64encode(bytes(32)).decode()
    async with database.transaction(SYSTEM) as tx:
        await add_insurer(tx, contracts.insurer("rival"), rival_in, SECRET_OUT, contracts.LOOPBACK)
    crossed = await insurer.tell("claim.accepted", insurer="rival")
    refused(crossed, 401, "callback.signature_invalid")
    insurer.secret = rival_in
    refused(await insurer.tell("claim.accepted"), 401, "callback.signature_invalid")
    assert good(await insurer.tell("claim.accepted", insurer="rival"), 202)["accepted"] is True


async def test_f48_a_body_that_a_proxy_wrote_anew_is_refused(insurer: Insurer) -> None:
    raw = b'{"type": "claim.accepted", "data": {}}'
    anew = json.dumps(json.loads(raw), separators=(",", ":")).encode()
    answer = await post(insurer, anew, sign(raw, "evt_1", None, SECRET_IN))
    refused(answer, 401, "callback.signature_invalid")


async def test_a_callback_has_a_bound_and_needs_its_headers(insurer: Insurer) -> None:
    path = "/v1/callbacks/demo-insurer/events"
    long = await insurer.client.post(path, content=b"x" * 70_000)
    refused(long, 413, "request.too_large")
    bare = await insurer.client.post(path, content=b"{}")
    refused(bare, 401, "callback.signature_invalid")
