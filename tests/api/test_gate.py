"""F81, F82, F79, F85 and headers: what the outermost layer refuses before anything is read."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Message, Scope

from app.api.access import client_address
from app.api.gate import DEPTH_MAX, ITEMS_MAX, check_shape
from app.api.limits import Rate
from app.db.session import Database
from app.domain.caller import Role
from app.domain.errors import RateLimited
from app.main import create_app
from app.settings import Settings
from tests.api.conftest import Caller_, Client
from tests.api.story import found_county, keyed, submitted
from tests.api.test_door import refused
from tests.contracts import OTHER_TOWN, TOWN
from tests.people import id_number

JSON_TYPE = {"Content-Type": "application/json"}


def nested(depth: int) -> bytes:
    return b'{"client_ref":' + b"[" * depth + b"]" * depth + b"}"


# --- F81: too much -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ([(f"x-{n}", "1") for n in range(10_000)], 431, "request.headers_too_large"),
        ([("x-long", "y" * 40_000)], 431, "request.headers_too_large"),
        ([("authorization", "Bearer a"), ("authorization", "Bearer b")], 400, "request.malformed"),
        ([("idempotency-key", "a"), ("idempotency-key", "b")], 400, "request.malformed"),
        ([("content-length", "1"), ("content-length", "2")], 400, "request.malformed"),
    ],
    ids=["ten thousand", "long", "two callers", "two keys", "two lengths"],
)
async def test_f81_too_many_long_or_double_headers_are_refused(
    nobody: Client, headers: list[tuple[str, str]], status: int, code: str
) -> None:
    refused(await nobody.get("/v1/claims", headers=headers), status, code)


async def test_f81_a_long_address_is_refused(nobody: Client) -> None:
    answer = await nobody.get("/v1/claims", params={"cursor": "x" * 9_000})
    refused(answer, 431, "request.headers_too_large")


async def test_f81_a_body_that_drips_for_ever_is_ended(
    settings: Settings, database: Database, client_of: Caller_
) -> None:
    hasty = create_app(settings.model_copy(update={"body_seconds": 0.2}), database)
    sent: list[Message] = []

    async def drip() -> Message:
        await asyncio.sleep(0.05)
        return {"type": "http.request", "body": b" ", "more_body": True}

    async def send(message: Message) -> None:
        sent.append(message)

    township = await client_of(Role.TOWNSHIP, TOWN)
    headers = {**township.headers, "host": "door", **JSON_TYPE, **keyed()}
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope: Scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/v1/notices",
        "raw_path": b"/v1/notices",
        "query_string": b"",
        "root_path": "",
        "headers": raw,
        "client": ("127.0.0.1", 1),
        "server": ("door", 80),
    }
    async with hasty.router.lifespan_context(hasty), asyncio.timeout(5):
        began = time.monotonic()
        await hasty(scope, drip, send)
    assert 0.15 < time.monotonic() - began < 3
    assert sent[0]["status"] == 408
    assert json.loads(sent[1]["body"])["code"] == "request.timeout"


@pytest.mark.parametrize("raw", [nested(DEPTH_MAX + 1), nested(100_000), nested(500_000)])
async def test_f81_deep_json_is_refused_before_it_is_read(township: Client, raw: bytes) -> None:
    answer = await township.post("/v1/notices", content=raw, headers={**JSON_TYPE, **keyed()})
    refused(answer, 400, "request.malformed")


async def test_f81_a_million_items_are_refused(township: Client) -> None:
    raw = b'{"bills":[' + b"0," * 400_000 + b"0]}"
    answer = await township.post("/v1/notices", content=raw, headers={**JSON_TYPE, **keyed()})
    refused(answer, 400, "request.malformed")


def test_f81_the_shape_is_told_by_what_is_outside_of_texts() -> None:
    assert check_shape(nested(DEPTH_MAX - 1)) is None
    assert check_shape(json.dumps({"text": "[{" * 5_000 + '"\\'}).encode()) is None
    assert check_shape(json.dumps({"text": "," * (ITEMS_MAX + 1)}).encode()) is None
    assert check_shape(json.dumps([[]] * 5_000).encode()) is None
    assert check_shape(b"[" * (ITEMS_MAX + 1)) is not None
    assert check_shape(nested(DEPTH_MAX).replace(b"[]", b'[{"a":[]}]')) is not None
    assert check_shape(b"[" * 100) is not None
    assert check_shape(b"[" * DEPTH_MAX + b"]" * 500) is None  # no JSON; the reader says so


def test_f81_judging_the_largest_body_takes_no_time_to_speak_of() -> None:
    worst = b'["' + b'\\"' * 250_000 + b'",' + b"[" * 250_000 + b"]" * 250_000
    began = time.perf_counter()
    assert check_shape(worst) is not None
    assert time.perf_counter() - began < 1


async def test_f81_names_that_collide_cost_no_more_than_others(township: Client) -> None:
    names = {f"k{n:06d}": 0 for n in range(40_000)}  # text is hashed with a secret of the process
    answer = await township.post("/v1/notices", json=names, headers=keyed())
    assert answer.status_code == 422


# --- F82: whom the request is for ----------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["evil.example", "door.evil.example", "", "door:99999999", "d oor"]
)
async def test_f82_a_foreign_host_is_refused(nobody: Client, host: str) -> None:
    refused(await nobody.get("/v1/claims", headers={"Host": host}), 421, "request.misdirected")


@pytest.mark.parametrize("host", ["door", "DOOR", "door:8443"])
async def test_f82_our_own_host_is_answered_with_any_port(nobody: Client, host: str) -> None:
    refused(await nobody.get("/v1/claims", headers={"Host": host}), 401, "auth.missing")


async def test_f82_probes_ask_by_address(nobody: Client) -> None:
    assert (await nobody.get("/livez", headers={"Host": "10.1.2.3:8080"})).is_success


def test_the_hosts_of_a_plain_setting_are_this_machine_and_the_public_name(tmp_path: Path) -> None:
    plain = Settings(data_dir=tmp_path, public_url="https://Relief.example:8443/api")
    assert plain.hosts() == {"localhost", "127.0.0.1", "[::1]", "relief.example"}
    assert Settings(data_dir=tmp_path, allowed_hosts="*").hosts() == frozenset()
    assert Settings(data_dir=tmp_path, allowed_hosts="A.example,b").hosts() == {"a.example", "b"}


# --- who stands behind a proxy -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("peer", "told", "address"),
    [
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "1.1.1.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("10.0.0.1", "10.8.0.1, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "junk", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9, junk", "10.0.0.1"),
        ("203.0.113.7", "10.0.0.9", "203.0.113.7"),
        ("::ffff:10.0.0.1", "2001:db8::1", "2001:db8::1"),
    ],
)
def test_only_proxies_that_are_trusted_say_who_calls(
    tmp_path: Path, peer: str, told: str, address: str
) -> None:
    proxies = Settings(data_dir=tmp_path, trusted_proxies="10.0.0.0/24").proxies()
    scope = {"client": (peer, 1), "headers": [(b"x-forwarded-for", told.encode())]}
    assert client_address(scope, proxies) == address
    assert client_address(scope, ()) == peer


# --- how often -----------------------------------------------------------------------------------


@pytest.fixture
async def narrow(settings: Settings, database: Database) -> AsyncGenerator[FastAPI]:
    """The application with small limits."""
    few = {"rate_per_key": 3, "rate_per_address": 5, "lookups_per_hour": 2}
    app = create_app(settings.model_copy(update=few), database)
    async with app.router.lifespan_context(app):
        yield app


def calling(app: FastAPI, by: Client, address: str = "127.0.0.1") -> Client:
    transport = httpx.ASGITransport(app, client=(address, 1))
    return Client(transport=transport, base_url="http://door", headers=by.headers)


@pytest.fixture
def _early_in_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that stands, so that no minute ends during the test."""
    monkeypatch.setattr("app.api.limits.time", SimpleNamespace(time=lambda: 1_200_001.0))


