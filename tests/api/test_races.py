"""Two requests at once: needs a database with real commits."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI
from sqlalchemy import text
from starlette.responses import Response as Sent

from app.api.answers import Answer
from app.api.fields import Form, View
from app.api.writing import Writes, Writing
from app.db.session import Database, Tx
from app.domain.caller import Act, Role
from app.main import create_app
from app.services.keys import issue_key
from app.settings import Settings
from tests.api.conftest import SECURITY, Client

slow = APIRouter()
inside = asyncio.Event()
gate = asyncio.Event()


class Nothing(Form):
    pass


class Done(View):
    done: bool


@slow.post("/v1/slow")
async def be_slow(
    form: Nothing, door: Annotated[Writing, Depends(Writes(Act.FILE_NOTICE))]
) -> Sent:
    async def act(_: Tx) -> Answer:
        inside.set()
        await gate.wait()
        return Answer(Done(done=True))

    return await door.once(form, act)


@slow.post("/v1/fails-at-commit")
async def fail_at_commit(
    form: Nothing, door: Annotated[Writing, Depends(Writes(Act.FILE_NOTICE))]
) -> Sent:
    async def act(tx: Tx) -> Answer:
        # A deferred constraint: nothing is wrong until the commit.
        await tx.sql.execute(text("CREATE TEMPORARY TABLE late (a int UNIQUE DEFERRABLE)"))
        await tx.sql.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        await tx.sql.execute(text("INSERT INTO late VALUES (1), (1)"))
        return Answer(Done(done=True))

    return await door.once(form, act)


@pytest.fixture
async def asking(settings: Settings, fresh_database: Database) -> AsyncGenerator[Client]:
    inside.clear()
    gate.clear()
    app: FastAPI = create_app(settings, fresh_database)
    app.router.routes.extend(slow.routes)
    async with fresh_database.transaction(SECURITY) as tx:
        key = await issue_key(tx, Role.TOWNSHIP, 990127001000)
    async with (
        app.router.lifespan_context(app),
        Client(
            transport=httpx.ASGITransport(app),
            base_url="http://door",
            headers={"Authorization": f"Bearer {key.token}", "Idempotency-Key": "k"},
        ) as client,
    ):
        yield client


async def test_the_same_key_at_the_same_time_is_told_to_wait(asking: Client) -> None:
    first = asyncio.create_task(asking.post("/v1/slow", json={}))
    await inside.wait()
    second = await asking.post("/v1/slow", json={})
    assert second.status_code == 409
    assert second.json()["code"] == "idempotency.in_progress"
    assert second.headers["retry-after"] == "1"
    gate.set()
    assert (await first).status_code == 200
    again = await asking.post("/v1/slow", json={})
    assert again.headers["idempotency-replayed"] == "true"


async def test_an_answer_goes_out_only_after_the_commit(asking: Client) -> None:
    answer = await asking.post("/v1/fails-at-commit", json={})
    assert answer.status_code == 500
    again = await asking.post("/v1/fails-at-commit", json={})
    assert "idempotency-replayed" not in again.headers
