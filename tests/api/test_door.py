"""The door without any business behind it: tiny routes on the real application and database."""

import asyncio
from datetime import timedelta
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, FastAPI, Query
from httpx import AsyncClient, Response
from pydantic import Field
from sqlalchemy import text
from starlette.responses import Response as Sent

from app.api.answers import Answer
from app.api.fields import AreaCode, BasisPoints, Day, Form, Money, Name, View
from app.api.reading import Listed, Page, Reading, Reads
from app.api.registry import REGISTRY
from app.api.writing import Writes, Writing, idempotency_key
from app.db.session import ROLE, Database, Tx
from app.domain.caller import Act
from app.domain.errors import ReliefError, VersionStale
from tests.api.conftest import Caller_, Role
from tests.contracts import SYSTEM

tiny = APIRouter()
done: list[int] = []
gate = asyncio.Event()


class Inner(Form):
    amount: Money
    share_bp: BasisPoints = 10_000


class Tiny(Form):
    name: Name
    on: Day | None = None
    area_code: AreaCode | None = None
    ready: bool = False
    parts: Annotated[list[Inner], Field(default_factory=list)]


class Shown(View):
    name: str
    amount: str = "0.00"


Filing = Annotated[Writing, Depends(Writes(Act.FILE_NOTICE))]
Patching = Annotated[Writing, Depends(Writes(Act.FILE_NOTICE, keyed=False, versioned=True))]
Looking = Annotated[Reading, Depends(Reads(Act.READ_CASES))]


@tiny.post("/v1/tiny", status_code=201)
async def make_tiny(form: Tiny, door: Filing) -> Sent:
    async def act(tx: Tx) -> Answer:
        done.append(len(done))
        await tx.now()
        if form.name == "wait":
            await gate.wait()
        if form.name == "break":
            raise RuntimeError("330127199001011239")
        return Answer(Shown(name=f"{form.name} {len(done)}"), 201, 1, f"/v1/tiny/{form.name}")

    return await door.once(form, act)


@tiny.patch("/v1/tiny/{name}")
async def change_tiny(name: str, form: Tiny, door: Patching) -> Sent:
    async def act(_: Tx) -> Answer:
        if door.version != 7:
            raise VersionStale("7")
        return Answer(Shown(name=form.name), version=8)

    return await door.guarded(act)


@tiny.get("/v1/tiny")
async def list_tiny(listed: Annotated[Listed, Query()], door: Looking) -> Sent:
    start = int((door.after(listed) or ["0"])[0])
    names = [Shown(name=str(n)) for n in range(start, min(start + listed.limit, 5))]
    more = start + listed.limit < 5
    following = door.cursor(listed, [str(start + listed.limit)]) if more else None
    return door.answer(Page[Shown](items=names, has_more=more, next_cursor=following))


@tiny.get("/v1/tiny/{name}")
async def read_tiny(name: str, door: Looking) -> Sent:
    return door.answer(Shown(name=name), 7)


@pytest.fixture(autouse=True)
def tiny_routes(application: FastAPI) -> None:
    application.router.routes.extend(tiny.routes)
    done.clear()
    gate.clear()


def keyed(key: str = "k-1") -> dict[str, str]:
    return {"Idempotency-Key": key}


def refused(answer: Response, status: int, code: str) -> dict[str, object]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, object] = answer.json()
    assert body["code"] == code
    assert body["status"] == status
    assert body["trace_id"] == answer.headers["x-request-id"]
    assert body["title"]
    return body


# --- who calls -----------------------------------------------------------------------------------


async def test_without_a_key_nobody_gets_in(nobody: AsyncClient) -> None:
    answer = await nobody.get("/v1/tiny/a")
    refused(answer, 401, "auth.missing")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "value", ["Bearer rk_live_unknown", "Bearer \u0031x", "Bearer " + "k" * 500]
)
async def test_an_unknown_key_is_refused(nobody: AsyncClient, value: str) -> None:
    refused(await nobody.get("/v1/tiny/a", headers={"Authorization": value}), 401, "auth.invalid")


@pytest.mark.parametrize("value", ["Basic dTpw", "Bearer", "rk_live_x"])
async def test_another_scheme_is_no_key(nobody: AsyncClient, value: str) -> None:
    refused(await nobody.get("/v1/tiny/a", headers={"Authorization": value}), 401, "auth.missing")


async def test_a_role_that_may_not_is_refused(client_of: Caller_) -> None:
    dashboard = await client_of(Role.DASHBOARD, 990127000000)
    answer = await dashboard.post("/v1/tiny", json={"name": "a"}, headers=keyed())
    refused(answer, 403, "auth.forbidden")
    assert done == []


# --- idempotency ---------------------------------------------------------------------------------