@pytest.mark.usefixtures("_early_in_a_minute")
async def test_a_key_s_requests_are_counted_and_told(narrow: FastAPI, county: Client) -> None:
    async with calling(narrow, county) as asking:
        told = [await asking.get("/v1/meta/errors") for _ in range(4)]
    assert [answer.status_code for answer in told] == [200, 200, 200, 429]
    assert told[0].headers["ratelimit-policy"] == '"key";q=3;w=60'
    assert told[0].headers["ratelimit"].startswith('"key";r=2;t=')
    assert told[2].headers["ratelimit"].startswith('"key";r=0;t=')
    refused(told[3], 429, "rate.limited")
    assert 1 <= int(told[3].headers["retry-after"]) <= 60


@pytest.mark.usefixtures("_early_in_a_minute")
async def test_an_address_is_counted_also_without_a_key(narrow: FastAPI, nobody: Client) -> None:
    async with calling(narrow, nobody) as asking, calling(narrow, nobody, "10.9.9.9") as other:
        told = [(await asking.get("/v1/oauth/jwks")).status_code for _ in range(6)]
        assert told == [200] * 5 + [429]
        assert (await other.get("/v1/oauth/jwks")).status_code == 200
        assert [(await asking.get("/livez")).status_code for _ in range(9)] == [200] * 9


