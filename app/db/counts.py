"""Counts that hold across processes: how often somebody did something lately.

Each count is a transaction of its own, so that it stands whether or not the act succeeds. The
subject is kept as a keyed digest: the table holds no address and no number.
"""

from dataclasses import dataclass

from app.db.session import Database
from app.domain.caller import Caller, Role

_COUNT = "SELECT counted, ends_in FROM count_use($1, $2, $3, $4, $5, $6, $7, $8, $9::int, $10::int)"
_DOOR = Caller(Role.SYSTEM, 0, 0, "door")


@dataclass(frozen=True, slots=True)
class Counted:
    """How often in the present window, and the seconds until it ends."""

    times: int
    ends_in: int


async def count_use(
    database: Database, rule: str, subject: str, seconds: int, more: int = 1
) -> Counted:
    """Count one use more in a window of so many seconds; `more` 0 only looks."""
    digest = database.keyring.blind_index(f"count/{rule}", subject)
    row = await database.ask(_DOOR, None, _COUNT, rule, digest, seconds, more)
    return Counted(0, seconds) if row is None else Counted(row["counted"], row["ends_in"])