async def test_a_name_beside_ids_answers_to_its_own_methods_only(county: AsyncClient) -> None:
    refused(await county.get("/v1/statements/files"), 405, "http.method_not_allowed")
    for act in ("ping", "replay", "rotate-secret"):
        path = f"/v1/webhook-endpoints/01890a5d-ac96-774b-bcce-b302099a8057:{act}"
        refused(await county.patch(path, json={}), 405, "http.method_not_allowed")
    refused(await county.get("/v1/statements/nothing"), 404, "resource.not_found")


async def test_f60_a_repetition_gets_the_same_bytes_and_acts_once(
    township: AsyncClient,
) -> None:
    first = await township.post("/v1/tiny", json={"name": "a"}, headers=keyed())
    again = await township.post("/v1/tiny", json={"name": "a"}, headers=keyed('"k-1"'))
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"] == "/v1/tiny/a"
    assert again.headers["etag"] == first.headers["etag"]
    assert len(done) == 1


@pytest.mark.parametrize(
    ("later", "replayed"),
    [(timedelta(hours=24, seconds=1), True), (timedelta(days=30, seconds=1), False)],
    ids=["a day and a second", "thirty days and a second"],
)
async def test_f60_a_key_is_known_for_thirty_days(
    township: AsyncClient, database: Database, later: timedelta, replayed: bool
) -> None:
    first = await township.post("/v1/tiny", json={"name": "a"}, headers=keyed())
    async with database.transaction(SYSTEM) as tx:
        await tx.sql.execute(text("SET LOCAL ROLE NONE"))
        await tx.sql.execute(text("UPDATE sandbox_clock SET ahead = :ahead"), {"ahead": later})
        await tx.sql.execute(text(f"SET LOCAL ROLE {ROLE}"))
    again = await township.post("/v1/tiny", json={"name": "a"}, headers=keyed())
    assert ("idempotency-replayed" in again.headers) is replayed
    assert first.status_code == again.status_code == 201
    assert len(done) == 1 + (not replayed)


async def test_f60_a_key_used_for_other_content_is_refused(township: AsyncClient) -> None:
    await township.post("/v1/tiny", json={"name": "a"}, headers=keyed())
    answer = await township.post("/v1/tiny", json={"name": "b"}, headers=keyed())
    refused(answer, 422, "idempotency.key_reused")
    assert len(done) == 1


async def test_another_spelling_of_the_same_content_is_the_same_request(
    township: AsyncClient,
) -> None:
    await township.post("/v1/tiny", json={"name": "a", "ready": False}, headers=keyed())
    answer = await township.post("/v1/tiny", json={"ready": False, "name": " a "}, headers=keyed())
    assert answer.headers["idempotency-replayed"] == "true"


async def test_f60_keys_of_two_callers_are_strangers(
    client_of: Caller_,
) -> None:
    for area in (990127001000, 990127002000):
        caller = await client_of(Role.TOWNSHIP, area)
        assert (await caller.post("/v1/tiny", json={"name": "a"}, headers=keyed())).is_success
    assert len(done) == 2


@pytest.mark.parametrize("key", [None, "", '""', "x" * 256, '"open', "two words", "\u00fc"])
async def test_f60_a_missing_or_odd_key_is_refused(township: AsyncClient, key: str | None) -> None:
    headers = {} if key is None else {"Idempotency-Key": key.encode()}
    answer = await township.post("/v1/tiny", json={"name": "a"}, headers=headers)
    refused(answer, 400, "idempotency.key_missing")
    assert done == []


def test_quoted_and_bare_keys_are_read_alike() -> None:
    assert idempotency_key('"a \\"b\\" c"') == 'a "b" c'
    assert idempotency_key(" 01890a5d-ac96 ") == "01890a5d-ac96"
    assert idempotency_key("x" * 255) == "x" * 255


# --- forms ---------------------------------------------------------------------------------------

