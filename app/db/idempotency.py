"""Kept answers: a repeated request gets the first answer again, in the same bytes."""

from dataclasses import dataclass

from app.db.rows import sql
from app.db.session import Tx, context_of
from app.domain.errors import ReliefError

_OPEN = sql(
    "SELECT locked, fingerprint, status, body_sealed, etag, location FROM open_write("
    ":lo, :hi, :insurer, :role, :actor, :request_id, :route, :key)"
)
_KEEP = sql(
    """
    INSERT INTO idempotency AS kept
        (principal, route, key, fingerprint, status, body_sealed, etag, location, expires_at)
    VALUES (:principal, :route, :key, :fingerprint, :status, :body, :etag, :location,
            business_now() + interval '30 days')
    ON CONFLICT (principal, route, key) DO UPDATE
        SET fingerprint = excluded.fingerprint, status = excluded.status,
            body_sealed = excluded.body_sealed, etag = excluded.etag,
            location = excluded.location, created_at = business_now(),
            expires_at = excluded.expires_at
        WHERE kept.expires_at <= business_now()
    """
)


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

    For a transaction opened by `Database.bare`. Raises InProgress when the key is locked.
    """
    row = (
        await tx.sql.execute(
            _OPEN, {**context_of(tx.caller, tx.request_id), "route": route, "key": key}
        )
    ).one()
    if not row.locked:
        raise InProgress
    if row.status is None:
        return None
    body = tx.keyring.open_sealed(row.body_sealed, _place(tx.caller.actor, route, key))
    return Kept(row.fingerprint, row.status, body, row.etag, row.location)


async def keep(tx: Tx, route: str, key: str, answer: Kept) -> None:
    """Keep an answer for 30 days, in the transaction of its effect."""
    await tx.sql.execute(
        _KEEP,
        {
            "principal": tx.caller.actor,
            "route": route,
            "key": key,
            "fingerprint": answer.fingerprint,
            "status": answer.status,
            "body": tx.keyring.seal(answer.body, _place(tx.caller.actor, route, key)),
            "etag": answer.etag,
            "location": answer.location,
        },
    )


def _place(principal: str, route: str, key: str) -> str:
    return f"idempotency.body_sealed.{principal}|{route}|{key}"
