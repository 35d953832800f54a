"""The one HTTP client that all dialects of a process share."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpcore
import httpx

from app.outside.addresses import GuardedBackend, Network, Resolve
from app.outside.transport import Transport

# Per single wait; the endpoint's deadline bounds the whole exchange beside them.
_WAITS = httpx.Timeout(connect=3.0, read=10.0, write=10.0, pool=3.0)
_CONNECTIONS, _KEPT, _KEPT_SECONDS = 64, 16, 15.0


@asynccontextmanager
async def open_client(
    allowed: Sequence[Network] = (), resolve: Resolve | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client that connects to judged addresses only (see `addresses`).

    `allowed` are the inside networks that it may call. It follows no redirect (a signed body goes
    nowhere else) and reads neither proxies nor credentials from the environment.
    """
    transport = Transport(trust_env=False)
    # The transport takes no backend of ours, its pool does; both are the client's public parts.
    transport._pool = httpcore.AsyncConnectionPool(  # noqa: SLF001
        ssl_context=httpx.create_ssl_context(trust_env=False),
        max_connections=_CONNECTIONS,
        max_keepalive_connections=_KEPT,
        keepalive_expiry=_KEPT_SECONDS,
        network_backend=GuardedBackend(allowed, resolve),
    )
    async with httpx.AsyncClient(
        transport=transport, timeout=_WAITS, follow_redirects=False, trust_env=False
    ) as client:
        yield client