BAD_FORMS = {
    "NUL": ({"name": "a\x00b"}, "/name", "validation.failed"),
    "direction mark": ({"name": "a\u202eb"}, "/name", "validation.failed"),
    "blank": ({"name": "  "}, "/name", "validation.failed"),
    "too long": ({"name": "x" * 101}, "/name", "validation.failed"),
    "missing": ({}, "/name", "validation.failed"),
    "extra field": ({"name": "a", "version": 3}, "/version", "validation.failed"),
    "false as integer": (
        {"name": "a", "parts": [{"amount": "1.00", "share_bp": False}]},
        "/parts/0/share_bp",
        "validation.failed",
    ),
    "integer as false": ({"name": "a", "ready": 0}, "/ready", "validation.failed"),
    "text as integer": (
        {"name": "a", "parts": [{"amount": "1.00", "share_bp": "1"}]},
        "/parts/0/share_bp",
        "validation.failed",
    ),
    "three decimals": (
        {"name": "a", "parts": [{"amount": "1.005"}]},
        "/parts/0/amount",
        "money.precision",
    ),
    "money as number": (
        {"name": "a", "parts": [{"amount": 1.5}]},
        "/parts/0/amount",
        "money.precision",
    ),
    "money as false": (
        {"name": "a", "parts": [{"amount": False}]},
        "/parts/0/amount",
        "money.precision",
    ),
    "negative money": (
        {"name": "a", "parts": [{"amount": "-1"}]},
        "/parts/0/amount",
        "money.precision",
    ),
    "money in full-width digits": (
        {"name": "a", "parts": [{"amount": "１２"}]},
        "/parts/0/amount",
        "money.precision",
    ),
    "no such day": ({"name": "a", "on": "2026-02-30"}, "/on", "validation.failed"),
    "day as number": ({"name": "a", "on": 20260101}, "/on", "validation.failed"),
    "area too short": ({"name": "a", "area_code": "330127"}, "/area_code", "validation.failed"),
    "list as object": ({"name": "a", "parts": {}}, "/parts", "validation.failed"),
}


@pytest.mark.parametrize("case", BAD_FORMS.values(), ids=BAD_FORMS.keys())
async def test_f73_a_form_wrongly_filled_says_where(
    township: AsyncClient, case: tuple[dict[str, object], str, str]
) -> None:
    form, pointer, code = case
    body = refused(await township.post("/v1/tiny", json=form, headers=keyed()), 422, code)
    errors = body["errors"]
    assert isinstance(errors, list)
    assert [error["pointer"] for error in errors] == [pointer]
    assert errors[0]["message"] != errors[0]["message_en"]
    assert done == []


