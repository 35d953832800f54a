"""One JSON line per event, ours and every library's, on the standard error stream."""

import contextlib
import json
import logging
import sys
from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import TextIO

import structlog
from structlog.typing import FilteringBoundLogger, Processor

from app.observe.redaction import redact
from app.observe.retries import watch_retries
from app.observe.traces import describe_error

_UVICORN = ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi")
_TALKATIVE = ("httpx", "httpcore", "asyncio")  # their informational lines carry addresses

# What stands on every line of a task. One variable and not one per fact: a line is written for
# each request, and looking through all variables of a task costs more than the line.
_BOUND: ContextVar[dict[str, str] | None] = ContextVar("relief_bound", default=None)
_encode = json.JSONEncoder(ensure_ascii=False, default=repr).encode


def _merge_bound(
    _logger: object, _method: str, event: MutableMapping[str, object]
) -> MutableMapping[str, object]:
    """Put what is bound to the task beside an event's own facts (a structlog processor)."""
    return {**(_BOUND.get() or {}), **event}


_CLEAN: tuple[Processor, ...] = (
    _merge_bound,
    describe_error,
    redact,  # before any handler sees the event, whoever adds one
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
)


# Until a process says where its lines go they are plain ones; what they leave out is the same.
structlog.configure(processors=[*_CLEAN, structlog.dev.ConsoleRenderer(colors=False)])


class _Lines:
    """Where our own events go, straight to the stream: the way through a record, a handler and a
    formatter costs several times the line. Libraries' records take that way."""

    def __init__(self, name: str, stream: TextIO | None) -> None:
        """None: the standard error stream of the moment."""
        self.name = name
        self._stream = stream

    def msg(self, line: str) -> None:
        """Write one line in one piece, so that lines of several threads never mix.

        A stream that is gone (closed, a broken pipe, a full disk) stops nobody's work.
        """
        stream = self._stream or sys.stderr
        with contextlib.suppress(OSError, ValueError):
            stream.write(f"{line}\n")
            stream.flush()

    debug = info = warning = error = critical = msg


def _as_line(logger: _Lines, _method: str, event: MutableMapping[str, object]) -> str:
    """Write an event as JSON (the last structlog processor)."""
    return _encode({"logger": logger.name, **event})


def configure_logs(level: str = "info", stream: TextIO | None = None) -> None:
    """Send all logging of this process to one stream as JSON lines. Safe to call again.

    `level` is debug, info, warning or error; `stream` defaults to standard error. Start uvicorn
    with `log_config=None`, or it takes its lines back.
    """
    structlog.configure(
        processors=[*_CLEAN, _as_line],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda name="": _Lines(name, stream),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *_CLEAN],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in _UVICORN:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    watch_retries()


def get_logger(name: str) -> FilteringBoundLogger:
    """Give a logger. Events are dotted words (`claim.assessed`), facts are members beside them."""
    logger: FilteringBoundLogger = structlog.get_logger(name)
    return logger


def bind_request(request_id: str, **facts: str) -> None:
    """Put the request id (and facts without personal data) on every line of this task."""
    _BOUND.set({**(_BOUND.get() or {}), "request_id": request_id, **facts})


def forget_request() -> None:
    """Take everything off again, at the end of a request or job."""
    _BOUND.set(None)


def request_id() -> str | None:
    """Give the request id of this task, if one was bound."""
    return (_BOUND.get() or {}).get("request_id")
