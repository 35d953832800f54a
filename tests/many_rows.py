"""A database that has had many claims: how often its tables are read from end to end."""

import asyncpg

from benchmarks.large import OWN, multiply

__all__ = ["multiply", "reads"]

_READ = """
SELECT relname, seq_scan, seq_tup_read + coalesce(idx_tup_fetch, 0) AS read
FROM pg_stat_user_tables WHERE relname = ANY($1)
"""


async def reads(url: str) -> dict[str, tuple[int, int]]:
    """How often each of these tables was read from end to end, and how many rows were read of it.

    Connections that are open still may not have told all they did.
    """
    owner = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        rows = await owner.fetch(_READ, list(OWN))
    finally:
        await owner.close()
    return {row["relname"]: (row["seq_scan"], row["read"]) for row in rows}
