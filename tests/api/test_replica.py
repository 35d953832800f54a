"""Reports come from the replica; everything else from the database itself."""

import secrets
from collections.abc import AsyncGenerator
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx
import pytest
from pydantic import SecretStr

from app.db.session import Database
from app.domain.caller import Role
from app.main import create_app
from app.services.keys import issue_key
from app.settings import Settings
from tests.api.conftest import SECURITY, Client
from tests.api.story import good, this_year
from tests.api.test_report_tables import REPORTS
from tests.contracts import COUNTY_AREA, TOWN
from tests.database import Run
from tests.services.test_reports import CODE, some_claims


@pytest.fixture
async def replica_url(fresh_database_url: str) -> AsyncGenerator[str]:
    """The same data by a login that may only read, as a standby would give them."""
    name = f"reader_{secrets.token_hex(4)}"
    owner = await asyncpg.connect(fresh_database_url)
    await owner.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'x7Gq2' IN ROLE relief_app")
    await owner.execute(f"ALTER ROLE {name} SET default_transaction_read_only = on")
    parts = urlsplit(fresh_database_url)
    yield urlunsplit(parts._replace(netloc=f"{name}:x7Gq2@{parts.hostname}:{parts.port}"))
    await owner.execute(f"DROP OWNED BY {name}")
    await owner.execute(f"DROP ROLE {name}")
    await owner.close()


async def test_every_report_is_read_from_a_replica_that_cannot_write(
    settings: Settings, fresh_database: Database, replica_url: str
) -> None:
    await some_claims(fresh_database)
    async with fresh_database.transaction(SECURITY) as tx:
        key = await issue_key(tx, Role.COUNTY, COUNTY_AREA, None, "test", test=True)
    given = settings.model_copy(update={"replica_url": SecretStr(replica_url)})
    app = create_app(given, fresh_database)
    transport = httpx.ASGITransport(app)
    headers = {"Authorization": f"Bearer {key.token}"}
    async with (
        app.router.lifespan_context(app),
        Client(transport=transport, base_url="http://door", headers=headers) as county,
    ):
        assert app.state.replica is not fresh_database
        for report in REPORTS:
            good(await county.get(f"/v1/reports/{report}"))
        asked = {"insurer": CODE, "period": str(this_year().year)}
        assert good(await county.get("/v1/reports/scorecard", params=asked))["figures"]
        # Nothing but the reports goes there: it could not even be written to.
        await app.state.replica.close()
        app.state.replica = None
        assert good(await county.get("/v1/claims"))["items"]
        app.state.replica = fresh_database


async def test_without_a_replica_reports_come_from_the_database(
    settings: Settings, database: Database
) -> None:
    app = create_app(settings, database)
    async with app.router.lifespan_context(app):
        assert app.state.replica is database


async def test_f18_a_replica_that_lags_never_turns_a_readers_status_back(
    settings: Settings, fresh_database: Database, run: Run
) -> None:
    """The replica here has not even heard of the notice; whoever follows it reads the database."""
    behind = run.clone()
    async with fresh_database.transaction(SECURITY) as tx:
        key = await issue_key(tx, Role.TOWNSHIP, TOWN, None, "test", test=True)
    given = settings.model_copy(update={"replica_url": SecretStr(behind)})
    app = create_app(given, fresh_database)
    headers = {"Authorization": f"Bearer {key.token}"}
    async with (
        app.router.lifespan_context(app),
        Client(transport=httpx.ASGITransport(app), base_url="http://door", headers=headers) as town,
    ):
        draft = {"area_code": str(TOWN)}
        keyed = {"Idempotency-Key": "f18"}
        drafted = await town.post("/v1/notices", json=draft, headers=keyed)
        notice_no = good(drafted, 201)["notice_no"]
        for _ in range(3):
            seen = good(await town.get(f"/v1/notices/{notice_no}"))
            listed = good(await town.get("/v1/notices"))
            assert seen["status"]["code"] == "draft"
            assert [one["notice_no"] for one in listed["items"]] == [notice_no]
        gone = {"If-Match": seen_etag(await town.get(f"/v1/notices/{notice_no}"))}
        discarded = await town.delete(f"/v1/notices/{notice_no}", headers=gone)
        assert discarded.status_code == 204
        for _ in range(3):
            after = await town.get(f"/v1/notices/{notice_no}")
            assert after.json()["status"]["code"] == "withdrawn"
    run.drop(behind)


def seen_etag(answer: httpx.Response) -> str:
    return str(answer.headers["etag"])
