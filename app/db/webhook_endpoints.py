"""Endpoints that others are told at, and the keys their messages are signed with."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from app.db.ids import new_id
from app.db.rows import record, sql
from app.db.session import Tx
from app.domain.caller import Caller, Role
from app.domain.webhook import KEY_REVOKED

_COLUMNS = """
    e.id, e.area_lo, e.area_hi, e.insurer_code, e.role, e.url, e.types, e.scheme, e.state, e.reason,
    e.position, e.failures, e.rest_until, e.delivered_at, e.fence, e.created_by, e.version,
    e.created_at, e.updated_at,
    (SELECT k.public_key FROM webhook_secret AS k
     WHERE k.endpoint_id = e.id AND k.active_to IS NULL) AS public_key,
    (SELECT count(*) FROM webhook_delivery AS d
     WHERE d.endpoint_id = e.id AND d.state = 'waiting') AS waiting
"""
_READ = sql(
    f"SELECT {_COLUMNS} FROM webhook_endpoint AS e WHERE e.id = :id AND e.state <> 'removed'"
)
_HOLD = sql(
    "SELECT e.id FROM webhook_endpoint AS e WHERE e.id = :id AND e.state <> 'removed' FOR UPDATE"
)
_LIST = sql(
    f"""
    SELECT {_COLUMNS} FROM webhook_endpoint AS e
    WHERE e.state <> 'removed' AND (CAST(:before AS uuid) IS NULL OR e.id < :before)
    ORDER BY e.id DESC LIMIT :limit
    """
)
_COUNT = sql("SELECT count(*) FROM webhook_endpoint AS e WHERE e.state <> 'removed'")
_ADD = sql(
    """
    INSERT INTO webhook_endpoint (id, area_lo, area_hi, insurer_code, role, url, types, scheme,
                                  position, created_by)
    VALUES (:id, ctx_lo(), ctx_hi(), ctx_insurer(), ctx_role(), :url, :types, :scheme, :position,
            ctx_actor())
    """
)
# Whoever says last where it leads, or knows its secret, answers for it: it ends with that key.
_CHANGE = sql(
    """
    UPDATE webhook_endpoint SET url = :url, types = :types, state = :state, reason = :reason,
        failures = 0, rest_until = NULL, version = version + 1, updated_at = business_now(),
        created_by = CASE WHEN url <> :url OR state <> 'active' AND :state = 'active'
                          THEN ctx_actor() ELSE created_by END
    WHERE id = :id RETURNING version
    """
)
_END = sql(
    """
    UPDATE webhook_endpoint SET state = :state, reason = :reason, version = version + 1,
        updated_at = business_now()
    WHERE id = :id RETURNING version
    """
)
_MADE_BY = sql(
    f"""
    SELECT {_COLUMNS} FROM webhook_endpoint AS e
    WHERE e.created_by = :actor AND e.state = 'active' ORDER BY e.id FOR UPDATE OF e
    """
)
_TOUCH = sql(
    "UPDATE webhook_endpoint SET version = version + 1, updated_at = business_now(), "
    "created_by = ctx_actor() WHERE id = :id RETURNING version"
)
_ADD_SECRET = sql(
    """
    INSERT INTO webhook_secret (id, endpoint_id, area_lo, area_hi, insurer_code, secret_sealed,
                                public_key)
    VALUES (:id, :endpoint_id, ctx_lo(), ctx_hi(), ctx_insurer(), :secret_sealed, :public_key)
    """
)
# At most two keys are in force: the newest, and the one before it until its time is over.
_RETIRE = sql(
    """
    DELETE FROM webhook_secret
    WHERE endpoint_id = :endpoint_id AND active_to IS NOT NULL
    """
)
_END_SECRETS = sql(
    """
    UPDATE webhook_secret SET active_to = business_now() + CAST(:overlap AS interval)
    WHERE endpoint_id = :endpoint_id AND active_to IS NULL
    """
)
_DROP_SECRETS = sql("DELETE FROM webhook_secret WHERE endpoint_id = :endpoint_id")
_SECRETS = sql(
    """
    SELECT k.id, k.secret_sealed FROM webhook_secret AS k
    WHERE k.endpoint_id = :endpoint_id AND (k.active_to IS NULL OR k.active_to > business_now())
    ORDER BY k.active_to DESC NULLS FIRST, k.id DESC
    """
)


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """One endpoint of a scope: the half-open range of areas, and the insurer if it is one's.

    `position` is how far in the feed its events are handed out, `failures` how many calls in a row
    have failed, `rest_until` (UTC, business time) when it is called again, `delivered_at` when it
    last took something; `waiting` counts what is handed out and not there yet.
    """

    id: UUID
    area_lo: int
    area_hi: int
    insurer_code: str | None
    role: str
    url: str
    types: Sequence[str]
    scheme: str
    state: str
    reason: str | None
    position: int
    failures: int
    rest_until: datetime | None
    delivered_at: datetime | None
    fence: int
    created_by: str
    version: int
    created_at: datetime
    updated_at: datetime
    public_key: str | None
    waiting: int

    def caller(self) -> Caller:
        """Give the principal that reads the feed for it: no wider than who made it."""
        return Caller(
            Role(self.role), self.area_lo, self.area_hi, f"webhook:{self.id}", self.insurer_code
        )


@dataclass(frozen=True, slots=True)
class NewEndpoint:
    """What is stored of an endpoint; its scope is the caller's."""

    id: UUID
    url: str
    types: Sequence[str]
    scheme: str
    position: int
    secret: str = field(repr=False)
    public_key: str | None


