"""The limit of a callback: a bare FastAPI route that stores each body in one row, unread."""

import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import asyncpg
import uvicorn
from fastapi import FastAPI, Request
from pydantic import BaseModel

TABLE = "CREATE TABLE IF NOT EXISTS bare_inbox (id bigserial PRIMARY KEY, body bytea NOT NULL)"
INSERT = "INSERT INTO bare_inbox (body) VALUES ($1) RETURNING id"


class Stored(BaseModel):
    """What is answered."""

    accepted: bool
    event_id: str


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    """Hold as many connections as the house has."""
    async with asyncpg.create_pool(os.environ["RELIEF_DATABASE_URL"], max_size=10) as pool:
        await pool.execute(TABLE)
        app.state.pool = pool
        yield


bare = FastAPI(openapi_url=None, lifespan=lifespan)


@bare.post("/v1/callbacks/{insurer}/events", status_code=202)
async def store(insurer: str, request: Request) -> Stored:  # noqa: ARG001 - read as the house does
    """Store and answer."""
    row = await request.app.state.pool.fetchval(INSERT, await request.body())
    return Stored(accepted=True, event_id=str(row))


if __name__ == "__main__":
    uvicorn.run(bare, port=int(sys.argv[1]), log_config=None, access_log=False)
