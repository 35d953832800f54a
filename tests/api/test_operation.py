"""What machines and readers ask of the door: is it ready, what does it look like."""

import re

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import text

from app.api import health
from app.api.access import KnownKeys
from app.api.documentation import ASSETS, SERVED
from app.api.health import SKEW_SECONDS_MAX
from app.crypto import Keyring
from app.db.revision import HEAD
from app.db.session import Database
from app.main import create_app
from app.settings import Settings
from tests.api.conftest import Client


async def test_the_process_says_that_it_lives_and_which_build_it_is(nobody: Client) -> None:
    assert (await nobody.get("/livez")).json() == {"status": "alive"}
    told = (await nobody.get("/version")).json()
    assert told["revision"] == HEAD


async def test_ready_means_that_database_and_code_agree(nobody: Client) -> None:
    answer = await nobody.get("/readyz")
    assert (answer.status_code, answer.json()["revision"]) == (200, HEAD)


async def test_another_revision_is_not_ready_and_says_which(
    settings: Settings, fresh_database: Database, fresh_database_url: str
) -> None:
    await _be_at(fresh_database_url, fresh_database, "0000")
    app = create_app(settings, fresh_database)
    async with app.router.lifespan_context(app), client(app) as asking:
        answer = await asking.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["code"] == "service.not_ready"
    assert "0000" in answer.json()["detail"]
    assert HEAD in answer.json()["detail"]
    assert answer.headers["retry-after"] == "5"


async def test_a_later_schema_is_served_on_until_its_own_version_is_up(
    settings: Settings, fresh_database: Database, fresh_database_url: str
) -> None:
    await _be_at(fresh_database_url, fresh_database, "9999")
    app = create_app(settings, fresh_database)
    async with app.router.lifespan_context(app), client(app) as asking:
        answer = await asking.get("/readyz")
        assert (answer.status_code, answer.json()["revision"]) == (200, "9999")


async def test_a_process_that_was_told_to_stop_sends_its_callers_away(
    settings: Settings, fresh_database: Database
) -> None:
    app = create_app(settings, fresh_database)
    async with app.router.lifespan_context(app), client(app) as asking:
        assert "connection" not in (await asking.get("/livez")).headers
        app.state.leaving = True
        assert (await asking.get("/readyz")).status_code == 503
        served = await asking.get("/livez")
    assert (served.status_code, served.headers["connection"]) == (200, "close")


async def _be_at(url: str, database: Database, revision: str) -> None:
    owner = Database(url, database.keyring)
    async with owner.engine.begin() as connection:
        await connection.execute(text("SET ROLE NONE"))
        at = text("UPDATE alembic_version SET version_num = :revision")
        await connection.execute(at, {"revision": revision})
    await owner.close()


async def test_a_clock_that_would_refuse_right_signatures_is_not_ready(
    nobody: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = (await nobody.get("/readyz")).json()
    assert abs(told["clock_skew_seconds"]) < SKEW_SECONDS_MAX
    monkeypatch.setattr(health, "SKEW_SECONDS_MAX", -1.0)
    answer = await nobody.get("/readyz")
    assert answer.status_code == 503
    assert "时钟" in answer.json()["detail"]


async def test_without_a_database_the_door_says_try_again(
    settings: Settings, keyring: Keyring
) -> None:
    away = Database("postgresql://nobody:x@127.0.0.1:1/none", keyring)
    app = create_app(settings, away)
    async with app.router.lifespan_context(app), client(app) as asking:
        app.state.keys = KnownKeys(away, app.state.trust)
        for path in ("/readyz", "/v1/meta/errors"):
            answer = await asking.get(path, headers={"Authorization": "Bearer rk_live_x"})
            assert answer.status_code == 503
            assert answer.json()["retryable"] is True
        assert (await asking.get("/livez")).status_code == 200
    await away.close()


async def test_the_docs_name_no_outside_host(nobody: Client) -> None:
    page = await nobody.get("/docs", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert not re.search(r"(?:src|href)=.?(?:https?:)?//", page.text)
    for found in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert (await nobody.get(found)).status_code == 200, found
    assert "unsafe-inline" not in page.headers["content-security-policy"].split("style-src")[0]
    assert "http" not in (ASSETS / "start.js").read_text()
    assert (await nobody.get("/docs/index.html")).status_code == 404
    assert (await nobody.get("/docs/..%2fmeta.py")).status_code == 404


def test_every_served_asset_is_there_with_its_licence() -> None:
    assert {path.name for path in ASSETS.iterdir()} == {*SERVED, "index.html"}
    assert "Apache License" in (ASSETS / "LICENSE.txt").read_text()


async def test_the_words_of_the_interface_can_be_read(township: Client) -> None:
    errors = (await township.get("/v1/meta/errors")).json()["items"]
    found = {entry["code"]: entry for entry in errors}
    assert found["claim.duplicate"]["status"] == 409
    assert found["coverage.not_insured"]["status"] is None
    enums = (await township.get("/v1/meta/enums")).json()
    assert {"code": "paying", "label_zh": "支付中"} in enums["claim_status"]


OPEN_ROUTES = {
    "/livez",
    "/readyz",
    "/version",
    "/openapi.json",
    "/docs",
    "/docs/{name}",
    "/v1/oauth/token",
    "/v1/oauth/jwks",
}


async def test_no_route_is_open_that_is_not_meant_to_be(
    application: FastAPI, nobody: Client
) -> None:
    for route in application.routes:
        assert isinstance(route, APIRoute)
        if route.path in OPEN_ROUTES or route.path.startswith("/v1/callbacks/"):
            continue
        for method in route.methods:
            path = re.sub(r"\{[^}]+\}", "x", route.path)
            kind = "multipart/form-data" if path.endswith("/documents") else "application/json"
            answer = await nobody.request(method, path, headers={"Content-Type": kind})
            assert answer.status_code == 401, f"{method} {route.path}"


def client(app: FastAPI) -> Client:
    return Client(transport=httpx.ASGITransport(app), base_url="http://door")


@pytest.mark.parametrize("name", ["livez", "readyz"])
async def test_health_needs_no_key(nobody: Client, name: str) -> None:
    assert (await nobody.get(f"/{name}")).is_success
