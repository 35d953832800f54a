"""The application in this process, on a database that forgets; one client per role."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from app.db.session import Database
from app.domain.caller import Caller, Role
from app.main import create_app
from app.services.keys import issue_key
from app.settings import Settings
from tests.contracts import COUNTY_AREA, TOWN

SECURITY = Caller(Role.SECURITY, 0, 10**12, "test:security")

Client = httpx.AsyncClient
Caller_ = Callable[..., Awaitable[Client]]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, max_document_bytes=200_000, allowed_hosts="door")


@pytest.fixture
async def application(settings: Settings, database: Database) -> AsyncGenerator[FastAPI]:
    app = create_app(settings, database)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def nobody(application: FastAPI) -> AsyncGenerator[Client]:
    """A client without a key."""
    transport = httpx.ASGITransport(application)
    async with Client(transport=transport, base_url="http://door") as client:
        yield client


@pytest.fixture
async def client_of(application: FastAPI, database: Database) -> AsyncGenerator[Caller_]:
    """Make a client with a fresh key for a role over an area or an insurer."""
    opened: list[Client] = []

    async def make(role: Role, area: int = 0, insurer: str | None = None) -> Client:
        async with database.transaction(SECURITY) as tx:
            key = await issue_key(tx, role, area, insurer, "test", test=True)
        client = Client(
            transport=httpx.ASGITransport(application),
            base_url="http://door",
            headers={"Authorization": f"Bearer {key.token}"},
        )
        opened.append(client)
        return client

    yield make
    for client in opened:
        await client.aclose()


@pytest.fixture
async def township(client_of: Caller_) -> Client:
    return await client_of(Role.TOWNSHIP, TOWN)


@pytest.fixture
async def county(client_of: Caller_) -> Client:
    return await client_of(Role.COUNTY, COUNTY_AREA)
