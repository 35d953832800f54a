"""One JSON line per event, ours and every library's, on the standard error stream."""

import logging
import sys
from typing import TextIO

import structlog
from structlog.typing import FilteringBoundLogger, Processor

from app.observe.redaction import redact
from app.observe.retries import watch_retries
from app.observe.traces import describe_error

_UVICORN = ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi")
_TALKATIVE = ("httpx", "httpcore", "asyncio")  # their informational lines carry addresses

_CLEAN: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    describe_error,
    redact,  # before any handler sees the event, whoever adds one
)


# Until a process says where its lines go they are plain ones; what they leave out is the same.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        describe_error,
        redact,
        structlog.dev.ConsoleRenderer(colors=False),
    ]
)


def configure_logs(level: str = "info", stream: TextIO | None = None) -> None:
    """Send all logging of this process through one JSON formatter. Safe to call again.

    `level` is debug, info, warning or error; `stream` defaults to standard error. Start uvicorn
    with `log_config=None`, or it takes its lines back.
    """
    structlog.configure(
        processors=[*_CLEAN, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_CLEAN,
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
    structlog.contextvars.bind_contextvars(request_id=request_id, **facts)


def forget_request() -> None:
    """Take everything off again, at the end of a request or job."""
    structlog.contextvars.clear_contextvars()


def request_id() -> str | None:
    """Give the request id of this task, if one was bound."""
    found = structlog.contextvars.get_contextvars().get("request_id")
    return found if isinstance(found, str) else None
