"""Notifications of a gateway: form fields, signed by it; read into our words."""

import json
import re
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from app.domain.callback import Unreadable
from app.domain.errors import SignatureInvalid, TimestampSkew
from app.outside.insurers.form.signing import signed_text, vouched
from app.outside.insurers.form.words import event_of
from app.outside.signatures import TOLERANCE_SECONDS, Verified
from app.outside.strict_json import NotStrictJson, parse_object

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIELDS_MAX = 40
_NOTIFY_ID = re.compile(r"[!-~]{1,200}")
_STAMP = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}", re.ASCII)


def verify(
    raw: bytes, headers: Mapping[str, str], keys: Sequence[str], now: float | None = None
) -> Verified:
    """Check a notification against every active key of its gateway.

    `now` is seconds of the real clock. Raises SignatureInvalid, which names the field, and
    TimestampSkew beyond 300 seconds either way.
    """
    del headers  # all that counts is in the body
    try:
        fields = _fields(raw)
    except Unreadable:
        raise SignatureInvalid("sign") from None
    if not _NOTIFY_ID.fullmatch(fields.get("notify_id", "")):
        raise SignatureInvalid("notify_id")
    at = _instant(fields.get("timestamp", ""))
    if fields.get("sign_type") != "RSA2":
        raise SignatureInvalid("sign_type")
    if abs((time.time() if now is None else now) - at.timestamp()) > TOLERANCE_SECONDS:
        raise TimestampSkew(TOLERANCE_SECONDS)
    if not vouched(signed_text(fields), fields.get("sign", ""), keys):
        raise SignatureInvalid("sign")
    return Verified(fields["notify_id"], at)


def to_event(raw: bytes) -> bytes:
    """Give the JSON of a notification in our words. Raises Unreadable."""
    fields = _fields(raw)
    try:
        biz = parse_object(fields.get("biz_content", "").encode())
    except NotStrictJson:
        raise Unreadable("not_json") from None
    event = event_of(fields.get("method", ""), biz)
    data = event["data"]
    assert isinstance(data, dict)
    told = {name: value for name, value in data.items() if value is not None}
    stamped = event | {"timestamp": fields.get("timestamp", ""), "data": told}
    return json.dumps(stamped, ensure_ascii=False, separators=(",", ":")).encode()


def _fields(raw: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=FIELDS_MAX,
        )
    except ValueError:
        raise Unreadable("not_a_form") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Unreadable("duplicate_keys")
    return fields


def _instant(stamp: str) -> datetime:
    if not _STAMP.fullmatch(stamp):
        raise SignatureInvalid("timestamp")
    try:
        local = datetime.fromisoformat(stamp)
    except ValueError:
        raise SignatureInvalid("timestamp") from None
    return local.replace(tzinfo=SHANGHAI).astimezone(UTC)
