"""API keys: kept as keyed digests only; a token cannot be read back from here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db.rows import record, sql
from app.db.session import Database, Tx
from app.domain.caller import Caller, Role

# Nobody is known yet when a key is looked up: this context sees the table of keys and nothing else.
_OPEN_DOOR = sql("SELECT set_context(0, 0, NULL, 'door', 'door', NULL)")
_NOBODY = Caller(Role.SYSTEM, 0, 0, "door")
_FIND = sql(
    """
    SELECT id, prefix, role, area_lo, area_hi, insurer_code, expires_at FROM api_key
    WHERE digest = ANY(CAST(:digests AS bytea[])) AND revoked_at IS NULL
      AND (expires_at IS NULL OR expires_at > now())
    """
)
_ADD = sql(
    """
    INSERT INTO api_key
        (id, prefix, digest, label, role, area_lo, area_hi, insurer_code, expires_at)
    VALUES (:id, :prefix, :digest, :label, :role, :area_lo, :area_hi, :insurer_code, :expires_at)
    """
)
_REVOKE = sql(
    "UPDATE api_key SET revoked_at = business_now() "
    "WHERE prefix = :prefix AND revoked_at IS NULL RETURNING id"
)
_REVOKE_LABELLED = sql(
    "UPDATE api_key SET revoked_at = business_now() WHERE label = :label AND revoked_at IS NULL"
)


@dataclass(frozen=True, slots=True)
class Key:
    """A key that opens the door now: for which role, over which half-open range of areas."""

    id: UUID
    prefix: str
    role: str
    area_lo: int
    area_hi: int
    insurer_code: str | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewKey:
    """What is stored of a key; `prefix` is its readable beginning, by which people name it."""

    id: UUID
    prefix: str
    digest: bytes
    label: str
    role: str
    area_lo: int
    area_hi: int
    insurer_code: str | None
    expires_at: datetime | None


async def find_key(database: Database, digests: Sequence[bytes]) -> Key | None:
    """Give the live key with one of these digests: not revoked, nor past its end by real time."""
    async with database.bare(_NOBODY) as tx:
        await tx.sql.execute(_OPEN_DOOR)
        row = (await tx.sql.execute(_FIND, {"digests": list(digests)})).one_or_none()
    return None if row is None else record(Key, row)


async def add_key(tx: Tx, key: NewKey) -> None:
    """Store a key; for the security administrator."""
    values = {name: getattr(key, name) for name in NewKey.__slots__}
    await tx.sql.execute(_ADD, values)


async def revoke_keys(tx: Tx, prefix: str) -> int:
    """End every live key with this readable beginning; give how many there were."""
    return len((await tx.sql.execute(_REVOKE, {"prefix": prefix})).all())


async def revoke_labelled(tx: Tx, label: str) -> None:
    """End every live key that bears a label."""
    await tx.sql.execute(_REVOKE_LABELLED, {"label": label})
