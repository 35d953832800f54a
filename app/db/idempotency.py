"""Kept answers: a repeated request gets the first answer again, in the same bytes."""

from dataclasses import dataclass
from typing import Any

from app.db.rows import sql
from app.db.session import Tx, context_of
from app.domain.errors import ReliefError

_OPEN_DIRECT = """
    SELECT locked, fingerprint, status, body_sealed, etag, location
    FROM open_write($1, $2, $3, $4, $5, $6, $7, $8)
"""
# Through the engine it must be the engine that begins the transaction, with its first statement.
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
    """The first answer to a key: fingerprint of its request, status, body, validators."""

    fingerprint: bytes
    status: int
    body: bytes
    etag: str | None
    location: str | None


async def open_write(tx: Tx, route: str, key: str) -> Kept | None:
    """Set the caller's context, lock the key and give its kept answer, in one round trip.

    For a transaction opened by `Database.bare` or `Database.swift`. Raises InProgress when the key
    is locked.
    """
    values = {**context_of(tx.caller, tx.request_id), "route": route, "key": key}
    row: Any
    if tx.direct is None:
        row = (await tx.sql.execute(_OPEN, values)).mappings().one()
    else:
        row = await tx.row(_OPEN_DIRECT, *values.values())
    assert row is not None, "the function gives one row"
    if not row["locked"]:
        raise InProgress
    if row["status"] is None:
        return None
    body = tx.keyring.open_sealed(row["body_sealed"], _place(tx.caller.actor, route, key))
    return Kept(row["fingerprint"], row["status"], body, row["etag"], row["location"])


async def keep(tx: Tx, route: str, key: str, answer: Kept) -> None:
    """Keep an answer for 30 days, in the transaction of its effect."""
    principal = tx.caller.actor
    await tx.row(
        _KEEP,
        principal,
        route,
        key,
        answer.fingerprint,
        answer.status,
        tx.keyring.seal(answer.body, _place(principal, route, key)),
        answer.etag,
        answer.location,
    )


def _place(principal: str, route: str, key: str) -> str:
    return f"idempotency.body_sealed.{principal}|{route}|{key}"
