"""What changes when PgBouncer stands between us and the database, in its transaction mode.

Every transaction may run on another server connection. Nothing may therefore outlive one: the role
and the time-outs, else parameters of the start-up, come with each BEGIN; no statement stays
prepared; and even a single question is a transaction, because it is parsed and run in two steps
that two servers could get.
"""

from typing import Any

import asyncpg


class Pooled(asyncpg.Connection):
    """A connection whose transactions each begin with what is elsewhere set once."""

    session: str = ""  # statements, by semicolons

    async def execute(self, query: str, *args: object, **named: Any) -> str:
        """Run a statement; a BEGIN carries the session's settings with it, in one round trip."""
        if query.startswith("BEGIN"):
            query = f"{query.rstrip(';')}; {self.session}"
        status: str = await super().execute(query, *args, **named)
        return status

    async def set_type_codec(self, *args: Any, **named: Any) -> None:
        """Ask for a type and set its codec, on one and the same server."""
        async with self.transaction():
            await super().set_type_codec(*args, **named)


def pooled(session: dict[str, str]) -> type[Pooled]:
    """Give the class of connections that begin with these settings; `role` is one of them."""
    settings = "; ".join(f"SET LOCAL {name} = '{value}'" for name, value in session.items())
    return type("PooledHere", (Pooled,), {"session": settings})