@pytest.mark.parametrize(
    "raw", [b"{", b"", b"\xff\xfe", b'{"name": "\xff"}', b"[" * 100_000, b'"text"', b"null"]
)
async def test_a_body_that_is_no_form_is_never_a_500(township: AsyncClient, raw: bytes) -> None:
    headers = {**keyed(), "Content-Type": "application/json"}
    answer = await township.post("/v1/tiny", content=raw, headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.json()["code"] in ("request.malformed", "validation.failed")


async def test_f69_a_lone_surrogate_is_refused(township: AsyncClient) -> None:
    headers = {**keyed(), "Content-Type": "application/json"}
    answer = await township.post("/v1/tiny", content=b'{"name": "a\\ud800"}', headers=headers)
    refused(answer, 422, "validation.failed")


async def test_what_was_sent_never_comes_back(township: AsyncClient) -> None:
    secret = "330127199001011239"
    form = {"name": [secret], secret: "x", "on": secret, "parts": [{"amount": secret + ".001"}]}
    answer = await township.post("/v1/tiny", json=form, headers=keyed())
    assert answer.status_code == 422
    assert secret not in answer.text


async def test_a_broken_act_tells_only_its_number(
    township: AsyncClient, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = await township.post("/v1/tiny", json={"name": "break"}, headers=keyed())
    body = refused(answer, 500, "internal")
    assert "330127199001011239" not in answer.text + caplog.text
    assert "RuntimeError" not in answer.text
    assert body["retryable"] is False
    capsys.readouterr()  # logs are not set up here, so the bare trace is printed: see tests/observe


# --- languages, headers, bounds ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "title"),
    [
        (None, "未登录"),
        ("en", "Not authenticated"),
        ("zh-CN,en;q=0.8", "未登录"),
        ("fr, en;q=0.7, zh;q=0.3", "Not authenticated"),
        ("*;q=x", "未登录"),
    ],
)
async def test_refusals_speak_the_language_asked_for(
    nobody: AsyncClient, wanted: str | None, title: str
) -> None:
    headers = {"Accept-Language": wanted} if wanted else {}
    answer = await nobody.get("/v1/tiny/a", headers=headers)
    assert answer.json()["title"] == title
    assert answer.json()["detail_en"].startswith("Send an API key")


async def test_a_request_id_is_echoed_or_made(nobody: AsyncClient) -> None:
    given = await nobody.get("/livez", headers={"X-Request-Id": "abc-1"})
    made = await nobody.get("/livez", headers={"X-Request-Id": "not usable!"})
    assert given.headers["x-request-id"] == "abc-1"
    assert len(made.headers["x-request-id"]) == 32
    assert given.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in given.headers["content-security-policy"]


async def test_an_unknown_path_and_a_wrong_method_are_problems(township: AsyncClient) -> None:
    refused(await township.get("/v1/nothing"), 404, "resource.not_found")
    answer = await township.delete("/livez")
    refused(answer, 405, "http.method_not_allowed")
    assert answer.headers["allow"] == "GET"
    number = "/v1/notices/990127-2026-000001"
    assert (await township.put(number)).headers["allow"] == "DELETE, GET, PATCH"
    assert (await township.put(f"{number}:submit")).headers["allow"] == "POST"


async def test_only_json_comes_in_and_goes_out(township: AsyncClient) -> None:
    xml = {**keyed(), "Content-Type": "application/xml"}
    body = refused(
        await township.post("/v1/tiny", content=b"<a/>", headers=xml),
        415,
        "http.unsupported_media_type",
    )
    assert body["accepted"] == ["application/json"]
    answer = await township.get("/v1/tiny/a", headers={"Accept": "text/html"})
    refused(answer, 406, "http.not_acceptable")


async def test_a_body_beyond_the_bound_is_refused_announced_or_not(township: AsyncClient) -> None:
    async def drip() -> object:
        for _ in range(40):
            yield b" " * 32_768

    headers = {**keyed(), "Content-Type": "application/json"}
    announced = await township.post("/v1/tiny", content=b" " * 1_100_000, headers=headers)
    dripped = await township.post("/v1/tiny", content=drip(), headers=headers)
    for answer in (announced, dripped):
        assert refused(answer, 413, "request.too_large")["limit"] == 1024 * 1024


# --- reading -------------------------------------------------------------------------------------


async def test_an_unchanged_item_is_a_304_for_the_same_caller_only(
    township: AsyncClient, county: AsyncClient
) -> None:
    first = await township.get("/v1/tiny/a")
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache"
    same = await township.get("/v1/tiny/a", headers={"If-None-Match": f'"x", {tag}'})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    other = await county.get("/v1/tiny/a", headers={"If-None-Match": tag})
    assert other.status_code == 200
    assert other.content == first.content


async def test_a_change_needs_the_version_it_starts_from(township: AsyncClient) -> None:
    body = {"name": "b"}
    refused(await township.patch("/v1/tiny/a", json=body), 428, "version.required")
    star = await township.patch("/v1/tiny/a", json=body, headers={"If-Match": "*"})
    refused(star, 428, "version.required")
    foreign = await township.patch("/v1/tiny/a", json=body, headers={"If-Match": 'W/"7"'})
    assert "current" not in refused(foreign, 412, "version.stale")
    stale = await township.patch("/v1/tiny/a", json=body, headers={"If-Match": '"6.abc"'})
    assert refused(stale, 412, "version.stale")["current"] == '"7"'
    tag = (await township.get("/v1/tiny/a")).headers["etag"]
    for fresh in (tag, '"7"'):
        changed = await township.patch("/v1/tiny/a", json=body, headers={"If-Match": fresh})
        assert changed.status_code == 200
        assert changed.headers["etag"].startswith('"8.')


async def test_a_list_is_read_page_by_page(township: AsyncClient) -> None:
    names, cursor = [], None
    while True:
        query = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = (await township.get("/v1/tiny", params=query)).json()
        names += [item["name"] for item in page["items"]]
        cursor = page["next_cursor"]
        assert page["has_more"] is (cursor is not None)
        if cursor is None:
            break
    assert names == ["0", "1", "2", "3", "4"]


async def test_f85_a_cursor_is_good_for_its_own_list_and_caller_only(
    township: AsyncClient, county: AsyncClient
) -> None:
    cursor = (await township.get("/v1/tiny?limit=2")).json()["next_cursor"]
    refused(await county.get("/v1/tiny", params={"cursor": cursor}), 400, "request.malformed")
    for forged in (cursor[:-4] + "AAAA", "x", "%%", "\u4e2d"):
        answer = await township.get("/v1/tiny", params={"cursor": forged})
        refused(answer, 400, "request.malformed")


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "limits=5", "cursor="])
async def test_f85_list_parameters_are_checked(township: AsyncClient, query: str) -> None:
    body = refused(await township.get(f"/v1/tiny?{query}"), 422, "validation.failed")
    errors = body["errors"]
    assert isinstance(errors, list)
    assert errors[0]["parameter"] == query.partition("=")[0]


# --- the registry --------------------------------------------------------------------------------


def descendants(kind: type[ReliefError]) -> list[type[ReliefError]]:
    return [kind, *(found for sub in kind.__subclasses__() for found in descendants(sub))]


def test_every_refusal_has_a_code_of_the_registry() -> None:
    assert {kind.code for kind in descendants(ReliefError)} <= REGISTRY.keys()


def test_every_code_speaks_both_languages() -> None:
    for code, entry in REGISTRY.items():
        assert any("\u4e00" <= letter <= "\u9fff" for letter in entry.title_zh), code
        assert entry.title_en.isascii(), code
        assert entry.status is None or 400 <= entry.status < 600, code
