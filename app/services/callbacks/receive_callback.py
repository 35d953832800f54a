"""Receive a callback: verify the raw bytes, store them once, answer; nothing is applied here."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from app.db.inbox import store_callback
from app.db.insurers import active_secrets
from app.db.session import Database
from app.domain.caller import AREA_END, Caller, Role
from app.domain.errors import CallbackConflict, SignatureInvalid
from app.outside.signatures import verify

MOST_CHARACTERS = 64


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
    """Verify with every active secret of the insurer, and store once by (insurer, event id).

    `headers` has lower-case names. Raises SignatureInvalid (also for an insurer nobody knows),
    TimestampSkew, and CallbackConflict when the same event came before with another body.
    """
    caller = Caller(Role.INSURER, 0, AREA_END, f"insurer:{insurer_code}", insurer_code)
    async with database.transaction(caller, request_id) as tx:
        secrets = await active_secrets(tx, insurer_code, "in")
        if not secrets:
            raise SignatureInvalid("webhook-signature")
        verified = verify(raw, headers, secrets)
        digest = sha256(raw).digest()
        type_, claim_no = _labels(raw)
        stored = await store_callback(
            tx,
            insurer_code,
            verified.event_id,
            raw,
            digest,
            type_=type_,
            claim_no=claim_no,
        )
        if not stored.fresh and stored.body_sha256 != digest:
            raise CallbackConflict(
                "同一事件号此前已送达，内容不同；以首次为准，已记为安全事件。",
                "The same event id came before with another body; the first one stands.",
            )
        return Receipt(verified.event_id, duplicate=not stored.fresh)


def _labels(raw: bytes) -> tuple[str | None, str | None]:
    """Read type and claim number, for filing only; what cannot be read is kept all the same."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return None, None
    data = body.get("data") if isinstance(body, dict) else None
    claim_no = data.get("claim_no") if isinstance(data, dict) else None
    return _label(body.get("type") if isinstance(body, dict) else None), _label(claim_no)


def _label(value: object) -> str | None:
    if isinstance(value, str) and value.isascii() and value.isprintable():
        return value if len(value) <= MOST_CHARACTERS else None
    return None