async def find_endpoint(tx: Tx, endpoint_id: UUID) -> EndpointRow | None:
    """Give an endpoint of the caller's scope, None when there is none."""
    row = (await tx.sql.execute(_READ, {"id": endpoint_id})).one_or_none()
    return None if row is None else record(EndpointRow, row)


async def hold_endpoint(tx: Tx, endpoint_id: UUID) -> EndpointRow | None:
    """Hold an endpoint's row until the end of the transaction and give it."""
    if (await tx.sql.execute(_HOLD, {"id": endpoint_id})).one_or_none() is None:
        return None
    return await find_endpoint(tx, endpoint_id)


async def list_endpoints(tx: Tx, *, before: UUID | None, limit: int) -> list[EndpointRow]:
    """Give the caller's endpoints, newest first."""
    rows = await tx.sql.execute(_LIST, {"before": before, "limit": limit})
    return [record(EndpointRow, row) for row in rows]


async def count_endpoints(tx: Tx) -> int:
    """Count the caller's endpoints."""
    counted: int = (await tx.sql.execute(_COUNT)).scalar_one()
    return counted


async def add_endpoint(tx: Tx, new: NewEndpoint) -> None:
    """Store an endpoint with its first key, in the caller's scope."""
    await tx.sql.execute(
        _ADD,
        {
            "id": new.id,
            "url": new.url,
            "types": list(new.types),
            "scheme": new.scheme,
            "position": new.position,
        },
    )
    await add_endpoint_key(tx, new.id, new.secret, new.public_key)


async def change_endpoint(
    tx: Tx, endpoint_id: UUID, *, url: str, types: Sequence[str], state: str, reason: str | None
) -> int:
    """Change a held endpoint, which forgets its failures; give its version.

    Whoever switches one on again answers for it from then on.
    """
    values = {"id": endpoint_id, "url": url, "types": list(types), "state": state, "reason": reason}
    version: int = (await tx.sql.execute(_CHANGE, values)).scalar_one()
    return version


async def end_endpoint(tx: Tx, endpoint_id: UUID, state: str, reason: str) -> int:
    """Switch a held endpoint off, or remove it; give its version."""
    values = {"id": endpoint_id, "state": state, "reason": reason}
    version: int = (await tx.sql.execute(_END, values)).scalar_one()
    return version


async def hold_made_by(tx: Tx, actor: str) -> list[EndpointRow]:
    """Hold and give the live endpoints that a principal answers for."""
    return [record(EndpointRow, row) for row in await tx.sql.execute(_MADE_BY, {"actor": actor})]


async def end_made_by(tx: Tx, actor: str) -> list[tuple[EndpointRow, int]]:
    """Switch off the live endpoints of a principal whose key has ended; give them and versions."""
    return [
        (row, await end_endpoint(tx, row.id, "disabled", KEY_REVOKED))
        for row in await hold_made_by(tx, actor)
    ]


async def add_endpoint_key(tx: Tx, endpoint_id: UUID, secret: str, public_key: str | None) -> None:
    """Seal and keep a key; it signs from now on."""
    row_id = new_id()
    await tx.sql.execute(
        _ADD_SECRET,
        {
            "id": row_id,
            "endpoint_id": endpoint_id,
            "secret_sealed": tx.keyring.seal(secret.encode(), _place(row_id)),
            "public_key": public_key,
        },
    )


async def rotate_endpoint_key(
    tx: Tx, endpoint_id: UUID, secret: str, public_key: str | None, overlap: timedelta
) -> int:
    """Take a new key into use; the one before signs beside it for the overlap. Give the version."""
    await tx.sql.execute(_RETIRE, {"endpoint_id": endpoint_id})
    await tx.sql.execute(_END_SECRETS, {"endpoint_id": endpoint_id, "overlap": overlap})
    await add_endpoint_key(tx, endpoint_id, secret, public_key)
    version: int = (await tx.sql.execute(_TOUCH, {"id": endpoint_id})).scalar_one()
    return version


async def drop_endpoint_keys(tx: Tx, endpoint_id: UUID) -> None:
    """Forget every key of a removed endpoint."""
    await tx.sql.execute(_DROP_SECRETS, {"endpoint_id": endpoint_id})


async def endpoint_keys(tx: Tx, endpoint_id: UUID) -> tuple[str, ...]:
    """Give the keys in force, newest first; two while they rotate."""
    rows = await tx.sql.execute(_SECRETS, {"endpoint_id": endpoint_id})
    return tuple(tx.keyring.open_sealed(row.secret_sealed, _place(row.id)).decode() for row in rows)


def _place(row_id: UUID) -> str:
    return f"webhook_secret.secret_sealed.{row_id}"
