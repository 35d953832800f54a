"""The inbox of callbacks: stored once as they came, settled later; nothing is ever thrown away."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from asyncpg import Record

from app.crypto import Keyring
from app.db.events import COUNTED, EVERYWHERE, NewEvent, write_act
from app.db.rows import fields_of, record, sql
from app.db.session import Database, Tx, context_of
from app.domain.caller import Caller

_KEEP = """
    SELECT row_id, first_sha256, fresh
    FROM keep_callback($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
"""
_CONFLICT_KNOWN = sql(
    """
    SELECT 1 FROM event
    WHERE resource = 'callback' AND number = :number AND type = 'callback.conflict'
      AND detail ->> 'sha256' = :sha256
    """
)
_HOLD = sql("SELECT id FROM callback_event WHERE id = :id FOR UPDATE")
_READ = sql(
    """
    SELECT id, insurer_code, event_id, type, claim_no, state, reason, received_at, settled_at
    FROM callback_event WHERE id = :id
    """
)
_OPEN = sql(
    """
    SELECT id, insurer_code, event_id, body_sealed, type, claim_no, state, reason, received_at,
           settled_at
    FROM callback_event
    WHERE insurer_code = :insurer_code AND claim_no = :claim_no AND state IN ('received', 'parked')
    ORDER BY id FOR UPDATE
    """
)
_SETTLE = sql(
    """
    UPDATE callback_event SET state = :state, reason = :reason, settled_at = business_now()
    WHERE id = :id
    """
)
_WAITING = sql(
    """
    SELECT DISTINCT c.insurer_code, c.claim_no FROM callback_event AS c
    WHERE c.state = 'received' AND c.claim_no IS NOT NULL
      AND c.received_at < business_now() - CAST(:waiting AS interval)
      AND NOT EXISTS (
        SELECT FROM job AS j WHERE j.kind = :kind AND j.state = 'ready'
          AND j.subject = c.insurer_code || '/' || c.claim_no)
    ORDER BY 1, 2 LIMIT 1000
    """
)
_LIST = sql(
    """
    SELECT id, insurer_code, event_id, type, claim_no, state, reason, received_at, settled_at
    FROM callback_event
    WHERE (CAST(:state AS text) IS NULL OR state = :state)
      AND (CAST(:claim_no AS text) IS NULL OR claim_no = :claim_no)
      AND (CAST(:before AS bigint) IS NULL OR id < :before)
    ORDER BY id DESC LIMIT :limit
    """
)


@dataclass(frozen=True, slots=True)
class Filed:
    """Under which type and claim a callback is filed.

    `unusable` is a state and its reason for one that no job can apply: it is kept all the same.
    """

    type: str | None
    claim_no: str | None
    unusable: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a delivery: its row, whether it is new, and the digest kept first."""

    id: int
    fresh: bool
    body_sha256: bytes


@dataclass(frozen=True, slots=True)
class CallbackRow:
    """One stored callback without its body; instants are UTC."""

    id: int
    insurer_code: str
    event_id: str
    type: str | None
    claim_no: str | None
    state: str
    reason: str | None
    received_at: datetime
    settled_at: datetime | None


async def store_callback(
    tx: Tx, insurer_code: str, event_id: str, body: bytes, sha256: bytes, filed: Filed
) -> Stored:
    """Store a verified callback once, with the job that applies it; the caller is the insurer."""
    context = context_of(tx.caller, tx.request_id).values()
    told = _told(tx.keyring, insurer_code, event_id, body, sha256, filed)
    return _stored(await tx.row(_KEEP, *context, *told))


async def store_at_once(
    database: Database,
    insurer: Caller,
    request_id: str | None,
    event_id: str,
    body: bytes,
    sha256: bytes,
    filed: Filed,
) -> Stored:
    """Store a callback as `store_callback` does and commit, in one round trip."""
    assert insurer.insurer is not None, "a callback is an insurer's"
    told = _told(database.keyring, insurer.insurer, event_id, body, sha256, filed)
    return _stored(await database.tell(insurer, request_id, _KEEP, *told))


def _told(
    keyring: Keyring, insurer_code: str, event_id: str, body: bytes, sha256: bytes, filed: Filed
) -> tuple[object, ...]:
    state, reason = filed.unusable or ("received", None)
    sealed = keyring.seal(body, _place(insurer_code, event_id))
    return event_id, sha256, sealed, filed.type, filed.claim_no, state, reason


def _stored(row: Record | None) -> Stored:
    assert row is not None, "it is stored, by us or by whoever was first"
    return Stored(row["row_id"], row["fresh"], row["first_sha256"])


async def note_conflict(tx: Tx, callback_id: int, insurer_code: str, sha256: bytes) -> None:
    """Write the security event of another body under a known event id, once per body."""
    await tx.sql.execute(_HOLD, {"id": callback_id})
    same = {"number": str(callback_id), "sha256": sha256.hex()}
    if (await tx.sql.execute(_CONFLICT_KNOWN, same)).one_or_none() is None:
        await write_act(
            tx,
            NewEvent(
                "callback",
                str(callback_id),
                COUNTED,
                "callback.conflict",
                EVERYWHERE,
                insurer_code=insurer_code,
                detail={"sha256": sha256.hex()},
            ),
        )


async def hold_callback(tx: Tx, callback_id: int) -> CallbackRow | None:
    """Hold a callback until the end of the transaction and give it; None when unseen."""
    await tx.sql.execute(_HOLD, {"id": callback_id})
    row = (await tx.sql.execute(_READ, {"id": callback_id})).one_or_none()
    return None if row is None else record(CallbackRow, row)


async def open_callbacks(
    tx: Tx, insurer_code: str, claim_no: str
) -> list[tuple[CallbackRow, bytes]]:
    """Give and hold the unsettled callbacks of one claim with their bodies, oldest first."""
    rows = await tx.sql.execute(_OPEN, {"insurer_code": insurer_code, "claim_no": claim_no})
    opened = []
    for row in rows:
        fields = fields_of(row)
        sealed = fields.pop("body_sealed")
        callback = CallbackRow(**fields)
        body = tx.keyring.open_sealed(sealed, _place(insurer_code, callback.event_id))
        opened.append((callback, body))
    return opened


async def settle_callback(tx: Tx, callback_id: int, state: str, reason: str | None) -> None:
    """Set what became of a callback: applied, ignored_stale, parked or failed, and why."""
    await tx.sql.execute(_SETTLE, {"id": callback_id, "state": state, "reason": reason})


async def list_callbacks(
    tx: Tx, *, state: str | None, claim_no: str | None, before: int | None, limit: int
) -> list[CallbackRow]:
    """Give callbacks, newest first."""
    rows = await tx.sql.execute(
        _LIST, {"state": state, "claim_no": claim_no, "before": before, "limit": limit}
    )
    return [CallbackRow(**fields_of(row)) for row in rows]


def _place(insurer_code: str, event_id: str) -> str:
    return f"callback_event.body_sealed.{insurer_code}|{event_id}"


async def left_waiting(tx: Tx, waiting: timedelta, kind: str) -> list[tuple[str, str]]:
    """Give (insurer, claim number) of callbacks unapplied for so long, with no such job waiting."""
    rows = await tx.sql.execute(_WAITING, {"waiting": waiting, "kind": kind})
    return [(row.insurer_code, row.claim_no) for row in rows]
