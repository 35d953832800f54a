"""The door in this process on a database that can be hurt, and a township's notice ready for it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import APIRouter
from structlog.testing import capture_logs

from app.db.session import Database
from app.domain.caller import Role
from app.main import create_app
from app.services.keys import issue_key
from app.settings import Settings
from tests import database as databases
from tests.api.conftest import SECURITY
from tests.cases import CHUNAN, county_with, draft, notice
from tests.contracts import TOWN

Client = httpx.AsyncClient
Opens = Callable[..., AbstractAsyncContextManager[Client]]


@pytest.fixture
async def keeper(fresh_database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the database's owner, past everything that is done to the others."""
    connection = await asyncpg.connect(fresh_database_url)
    yield connection
    await connection.close()


@pytest.fixture
async def token(fresh_database: Database) -> str:
    """A township's key."""
    async with fresh_database.transaction(SECURITY) as tx:
        return (await issue_key(tx, Role.TOWNSHIP, TOWN, None, "test", test=True)).token


@pytest.fixture
async def notice_no(fresh_database: Database) -> str:
    """A notice with its paper, ready to be submitted, of an insured person."""
    await county_with(fresh_database, CHUNAN)
    return await draft(fresh_database, notice(), "settlement")


@pytest.fixture
def opens(tmp_path: Path, token: str) -> Opens:
    """Open the door on a database of the test's making, with routes of the test's own."""

    @asynccontextmanager
    async def open_door(url: str, *routers: APIRouter, pool_size: int = 4) -> AsyncIterator[Client]:
        database = Database(url, databases.keyring(), pool_size=pool_size)
        app = create_app(Settings(data_dir=tmp_path, allowed_hosts="door"), database)
        for router in routers:
            app.router.routes.extend(router.routes)
        try:
            # Captured: drawing each traceback for a terminal takes longer than the faults.
            with capture_logs():
                async with (
                    app.router.lifespan_context(app),
                    Client(
                        transport=httpx.ASGITransport(app),
                        base_url="http://door",
                        headers={"Authorization": f"Bearer {token}"},
                    ) as client,
                ):
                    yield client
        finally:
            await database.close()

    return open_door


def keyed() -> dict[str, str]:
    """A fresh idempotency key."""
    return {"Idempotency-Key": str(uuid4())}


def away(answer: httpx.Response) -> bool:
    """Tell whether it is the answer to come again, whole and honest."""
    return (
        (answer.status_code, answer.json().get("code")) == (503, "service.not_ready")
        and answer.json().get("retryable") is True
        and answer.headers["retry-after"] == "5"
    )
