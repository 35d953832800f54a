"""The house without its walls: what they cost is the difference, and nothing switches them off.

The product's own routes, acts and statements, put together without the layer that asks for a key,
counts and logs, over connections of the database's owner, whom row security does not bind, in a
database whose acts are linked into no audit trail (see `House.without_walls`).
"""

import asyncio
import os
import sys
from base64 import b64decode
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.known import Known
from app.crypto import Keyring
from app.db.session import SESSION, Database
from app.domain.caller import Caller, Role, area_range
from app.main import assemble
from benchmarks.county import PREFECTURE

NOBODY = Caller(Role.TOWNSHIP, *area_range(PREFECTURE), "bench")
# The owner's planner weighs each list of digests anew, as it sees no walls that cost the same for
# all: a plan for each question, which the service's own role is spared. Told to keep one, it does.
OPEN_SESSION = {name: value for name, value in SESSION.items() if name != "role"} | {
    "plan_cache_mode": "force_generic_plan"
}


class Unasked:
    """In the envelope's place: whoever calls is the one caller there is."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what comes."""
        scope["state"] = {"caller": NOBODY, "request_id": "bench", "address": "-"}
        await self.app(scope, receive, send)


def open_app(url: str, keyring: Keyring) -> FastAPI:
    """Assemble the routes over a database that hides nothing."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        app.state.database = Database(url, keyring, session=OPEN_SESSION)
        app.state.known = Known(app.state.database)
        watching = asyncio.create_task(app.state.known.watch())
        yield
        watching.cancel()
        await app.state.database.close()

    app = assemble(lifespan)
    layer: Any = Unasked
    app.add_middleware(layer)
    return app


if __name__ == "__main__":
    key = b64decode(os.environ["RELIEF_MASTER_KEY"])
    app = open_app(os.environ["RELIEF_DATABASE_URL"], Keyring(key))
    uvicorn.run(app, port=int(sys.argv[1]), log_config=None, access_log=False)
