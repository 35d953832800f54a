"""API keys: kept as keyed digests only; a token cannot be read back from here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from app.db.rows import fields_of, record, sql
from app.db.session import Database, Tx
from app.domain.caller import Caller, Role

# Nobody is known yet when a key is looked up: this context sees the table of keys and nothing else.
_OPEN_DOOR = sql("SELECT set_context(0, 0, NULL, 'door', 'door', NULL)")
_NOBODY = Caller(Role.SYSTEM, 0, 0, "door")
_COLUMNS = """
    id, prefix, role, area_lo, area_hi, insurer_code, label, holder, networks, public_keys,
    created_at, expires_at, revoked_at
"""
_LIVE = "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())"
_FIND = sql(
    f"""
    SELECT {_COLUMNS} FROM api_key
    WHERE digest = ANY(CAST(:digests AS bytea[])) AND {_LIVE}
    """
)
_FIND_CLIENT = sql(f"SELECT {_COLUMNS}, now() AS now FROM api_key WHERE id = :id AND {_LIVE}")
_ROLES = sql(
    "SELECT now() AS now, ARRAY(SELECT role FROM api_key "
    "WHERE holder = :holder AND revoked_at IS NULL) AS roles"
)
_USE_ONCE = sql(
    """
    WITH swept AS (DELETE FROM used_assertion WHERE expires_at < now())
    INSERT INTO used_assertion (client_id, digest, expires_at)
    VALUES (:client_id, :digest, :expires_at)
    ON CONFLICT DO NOTHING RETURNING 1
    """
)
_ADD = sql(
    """
    INSERT INTO api_key (id, prefix, digest, label, role, area_lo, area_hi, insurer_code, holder,
                         networks, public_keys, expires_at)
    VALUES (:id, :prefix, :digest, :label, :role, :area_lo, :area_hi, :insurer_code, :holder,
            :networks, :public_keys, :expires_at)
    """
)
_LIST = sql(
    f"""
    SELECT {_COLUMNS} FROM api_key
    WHERE (CAST(:before AS uuid) IS NULL OR id < :before) ORDER BY id DESC LIMIT :limit
    """
)
_READ = sql(f"SELECT {_COLUMNS} FROM api_key WHERE id = :id")
_REVOKE_ONE = sql(
    f"""
    UPDATE api_key SET revoked_at = business_now()
    WHERE id = :id AND revoked_at IS NULL RETURNING {_COLUMNS}
    """
)
_REVOKE = sql(
    "UPDATE api_key SET revoked_at = business_now() "
    f"WHERE prefix = :prefix AND revoked_at IS NULL RETURNING {_COLUMNS}"
)
# A key over exactly this area, or one within it; wider ones go on.
_REVOKE_OF_AREA = sql(
    "UPDATE api_key SET revoked_at = business_now() "
    "WHERE area_lo >= :lo AND area_hi <= :hi AND revoked_at IS NULL"
)
_REVOKE_LABELLED = sql(
    "UPDATE api_key SET revoked_at = business_now() WHERE label = :label AND revoked_at IS NULL"
)


@dataclass(frozen=True, slots=True)
class Key:
    """What is known of a key: for which role, over which half-open range of areas, and whose.

    `holder` is the number of the person or system behind it; `networks` (CIDR, by commas) where it
    may call from, None: anywhere; `public_keys` the JWKs (JSON) of a client that signs assertions.
    """

    id: UUID
    prefix: str
    role: str
    area_lo: int
    area_hi: int
    insurer_code: str | None
    label: str
    holder: str | None
    networks: str | None
    public_keys: str | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


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
    holder: str | None = None
    networks: str | None = None
    public_keys: str | None = None


class SeatsCollide(Exception):
    """The holder has a live key of another seat: the database's own refusal."""


async def find_key(database: Database, digests: Sequence[bytes]) -> Key | None:
    """Give the live key with one of these digests: not revoked, nor past its end by real time."""
    async with database.bare(_NOBODY) as tx:
        await tx.sql.execute(_OPEN_DOOR)
        row = (await tx.sql.execute(_FIND, {"digests": list(digests)})).one_or_none()
    return None if row is None else record(Key, row)


async def find_client(database: Database, client_id: UUID) -> tuple[Key, datetime] | None:
    """Give the live key with this id, and the database's real time (UTC)."""
    async with database.bare(_NOBODY) as tx:
        await tx.sql.execute(_OPEN_DOOR)
        row = (await tx.sql.execute(_FIND_CLIENT, {"id": client_id})).one_or_none()
    if row is None:
        return None
    fields = fields_of(row)
    now = fields.pop("now")
    return Key(**fields), now


async def roles_of_holder(database: Database, holder: str) -> tuple[frozenset[str], datetime]:
    """Give the roles of the keys that a person holds, revoked ones left out, and the real time."""
    async with database.bare(_NOBODY) as tx:
        await tx.sql.execute(_OPEN_DOOR)
        row = (await tx.sql.execute(_ROLES, {"holder": holder})).one()
    return frozenset(row.roles), row.now


async def use_once(
    database: Database, client_id: UUID, digest: bytes, expires_at: datetime
) -> bool:
    """Mark an assertion as used; False when it was before. Kept until `expires_at`."""
    async with database.bare(_NOBODY) as tx:
        await tx.sql.execute(_OPEN_DOOR)
        values = {"client_id": client_id, "digest": digest, "expires_at": expires_at}
        return (await tx.sql.execute(_USE_ONCE, values)).one_or_none() is not None


async def add_key(tx: Tx, key: NewKey) -> None:
    """Store a key; for the security administrator. Raises SeatsCollide."""
    values = {name: getattr(key, name) for name in NewKey.__slots__}
    try:
        async with tx.sql.begin_nested():
            await tx.sql.execute(_ADD, values)
    except IntegrityError as error:
        if "ex_api_key_seats" in str(error.orig):
            raise SeatsCollide from None
        raise


async def list_keys(tx: Tx, before: UUID | None, limit: int) -> list[Key]:
    """List keys, newest first, revoked ones too; without their digests."""
    rows = await tx.sql.execute(_LIST, {"before": before, "limit": limit})
    return [record(Key, row) for row in rows]


async def read_key(tx: Tx, key_id: UUID) -> Key | None:
    """Give one key, revoked or not."""
    row = (await tx.sql.execute(_READ, {"id": key_id})).one_or_none()
    return None if row is None else record(Key, row)


async def revoke_key(tx: Tx, key_id: UUID) -> Key | None:
    """End a live key; None when there is none with this id."""
    row = (await tx.sql.execute(_REVOKE_ONE, {"id": key_id})).one_or_none()
    return None if row is None else record(Key, row)


async def revoke_keys(tx: Tx, prefix: str) -> list[Key]:
    """End every live key with this readable beginning; give them."""
    return [record(Key, row) for row in await tx.sql.execute(_REVOKE, {"prefix": prefix})]


async def revoke_labelled(tx: Tx, label: str) -> None:
    """End every live key that bears a label."""
    await tx.sql.execute(_REVOKE_LABELLED, {"label": label})


async def revoke_of_area(tx: Tx, lo: int, hi: int) -> int:
    """Revoke every key that is bound to an area or within it; give how many."""
    return (await tx.sql.execute(_REVOKE_OF_AREA, {"lo": lo, "hi": hi})).rowcount
