"""The one place that opens transactions and says who is asking.

Every transaction runs as the non-owner role and sets the caller's context first, so that row
security stands behind every query. Nobody else writes `commit`.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from app.crypto import Keyring
from app.domain.caller import Caller

ROLE = "relief_app"
SET_CONTEXT = text("SELECT set_context(:lo, :hi, :insurer, :role, :actor, :request_id)")


@dataclass(frozen=True, slots=True)
class Tx:
    """One open transaction: its connection, who asks, and the keys to seal and open with."""

    sql: AsyncConnection
    caller: Caller
    keyring: Keyring
    request_id: str | None = None

    async def now(self) -> datetime:
        """Give business time (UTC): the database clock plus the sandbox's offset."""
        now: datetime = (await self.sql.execute(text("SELECT business_now()"))).scalar_one()
        return now

    async def today(self) -> date:
        """Give the business day in Asia/Shanghai."""
        today: date = (await self.sql.execute(text("SELECT business_today()"))).scalar_one()
        return today


class Database:
    """A pool of connections to one database, as the non-owner role."""

    def __init__(self, url: str, keyring: Keyring, *, pool_size: int = 10) -> None:
        self.keyring = keyring
        self.url = url
        self.engine: AsyncEngine = create_async_engine(
            driver_url(url),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=10,
            pool_reset_on_return="rollback",
            connect_args={
                "server_settings": {
                    "role": ROLE,
                    "application_name": "relief",
                    "statement_timeout": "30s",
                    "lock_timeout": "10s",
                    "idle_in_transaction_session_timeout": "60s",
                }
            },
        )

    @asynccontextmanager
    async def transaction(
        self, caller: Caller, request_id: str | None = None
    ) -> AsyncGenerator[Tx]:
        """Open a transaction as the caller; it commits at the end and rolls back on any error."""
        async with self.engine.begin() as connection:
            await connection.execute(SET_CONTEXT, context_of(caller, request_id))
            yield Tx(connection, caller, self.keyring, request_id)

    @asynccontextmanager
    async def bare(self, caller: Caller, request_id: str | None = None) -> AsyncGenerator[Tx]:
        """Open a transaction without its context, for the one statement that sets it itself."""
        async with self.engine.begin() as connection:
            yield Tx(connection, caller, self.keyring, request_id)

    async def close(self) -> None:
        """Close the pool."""
        await self.engine.dispose()


def context_of(caller: Caller, request_id: str | None) -> dict[str, object]:
    """Give the parameters of `set_context` for a caller."""
    return {
        "lo": caller.area_lo,
        "hi": caller.area_hi,
        "insurer": caller.insurer,
        "role": caller.role.value,
        "actor": caller.actor,
        "request_id": request_id,
    }


def driver_url(url: str) -> str:
    """Give SQLAlchemy's form of a postgresql:// URL, for asyncpg."""
    scheme, separator, rest = url.partition("://")
    if not separator or not scheme.startswith("postgres"):
        raise ValueError("the database URL must begin with postgresql://")
    return f"postgresql+asyncpg://{rest}"
