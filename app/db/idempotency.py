"""Kept answers: a repeated request gets the first answer again, in the same bytes."""

from dataclasses import dataclass
from typing import Any

from app.db.rows import sql
from app.db.session import Tx, context_of
from app.domain.errors import ReliefError

# It must be the engine that begins the transaction, with its first statement.
_OPEN = sql(
    "SELECT locked, fingerprint, status, body_sealed, etag, location FROM open_write("
    ":lo, :hi, :insurer, :role, :actor, :request_id, :route, :key)"
)
_KEEP = """
    INSERT INTO idempotency AS kept
        (principal, route, key, fingerprint, status, body_sealed, etag, location, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, business_now() + interval '30 days')
    ON CONFLICT (principal, route, key) DO UPDATE
        SET fingerprint = excluded.fingerprint, status = excluded.status,
            body_sealed = excluded.body_sealed, etag = excluded.etag,
            location = excluded.location, created_at = business_now(),
            expires_at = excluded.expires_at
        WHERE kept.expires_at <= business_now()
"""


class InProgress(ReliefError):
    """Another request with the same key is being worked on at this moment."""

    code = "idempotency.in_progress"

    def __init__(self) -> None:
        super().__init__(
            "同一请求正在处理，请稍后用同一幂等号重试。",
            "The same request is being processed: retry with the same key in a moment.",
        )


@dataclass(frozen=True, slots=True)
class Kept:
    """The first answer to a key: fingerprint of its request, status, body, validators.

    `replayed`: it was kept before, and is given once more.
    """

    fingerprint: bytes
    status: int
    body: bytes
    etag: str | None
    location: str | None
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """Where an answer is kept: the route, by its method and path, and the caller's key."""

    route: str
    key: str


async def open_write(tx: Tx, slot: Slot) -> Kept | None:
    """Set the caller's context, lock the key and give its kept answer, in one round trip.

    For a transaction opened by `Database.bare`. Raises InProgress when the key is locked.
    """
    values = {**context_of(tx.caller, tx.request_id), "route": slot.route, "key": slot.key}
    row = (await tx.sql.execute(_OPEN, values)).mappings().one()
    return kept_in(tx, slot, row)


def kept_in(tx: Tx, slot: Slot, row: Any) -> Kept | None:
    """Give the kept answer in a row by column names; None where it holds none.

    Raises InProgress when the row says that the key is locked.
    """
    if not row["locked"]:
        raise InProgress
    if row["body_sealed"] is None:
        return None
    body = tx.keyring.open_sealed(row["body_sealed"], _place(tx.caller.actor, slot))
    told = row["fingerprint"], row["status"], body, row["etag"], row["location"]
    return Kept(*told, replayed=True)


def seal_answer(tx: Tx, slot: Slot, body: bytes) -> bytes:
    """Seal the body of an answer for the place where it will be kept."""
    return tx.keyring.seal(body, _place(tx.caller.actor, slot))


async def keep(tx: Tx, slot: Slot, answer: Kept) -> None:
    """Keep an answer for 30 days, in the transaction of its effect."""
    await tx.row(
        _KEEP,
        tx.caller.actor,
        slot.route,
        slot.key,
        answer.fingerprint,
        answer.status,
        seal_answer(tx, slot, answer.body),
        answer.etag,
        answer.location,
    )


def _place(principal: str, slot: Slot) -> str:
    return f"idempotency.body_sealed.{principal}|{slot.route}|{slot.key}"
