"""What leaves the interface: told in the description, and in the headers of each answer."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from typing import Any

from starlette.types import Scope

DEPRECATION = "x-deprecation"
NOTICE_DAYS_MIN = 365


def leaving(
    since: date, until: date, instead: str, extra: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Give the arguments that declare a route as one that leaves, as in `**leaving(…)`.

    It is deprecated from `since` on and may be gone from `until` on (days in UTC); `instead` names
    what to use; `extra` is what the route's `openapi_extra` holds besides. A member alone is marked
    with `json_schema_extra={"deprecated": True}`. Raises ValueError when clients get less than a
    year.
    """
    if (until - since).days < NOTICE_DAYS_MIN:
        raise ValueError(f"clients are given {NOTICE_DAYS_MIN} days")
    told = {"since": since.isoformat(), "until": until.isoformat(), "instead": instead}
    return {"deprecated": True, "openapi_extra": {**(extra or {}), DEPRECATION: told}}


def leaving_headers(scope: Scope) -> list[tuple[bytes, bytes]]:
    """Give Deprecation (RFC 9745) and Sunset (RFC 8594) when the route that answers leaves."""
    extra = getattr(scope.get("route"), "openapi_extra", None)
    if extra is None or DEPRECATION not in extra:
        return []
    since, until = (
        datetime.combine(date.fromisoformat(extra[DEPRECATION][name]), time(), UTC)
        for name in ("since", "until")
    )
    return [
        (b"deprecation", b"@%d" % since.timestamp()),
        (b"sunset", format_datetime(until, usegmt=True).encode()),
    ]
