"""Assembles the API process: settings, database, keys, routes, the layer around them."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException

from app.api import contract, problems
from app.api.access import KnownKeys
from app.api.envelope import Bounds, Envelope
from app.api.known import Known
from app.api.limits import Allowed, Limits
from app.api.routes import routes_in_order
from app.crypto import Keyring, load_signer
from app.crypto.tokens import TokenKeys
from app.db.session import Database
from app.domain.caller import Role
from app.domain.errors import ReliefError
from app.launcher import database_url
from app.observe.metrics import RequestTimes
from app.outside.documents import open_store
from app.outside.key_sets import KeyAddress, KeyFile, KeySource
from app.services.tokens import OidcTrust, Trust
from app.settings import Settings, master_keys

# The framework would send spans, figures and the messages of errors to whatever collector a library
# sets up in this process. What is told of a request is told by the envelope, and names nobody.
UNTOLD: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}


class Door(FastAPI):
    """The application; it describes itself with the problems that its routes answer."""

    def openapi(self) -> dict[str, Any]:
        """Give the description, made once."""
        if self.openapi_schema is None:
            routes = [route for route in self.routes if isinstance(route, APIRoute)]
            self.openapi_schema = contract.describe(routes, self.state.servers)
        return self.openapi_schema


def create_app(
    settings: Settings, database: Database | None = None, *, watch: bool | None = None
) -> FastAPI:
    """Build the application. `database` is for tests, which bring their own and close it.

    `watch`: look for news, so that answers may be remembered; None: unless tests bring a database,
    whose commits may be seen by nobody else.
    """
    watches = database is None if watch is None else watch

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        opened = database or open_database(settings)
        app.state.database = opened
        replica = open_replica(settings, opened.keyring)
        app.state.replica = replica or opened
        app.state.trust = trust_of(settings, opened.keyring)
        app.state.keys = KnownKeys(opened, app.state.trust)
        app.state.store = open_store(settings, opened.keyring)
        app.state.limits = Limits(opened, allowed_by(settings))
        app.state.known = Known(opened)
        watching = asyncio.create_task(app.state.known.watch()) if watches else None
        yield
        if watching is not None:
            watching.cancel()
            await asyncio.wait({watching})
        if replica is not None:
            await replica.close()
        if database is None:
            await opened.close()

    app = assemble(lifespan)
    app.state.servers = ["/"]
    app.state.sandbox = settings.sandbox
    app.state.webhook_networks = settings.webhook_ranges()
    app.state.reveals_per_hour = settings.reveals_per_hour
    app.state.retention_case_days = settings.retention_case_days
    app.state.leaving = False  # true from the moment the process was told to stop
    app.state.times = RequestTimes()
    app.add_middleware(Envelope, bounds=bounds_of(settings), times=app.state.times)
    return app


def leave(app: FastAPI) -> None:
    """From now on tell every caller to connect anew, and those who balance to stay away."""
    app.state.leaving = True


def assemble(lifespan: Callable[[Any], AbstractAsyncContextManager[None]]) -> FastAPI:
    """Put the routes and the handlers of refusals together, with nothing around them yet."""
    app = Door(
        title=contract.TITLE,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=UNTOLD,
        lifespan=lifespan,
        exception_handlers={
            ReliefError: problems.refuse,
            RequestValidationError: problems.refuse_form,
            HTTPException: problems.refuse_http,
        },
    )
    # Not include_router: since it nests, every request would match through two routers.
    app.router.routes.extend(routes_in_order())
    return app


def bounds_of(settings: Settings) -> Bounds:
    """Give what every request is held to."""
    return Bounds(
        max_document_bytes=settings.max_document_bytes,
        hosts=settings.hosts(),
        proxies=settings.proxies(),
        body_seconds=settings.body_seconds,
        secure=settings.base_url().startswith("https://"),
    )


def allowed_by(settings: Settings) -> Allowed:
    """Give how often something may be done."""
    return Allowed(
        per_key=settings.rate_per_key,
        per_address=settings.rate_per_address,
        lookups=settings.lookups_per_hour,
        refusals=settings.refusals_per_address,
    )


def trust_of(settings: Settings, keyring: Keyring) -> Trust:
    """Give whose tokens are believed. The signing key before the newest one still verifies."""
    newest = settings.token_key_version
    versions = [newest, newest - 1] if newest > 1 else [newest]
    return Trust(
        issuer=settings.base_url(),
        keys=TokenKeys([seed for v in versions for seed in keyring.seeds(f"token/{v}")]),
        life=timedelta(seconds=settings.token_seconds),
        oidc=_oidc_of(settings),
    )


def _oidc_of(settings: Settings) -> OidcTrust | None:
    if settings.oidc_issuer is None:
        return None
    source: KeySource
    if settings.oidc_jwks_file is not None:
        source = KeyFile(settings.oidc_jwks_file)
    else:
        assert settings.oidc_jwks_url is not None, "load_settings asks for one of the two"
        source = KeyAddress(settings.oidc_jwks_url)
    return OidcTrust(
        issuer=settings.oidc_issuer,
        audience=settings.oidc_audience,
        algorithms=tuple(settings.oidc_algorithms.split(",")),
        keys=source,
        subject_claim=settings.oidc_subject_claim,
        role_claim=settings.oidc_role_claim,
        area_claim=settings.oidc_area_claim,
        roles={word: Role(role) for word, role in settings.role_words().items()},
        most=timedelta(seconds=settings.oidc_max_seconds),
    )


def open_database(settings: Settings) -> Database:
    """Open the pool on the configured database, or on the embedded one, which is started."""
    url = database_url(settings.service_url(), settings.data_dir, settings.pg_bindir)
    keyring = Keyring.of(master_keys(settings), load_signer(settings.signing_module))
    return Database(url, keyring, pool_size=settings.pool_size, pgbouncer=settings.db_pgbouncer)


def open_replica(settings: Settings, keyring: Keyring) -> Database | None:
    """Open a pool on the replica that reports are read from, if there is one."""
    if settings.replica_url is None:
        return None
    url = settings.replica_url.get_secret_value()
    return Database(url, keyring, pool_size=settings.pool_size, pgbouncer=settings.db_pgbouncer)
