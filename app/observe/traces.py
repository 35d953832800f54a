"""Errors in the log: what kind, where, caused by what; never their message.

A message quotes what went wrong: the value that was no number, the row that was there already, the
parameters of a statement. Any of it may be a person's, and no pattern finds a name. So a line
carries the error's type, its machine-readable codes and the places it came through.
"""

import sys
import traceback
from collections.abc import MutableMapping
from types import TracebackType

FRAMES_MAX = 30
CAUSES_MAX = 5
_CODES = ("code", "sqlstate", "errno", "status_code")


def describe_error(
    _logger: object, _method: str, event: MutableMapping[str, object]
) -> MutableMapping[str, object]:
    """Put `error` in place of `exc_info` (a structlog processor)."""
    found = event.pop("exc_info", None)
    error: BaseException | None = None
    if isinstance(found, BaseException):
        error = found
    elif isinstance(found, tuple):
        error = found[1]
    elif found:
        error = sys.exception()
    if error is not None:
        event["error"] = _chain(error)
    event.pop("stack", None)
    return event


def _chain(error: BaseException) -> list[dict[str, object]]:
    """Describe an error and what it came from, the last one first."""
    described: list[dict[str, object]] = []
    current: BaseException | None = error
    while current is not None and len(described) < CAUSES_MAX:
        described.append(_one(current))
        hidden = None if current.__suppress_context__ else current.__context__
        current = current.__cause__ or hidden
    return described


def _one(error: BaseException) -> dict[str, object]:
    kind = type(error)
    described: dict[str, object] = {"type": f"{kind.__module__}.{kind.__qualname__}"}
    for name in _CODES:
        value = getattr(error, name, None)
        if isinstance(value, str | int):
            described[name] = value
    described["at"] = _places(error.__traceback__)
    return described


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-FRAMES_MAX:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