def test_a_subject_that_was_quiet_begins_anew_each_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    rate = Rate("key", 1)
    monkeypatch.setattr(time, "time", lambda: 119.0)
    assert rate.take("a").ends_in == 1
    with pytest.raises(RateLimited):
        rate.take("a")
    monkeypatch.setattr(time, "time", lambda: 120.0)
    assert rate.take("a").left == 0


async def test_f74_look_ups_are_counted_over_all_processes_found_or_not(
    narrow: FastAPI, settings: Settings, database: Database, county: Client
) -> None:
    form = {"name": "张试一", "id_number": id_number(1)}
    few = {"lookups_per_hour": 2}
    other = create_app(settings.model_copy(update=few), database)  # another process
    async with other.router.lifespan_context(other):
        told = [
            await asking.post("/v1/people:lookup", json=form)
            for app in (narrow, other, narrow)
            for asking in [calling(app, county)]
        ]
    assert [answer.status_code for answer in told] == [404, 404, 429]
    assert int(told[2].headers["retry-after"]) > 60


async def test_f74_unknown_foreign_and_misnamed_are_one_answer(
    database: Database, county: Client, township: Client, client_of: Caller_
) -> None:
    await found_county(database, county)
    await submitted(database, township)
    stranger = await client_of(Role.TOWNSHIP, OTHER_TOWN)
    known = {"name": "张试一", "id_number": id_number(1)}
    asked = [
        (stranger, known),
        (stranger, known | {"id_number": id_number(77)}),
        (township, known | {"name": "李四"}),
        (township, known | {"id_number": id_number(77)}),
    ]
    answers = [await client.post("/v1/people:lookup", json=form) for client, form in asked]
    told = [refused(answer, 404, "resource.not_found") for answer in answers]
    assert len({json.dumps(body | {"trace_id": ""}, sort_keys=True) for body in told}) == 1
    lengths = {answer.headers["content-length"] for answer in answers}
    assert len(lengths) == 1


# --- F79 and the browser -------------------------------------------------------------------------


async def test_f79_no_cache_shares_an_answer_between_callers(
    database: Database, county: Client, township: Client, nobody: Client
) -> None:
    await found_county(database, county)
    claim = await submitted(database, township)
    for path in ("/v1/claims", f"/v1/claims/{claim['claim_no']}", "/v1/nothing", "/livez"):
        answer = await township.get(path)
        assert "Authorization" in answer.headers["vary"], path
        assert answer.headers["cache-control"] in ("private, no-cache", "no-store"), path
    tag = (await township.get("/v1/claims")).headers["etag"]
    for other, status in ((county, 200), (nobody, 401), (township, 304)):
        answer = await other.get("/v1/claims", headers={"If-None-Match": tag})
        assert answer.status_code == status


async def test_no_page_of_another_origin_is_let_in(nobody: Client) -> None:
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
    for answer in (
        await nobody.options("/v1/claims", headers=asked),
        await nobody.get("/livez", headers=asked),
    ):
        assert not [name for name in answer.headers if name.startswith("access-control")]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize(("url", "kept"), [("https://door", True), ("http://door", False)])
async def test_browsers_are_held_to_https_where_it_is_spoken(
    settings: Settings, database: Database, url: str, kept: bool
) -> None:
    app = create_app(settings.model_copy(update={"public_url": url}), database)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with Client(transport=transport, base_url="http://door") as asking:
            answer = await asking.get("/livez")
    assert ("strict-transport-security" in answer.headers) is kept
