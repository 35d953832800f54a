"""Bring everything over to the master key that writes now, while the service goes on."""

from dataclasses import dataclass

from app.db.resealing import (
    COLUMNS,
    keeper,
    keyed_api_keys,
    old_rows,
    renew_column,
    renew_people,
)
from app.db.session import Database


@dataclass(frozen=True, slots=True)
class KeyState:
    """What still needs an older master key: rows by column, and live API keys of before."""

    old_rows: dict[str, int]
    api_keys: int

    @property
    def clear(self) -> bool:
        """Tell whether the older keys may go."""
        return not any(self.old_rows.values()) and self.api_keys == 0


async def key_state(database: Database) -> KeyState:
    """Tell what is still sealed or known under an older master key only."""
    async with keeper(database) as tx:
        return KeyState(await old_rows(tx), await keyed_api_keys(tx))


async def rotate_keys(database: Database) -> dict[str, int]:
    """Seal and index anew whatever is not under today's key; gives how many rows by column.

    Small transactions that wait for nobody: a row that is being worked on is taken the next time
    round, so that calling this again when something is left is all there is to do.
    """
    done = {"person": 0}
    while count := await _people(database):
        done["person"] += count
    for one in COLUMNS:
        name = f"{one.table}.{one.column}"
        done[name] = 0
        while True:
            async with keeper(database) as tx:
                count = await renew_column(tx, one)
            if count == 0:
                break
            done[name] += count
    return done


async def _people(database: Database) -> int:
    async with keeper(database) as tx:
        return await renew_people(tx)
