"""Receive a callback: verify the raw bytes, store them once, answer; nothing is applied here."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from app.db.inbox import Filed, note_conflict, store_at_once
from app.db.insurers import callback_keys
from app.db.session import Database
from app.domain.callback import Unreadable
from app.domain.caller import AREA_END, Caller, Role
from app.domain.errors import CallbackConflict, CallbackUnreadable, SignatureInvalid
from app.outside.insurers import DIALECTS, Dialect

MOST_CHARACTERS = 64
NO_OBJECT = frozenset({"not_json", "not_a_form", "duplicate_keys"})


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to a delivery: its event id, and whether it had been delivered before."""

    event_id: str
    duplicate: bool


async def receive_callback(
    database: Database,
    insurer_code: str,
    headers: Mapping[str, str],
    raw: bytes,
    request_id: str | None = None,
) -> Receipt:
    """Verify with every active key of the insurer, and store once by (insurer, event id).

    `headers` has lower-case names. Raises SignatureInvalid (also for an insurer nobody knows),
    TimestampSkew, CallbackConflict when the same event came before with another body, and
    CallbackUnreadable for what is no JSON object. The last two are raised after the commit: the
    bytes, or the security event, stay.
    """
    caller = Caller(Role.INSURER, 0, AREA_END, f"insurer:{insurer_code}", insurer_code)
    digest = sha256(raw).digest()
    known = await callback_keys(database, caller, request_id)
    if known is None:
        raise SignatureInvalid("webhook-signature")
    dialect = DIALECTS[known.dialect]
    # By the database's clock: those of the machines that serve may differ.
    verified = dialect.verify(raw, headers, known.keys, known.real_now)
    filed = file_under(dialect, raw)
    stored = await store_at_once(
        database, caller, request_id, verified.event_id, raw, digest, filed
    )
    if not stored.fresh and stored.body_sha256 != digest:
        async with database.transaction(caller, request_id) as tx:
            await note_conflict(tx, stored.id, insurer_code, digest)
        raise CallbackConflict(
            "同一事件号此前已送达，内容不同；以首次为准，已记为安全事件。",
            "The same event id came before with another body; the first one stands.",
        )
    if filed.unusable is not None and filed.unusable[0] == "failed":
        raise CallbackUnreadable
    return Receipt(verified.event_id, duplicate=not stored.fresh)


def file_under(dialect: Dialect, raw: bytes) -> Filed:
    """Read type and claim number, for filing only; what cannot be read is kept all the same."""
    try:
        body = json.loads(dialect.to_event(raw))
    except (ValueError, RecursionError):
        return Filed(None, None, ("failed", "not_json"))
    except Unreadable as unreadable:
        # Its words are not the contract's: a person must look, and the sender cannot do better.
        state = "failed" if unreadable.reason in NO_OBJECT else "parked"
        return Filed(None, None, (state, unreadable.reason))
    if not isinstance(body, dict):
        return Filed(None, None, ("failed", "not_json"))
    data = body.get("data")
    claim_no = _label(data.get("claim_no")) if isinstance(data, dict) else None
    unusable = ("parked", "claim_no_missing") if claim_no is None else None
    return Filed(_label(body.get("type")), claim_no, unusable)


def _label(value: object) -> str | None:
    if isinstance(value, str) and value.isascii() and value.isprintable():
        return value if len(value) <= MOST_CHARACTERS else None
    return None
