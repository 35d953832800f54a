"""Assembles the API process: settings, database, keys, routes, the layer around them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from app.api import contract, problems
from app.api.access import KnownKeys
from app.api.envelope import Envelope
from app.api.routes import ROUTERS
from app.crypto import Keyring
from app.db.session import Database
from app.domain.errors import ReliefError
from app.launcher import database_url
from app.outside.documents import DocumentStore
from app.settings import Settings, master_keys


class Door(FastAPI):
    """The application; it describes itself with the problems that its routes answer."""

    def openapi(self) -> dict[str, Any]:
        """Give the description, made once."""
        if self.openapi_schema is None:
            routes = [route for route in self.routes if isinstance(route, APIRoute)]
            self.openapi_schema = contract.describe(routes, self.state.servers)
        return self.openapi_schema


def create_app(settings: Settings, database: Database | None = None) -> FastAPI:
    """Build the application. `database` is for tests, which bring their own and close it."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        opened = database or open_database(settings)
        app.state.database = opened
        app.state.keys = KnownKeys(opened)
        yield
        if database is None:
            await opened.close()

    app = Door(
        title=contract.TITLE,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        exception_handlers={
            ReliefError: problems.refuse,
            RequestValidationError: problems.refuse_form,
            HTTPException: problems.refuse_http,
        },
    )
    app.state.servers = ["/"]
    app.state.store = DocumentStore(settings.papers_dir(), settings.max_document_bytes)
    app.add_middleware(Envelope, max_document_bytes=settings.max_document_bytes)
    for router in ROUTERS:
        # Not include_router: since it nests, every request would match through two routers.
        app.router.routes.extend(router.routes)
    return app


def open_database(settings: Settings) -> Database:
    """Open the pool on the configured database, or on the embedded one, which is started."""
    url = database_url(settings.service_url(), settings.data_dir, settings.pg_bindir)
    keyring = Keyring.of(master_keys(settings))
    return Database(url, keyring, pool_size=settings.pool_size)
